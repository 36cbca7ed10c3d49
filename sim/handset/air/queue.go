package air

import (
	"container/heap"
	"time"
)

// Queue is what is on its way, by time of arrival: simulated time moves by taking
// from it. What arrives at the same time comes in the order of pushing. The zero
// value is empty, at time 0. Not for concurrent use.
type Queue[T any] struct {
	items entries[T]
	now   time.Duration
	count uint64
}

type entry[T any] struct {
	at    time.Duration
	order uint64
	value T
}

type entries[T any] []entry[T]

func (e entries[T]) Len() int { return len(e) }
func (e entries[T]) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e entries[T]) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries[T]) Push(x any)   { *e = append(*e, x.(entry[T])) }
func (e *entries[T]) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// Now is the simulated time: that of what was taken last, or to which it was moved.
func (q *Queue[T]) Now() time.Duration { return q.now }

// Len is how much is on its way.
func (q *Queue[T]) Len() int { return len(q.items) }

// Push has a value arrive after a time from now; a time below zero is now.
func (q *Queue[T]) Push(after time.Duration, value T) {
	q.count++
	heap.Push(&q.items, entry[T]{q.now + max(after, 0), q.count, value})
}

// Next is when the next value arrives; ok is false when nothing is on its way.
func (q *Queue[T]) Next() (at time.Duration, ok bool) {
	if len(q.items) == 0 {
		return 0, false
	}
	return q.items[0].at, true
}

// Pop takes what arrives next, and moves the time there; ok is false when nothing is
// on its way. Spec: SPEC-HANDSET-015.
func (q *Queue[T]) Pop() (value T, ok bool) {
	if len(q.items) == 0 {
		return value, false
	}
	e := heap.Pop(&q.items).(entry[T])
	q.now = max(q.now, e.at)
	return e.value, true
}

// Skip drops what arrives next, without time moving, as long as it is dead.
func (q *Queue[T]) Skip(dead func(T) bool) {
	for len(q.items) > 0 && dead(q.items[0].value) {
		heap.Pop(&q.items)
	}
}

// Advance lets time pass. What would have arrived meanwhile arrives then.
func (q *Queue[T]) Advance(d time.Duration) { q.now += max(d, 0) }
