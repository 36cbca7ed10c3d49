package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/jpki"
	"inkan/scenarios/world"
)

// Config is what a fleet is made of.
type Config struct {
	Phones int    // at least 1
	Seed   uint64 // everything follows from it
	Only   int    // number of the one phone that lives; 0: all do
	Calm   bool   // nothing goes wrong with messages and servers
	// Spacing is how long after one phone the next begins; zero: DefaultSpacing.
	Spacing time.Duration
	// World may change what the world is made of; nil: nothing.
	World func(*world.Config)
	// Told hears when a phone's life is over; nil: nobody does.
	Told func(ended int)
}

// DefaultSpacing has about a hundred phones under way at a time.
const DefaultSpacing = 20 * time.Second

// fleet is one that lives.
type fleet struct {
	Config
	w       *world.World
	pool    *pool
	weather *weather
	result  *Result
}

// Run has a fleet live, and makes sure of SPEC-WORKFLOW-001 to 006 at its end. The error
// is one of the whole fleet; what single phones fail with is in the result.
// Spec: SPEC-FLEET-001, SPEC-FLEET-002, SPEC-FLEET-004.
func Run(ctx context.Context, c Config) (_ *Result, err error) {
	if c.Phones < 1 || c.Only < 0 || c.Only > c.Phones {
		return nil, fmt.Errorf("fleet: phone %d of %d: want at least one, and one of them", c.Only, c.Phones)
	}
	if c.Spacing == 0 {
		c.Spacing = DefaultSpacing
	}
	f := &fleet{Config: c, pool: newPool(c.Seed), weather: newWeather(c.Seed, c.Calm)}
	f.result = newResult(c, f.weather.Faults)
	names := carriers(c.Seed)
	made := world.Config{Seed: c.Seed, Carriers: ordered(names), Origin: jpki.OriginDelivered, Origins: map[string]jpki.Origin{names[0]: jpki.OriginOnCard},
		LightDisks: true, Plan: f.weather.plan(), Keys: f.pool.key}
	if c.World != nil {
		c.World(&made)
	}
	began := time.Now()
	if f.w, err = world.New(ctx, made); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.w.Close()) }()
	if err := f.w.Together(ctx, f.lives()...); err != nil {
		return f.result, err
	}
	f.weather.calm = true
	if err := f.w.Pass(ctx, time.Hour); err != nil {
		return f.result, err
	}
	f.result.Simulated, f.result.Took = f.w.Clock.Elapsed(), time.Since(began)
	return f.result, f.w.Invariants(ctx)
}

// lives are those of the phones.
func (f *fleet) lives() (all []world.Life) {
	for n := 1; n <= f.Phones; n++ {
		if f.Only != 0 && f.Only != n {
			continue
		}
		d := draw(f.Seed, n, f.Spacing)
		begins := d.Begins
		if f.Only != 0 {
			begins = 0
		}
		all = append(all, world.Life{After: begins, Do: func(ctx context.Context) error { return f.live(ctx, d) }})
	}
	return all
}

// live has a phone live, and notes how it ended. The error is the whole fleet's.
func (f *fleet) live(ctx context.Context, d *Draft) error {
	l := &life{fleet: f, Draft: d}
	err := l.live(ctx)
	if errors.Is(err, world.ErrEnded) || ctx.Err() != nil {
		return err
	}
	f.result.ended(l, err)
	if f.Told != nil {
		f.Told(f.result.Ended)
	}
	return nil
}
