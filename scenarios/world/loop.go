package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	phone "inkan/sim/handset"
)

// maxTurns bounds how often a server says that there is more, at one time.
const maxTurns = 10_000

// maxFaults bounds how often in a row a server's turn may fail.
const maxFaults = 20

// shortest is how long a server that was just asked is left alone.
const shortest = time.Second

// turn has every server do what is due, until none has more to do, and starts those
// that are dead.
func (w *World) turn(ctx context.Context) error {
	for n, again := 0, true; again; n++ {
		if n > maxTurns {
			return errors.New("world: the servers have no end of work")
		}
		again = false
		for _, p := range w.order {
			if err := p.revive(ctx); err != nil {
				return fmt.Errorf("world: %s does not start again: %w", p.party, err)
			}
			if w.Plan.Turn != nil && w.Plan.Turn(p.party) {
				p.kill()
				again = true
				continue
			}
			if idle, err := p.idle(ctx, w.Now()); idle && err == nil {
				continue
			}
			more, err := p.work(ctx, w.Now())
			if p.dead {
				again = true
				continue
			}
			if err != nil {
				if p.faults++; p.faults > maxFaults || ctx.Err() != nil {
					return fmt.Errorf("world: %s: %w", p.party, err)
				}
				continue
			}
			p.faults = 0
			again = again || more
		}
		if err := w.audit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// networks are the networks, each once.
func (w *World) networks() (all []*phone.Network) {
	for _, name := range w.Config.Carriers {
		if c := w.Carriers[name]; c.Profile.Host == "" || w.Carriers[c.Profile.Host] == nil {
			all = append(all, c.Network)
		}
	}
	return all
}

// next is when something happens by itself, counted from the beginning of the world;
// radio: it is on a network.
func (w *World) next(ctx context.Context) (at time.Duration, radio, ok bool, err error) {
	now := w.Clock.Elapsed()
	for _, m := range w.later {
		if !ok || m.at < at {
			at, radio, ok = max(m.at, now), m.radio, true
		}
	}
	for _, n := range w.networks() {
		if t, there := n.Queue.Next(); there && (!ok || t < at) {
			at, radio, ok = max(t, now), true, true
		}
	}
	for _, p := range w.order {
		due, err := p.next(ctx)
		if err != nil {
			return 0, false, false, fmt.Errorf("world: %s: %w", p.party, err)
		}
		if due.IsZero() {
			continue
		}
		t := max(due.Sub(w.Clock.start), now+shortest)
		if !ok || t < at {
			at, radio, ok = t, false, true
		}
	}
	return at, radio, ok, nil
}

// advance lets time go by until a moment, and has arrive what arrives by then.
func (w *World) advance(ctx context.Context, to time.Duration, cause Cause) error {
	w.pass(cause, to-w.Clock.Elapsed())
	if err := w.sync(ctx); err != nil {
		return err
	}
	return w.audit(ctx)
}

// sync brings the networks to the clock's time, which may have gone on since.
func (w *World) sync(ctx context.Context) error {
	if err := w.arrive(ctx); err != nil {
		return err
	}
	for _, n := range w.networks() {
		if err := n.Run(ctx, max(w.Clock.Elapsed(), 1)); err != nil {
			return err
		}
	}
	w.read()
	return nil
}

// Pass lets time go by, with all that happens meanwhile.
func (w *World) Pass(ctx context.Context, d time.Duration) error {
	return w.until(ctx, d, OnWaiting, func() (bool, error) { return false, nil })
}

// Until lets time go by until something is so, for at most so long, and reports
// whether it came to be.
func (w *World) Until(ctx context.Context, limit time.Duration, done func() (bool, error)) (bool, error) {
	came := false
	err := w.until(ctx, limit, OnWaiting, func() (bool, error) {
		is, err := done()
		came = is
		return is, err
	})
	return came, err
}

func (w *World) until(ctx context.Context, limit time.Duration, idle Cause, done func() (bool, error)) error {
	if w.task != nil {
		return w.task.until(ctx, limit, done)
	}
	return w.drive(ctx, limit, idle, done)
}

// drive lets the world go on until something is so, for at most so long.
func (w *World) drive(ctx context.Context, limit time.Duration, idle Cause, done func() (bool, error)) error {
	end := w.Clock.Elapsed() + limit
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.sync(ctx); err != nil {
			return err
		}
		if err := w.turn(ctx); err != nil {
			return err
		}
		if is, err := done(); is || err != nil {
			return err
		}
		at, radio, ok, err := w.next(ctx)
		if err != nil {
			return err
		}
		switch {
		case w.Clock.Elapsed() >= end:
			return nil
		case !ok || at > end:
			return w.advance(ctx, end, w.idleCause(idle))
		case radio:
			err = w.advance(ctx, at, OnSMS)
		default:
			err = w.advance(ctx, at, w.idleCause(idle))
		}
		if err != nil {
			return err
		}
	}
}

// idleCause is what waiting is for: short messages while some are on their way.
func (w *World) idleCause(idle Cause) Cause {
	for _, n := range w.networks() {
		if _, there := n.Queue.Next(); there {
			return OnSMS
		}
	}
	return idle
}
