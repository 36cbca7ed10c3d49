package fleet

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// race is a world for two applications.
func race(t *testing.T, seed uint64) *world.World {
	t.Helper()
	p := newPool(seed)
	w, err := world.New(t.Context(), world.Config{Seed: seed, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered, Keys: p.key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// must is for what has to succeed before a race begins.
func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sim is a new SIM.
func sim(t *testing.T, w *world.World, who *world.Person) *world.SIM {
	t.Helper()
	s, err := w.Carriers["minato"].Sell(t.Context(), who.Name)
	return must(t, s, err)
}

// ending is how an application has ended.
type ending struct {
	phone *world.Phone
	err   error
}

// run has lives race, and counts the certificates that came of it. Whoever got none has
// seen a code of the catalogue.
func run(t *testing.T, w *world.World, name string, after time.Duration, does ...func(ctx context.Context) ending) {
	t.Helper()
	ends := make([]ending, len(does))
	var lives []world.Life
	for i, do := range does {
		lives = append(lives, world.Life{After: time.Duration(i) * after, Do: func(ctx context.Context) error { ends[i] = do(ctx); return nil }})
	}
	if err := w.Together(t.Context(), lives...); err != nil {
		t.Fatal(name, err)
	}
	if err := w.Pass(t.Context(), 25*time.Hour); err != nil {
		t.Fatal(name, err)
	}
	if err := w.Invariants(t.Context()); err != nil {
		t.Error(name, err)
	}
	certificates := 0
	for _, s := range w.SIMs() {
		traces, err := s.Traces(t.Context())
		if err != nil {
			t.Error(name, err)
			continue
		}
		if traces.Phase == jpki.Active {
			certificates++
		}
	}
	if certificates > 1 {
		t.Errorf("%s: %d SIMs have an active key", name, certificates)
	}
	for i := range ends {
		e := &ends[i]
		if errors.Is(e.err, world.ErrEndless) { // without SIM: it hears of the end with another one
			if e.err = e.phone.Put(t.Context(), sim(t, w, e.phone.Owner)); e.err == nil {
				e.err = e.phone.Follow(t.Context(), time.Hour)
			}
		}
		if code, ok := catalogued(e.err); e.err != nil && !ok {
			t.Errorf("%s: %s ended with %q: %v", name, e.phone.Name, code, e.err)
		}
	}
	t.Logf("%s: %d certificates; %v; %v", name, certificates, ends[0].err, ends[1].err)
}

// enrols applies to the end.
func enrols(p *world.Phone, signer *world.Person) func(ctx context.Context) ending {
	return func(ctx context.Context) ending {
		if err := p.Begin(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
			return ending{p, err}
		}
		if err := p.Sign(ctx, signer); err != nil {
			return ending{p, err}
		}
		return ending{p, p.Finish(ctx, world.PIN)}
	}
}

// races are models of two phones, and how long after the first application the second
// may begin to be at the same time.
var races = []struct {
	models [2]string
	after  []time.Duration
}{
	{[2]string{relays[0], relays[0]}, seconds(0, 1, 2, 3, 5, 7, 9, 11, 13, 15, 17, 19)},
	{[2]string{byHand, relays[0]}, seconds(0, 10, 20, 30, 45, 60, 90, 120, 150, 180, 210, 240)},
	{[2]string{byHand, byHand}, seconds(0, 30, 60, 120, 180, 240, 300, 400)},
}

func seconds(all ...time.Duration) []time.Duration {
	for i := range all {
		all[i] *= time.Second
	}
	return all
}

// One person applies on two phones at once: one at most comes to a certificate.
func TestTwoPhonesOfOnePerson(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-008", "SPEC-WORKFLOW-001")
	for _, r := range races {
		for n, after := range r.after {
			w := race(t, uint64(n+1))
			who, err := w.Resident(t.Context(), 1)
			who = must(t, who, err)
			var does []func(context.Context) ending
			for _, model := range r.models {
				p, err := w.Phone(t.Context(), who, sim(t, w, who), world.PhoneConfig{Model: model})
				does = append(does, enrols(must(t, p, err), who))
			}
			run(t, w, fmt.Sprintf("%v later, %v", after, r.models), after, does...)
		}
	}
}

// Two persons apply for one SIM: the second takes it out of the first's phone at any
// moment of the first's application.
func TestTwoPersonsForOneSIM(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-008")
	for _, r := range races[:2] {
		for n, after := range r.after {
			w := race(t, uint64(n+100))
			a, err := w.Resident(t.Context(), 1)
			a = must(t, a, err)
			b, err := w.Resident(t.Context(), 2)
			b = must(t, b, err)
			s := sim(t, w, a)
			first, err := w.Phone(t.Context(), a, s, world.PhoneConfig{Model: r.models[0]})
			first = must(t, first, err)
			second, err := w.Phone(t.Context(), b, sim(t, w, b), world.PhoneConfig{})
			second = must(t, second, err)
			takes := func(ctx context.Context) ending {
				if err := first.Stop(); err != nil {
					return ending{second, err}
				}
				if err := second.Put(ctx, s); err != nil {
					return ending{second, err}
				}
				return enrols(second, b)(ctx)
			}
			run(t, w, fmt.Sprintf("%v later, %v", after, r.models), after, enrols(first, a), takes)
		}
	}
}
