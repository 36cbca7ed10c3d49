package world

import (
	"container/heap"
	"context"
	"errors"
	"iter"
	"time"
)

// Life is something that goes on beside others.
type Life struct {
	After time.Duration // when it begins, counted from the beginning of Together
	Do    func(ctx context.Context) error
}

// ErrEnded: what a life waits for does not come any more, since another one has failed.
var ErrEnded = errors.New("world: the others have ended")

// Together has lives go on at the same time: one of them at any moment, the one that
// has waited for its moment longest, and time goes on while all wait. What a life
// spends on cards and connections is its own time; what servers say to each other is
// everybody's. The same lives come in the same order each time. It ends with the last
// life or with the first error.
func (w *World) Together(ctx context.Context, lives ...Life) (err error) {
	if w.task != nil {
		return errors.New("world: lives within a life")
	}
	queue := &tasks{}
	for i, life := range lives {
		queue.all = append(queue.all, newTask(ctx, w, i, life))
	}
	heap.Init(queue)
	defer func() {
		for _, t := range queue.all {
			t.end()
		}
	}()
	for len(queue.all) > 0 {
		t := queue.all[0]
		if wait := t.wake - w.Clock.Elapsed(); wait > 0 {
			err = w.drive(ctx, wait, OnWaiting, func() (bool, error) { return false, nil })
		} else {
			err = w.turn(ctx)
		}
		if err != nil {
			return err
		}
		if t.resume() {
			heap.Fix(queue, 0)
			continue
		}
		heap.Pop(queue)
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// task is a life under way.
type task struct {
	w      *World
	number int
	wake   time.Duration
	owes   time.Duration // time that it has spent and not waited for
	next   func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	ended  bool
	err    error
}

func newTask(ctx context.Context, w *World, number int, life Life) *task {
	t := &task{w: w, number: number, wake: w.Clock.Elapsed() + life.After}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		t.err = life.Do(ctx)
	})
	return t
}

// resume has the life go on to where it waits; more is false at its end.
func (t *task) resume() (more bool) {
	t.w.task = t
	_, more = t.next()
	t.w.task = nil
	return more
}

// end ends a life that waits.
func (t *task) end() {
	t.w.task = t
	t.stop()
	t.w.task = nil
}

// sleep waits for a time beyond what the life owes.
func (t *task) sleep(d time.Duration) error {
	t.wake, t.owes = t.w.Clock.Elapsed()+t.owes+d, 0
	if t.ended || !t.yield(struct{}{}) {
		t.ended = true
		return ErrEnded
	}
	return nil
}

// spend is time that the life takes for itself. Others go on meanwhile, except where
// servers speak to each other: nobody comes in between there.
func (t *task) spend(cause Cause, d time.Duration) {
	t.owes += d
	if cause != OnServer {
		_ = t.sleep(0) // the next wait says that it has ended
	}
}

// Between two looks at whether something has come: the first, and the longest.
const (
	firstLook   = 2 * time.Second
	longestLook = 2 * time.Minute
)

// until waits until something is so, for at most so long.
func (t *task) until(ctx context.Context, limit time.Duration, done func() (bool, error)) error {
	end := t.w.Clock.Elapsed() + t.owes + limit
	for look := firstLook; ; look = min(look+look/2, longestLook) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if is, err := done(); is || err != nil {
			return err
		}
		left := end - t.w.Clock.Elapsed() - t.owes
		if left <= 0 {
			return t.sleep(0)
		}
		if err := t.sleep(min(look, left)); err != nil {
			return err
		}
	}
}

// tasks is a heap of lives by the moment at which they go on.
type tasks struct{ all []*task }

// Len implements heap.Interface.
func (q *tasks) Len() int { return len(q.all) }

// Less implements heap.Interface.
func (q *tasks) Less(i, j int) bool {
	a, b := q.all[i], q.all[j]
	return a.wake < b.wake || a.wake == b.wake && a.number < b.number
}

// Swap implements heap.Interface.
func (q *tasks) Swap(i, j int) { q.all[i], q.all[j] = q.all[j], q.all[i] }

// Push implements heap.Interface.
func (q *tasks) Push(x any) { q.all = append(q.all, x.(*task)) }

// Pop implements heap.Interface.
func (q *tasks) Pop() any {
	last := q.all[len(q.all)-1]
	q.all = q.all[:len(q.all)-1]
	return last
}
