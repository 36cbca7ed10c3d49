package serve

import (
	"context"
	"errors"
	"time"
)

// works is a service manager.
type works interface {
	Work(ctx context.Context, now time.Time) (more bool, err error)
	NextDue(ctx context.Context) (time.Time, error)
}

// Pauses of a worker.
const (
	shortest = 100 * time.Millisecond // after work that is due still
	longest  = time.Minute            // whatever is due
	faulted  = time.Second            // after an error, doubled up to longest
)

// worker has a manager do what is due: when it is due, and when something has come.
type worker struct {
	name    string
	manager works
	fault   func(error)
	came    chan struct{} // at most one
}

func newWorker(name string, m works, fault func(error)) *worker {
	return &worker{name, m, fault, make(chan struct{}, 1)}
}

// wake says that something has come.
func (w *worker) wake() {
	select {
	case w.came <- struct{}{}:
	default:
	}
}

// run works until the context ends. Spec: SPEC-SERVE-006.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	pause := faulted
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.came:
		case <-timer.C:
		}
		next, err := w.turn(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			w.fault(err)
			next, pause = pause, min(2*pause, longest)
		} else {
			pause = faulted
		}
		timer.Reset(next)
	}
}

// turn does what is due, and says when something is again.
func (w *worker) turn(ctx context.Context) (next time.Duration, err error) {
	for more := true; more; {
		if more, err = w.manager.Work(ctx, time.Now()); err != nil || ctx.Err() != nil {
			return 0, err
		}
	}
	due, err := w.manager.NextDue(ctx)
	if err != nil || due.IsZero() {
		return longest, err
	}
	return min(max(time.Until(due), shortest), longest), nil
}
