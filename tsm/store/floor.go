package store

import (
	"bytes"
	"sync"
)

// Indexes by time, which entries leave at the front: what has left costs whoever
// looks for the first entry a walk over it, until Pebble has compacted it away.
const (
	floorWorkflows = iota + 1
	floorLanes
	floorApplications
	floored
)

// bounds are keys of indexes, by floor; empty: none.
type bounds [floored][]byte

// before reports whether a key is before a bound, or there is none.
func (b *bounds) before(floor int, key []byte) bool {
	return len(b[floor]) == 0 || bytes.Compare(key, b[floor]) < 0
}

// lower makes a key the bound if it is before it, in memory of its own: others may
// have the one of before.
func (b *bounds) lower(floor int, key []byte) {
	if b.before(floor, key) {
		b[floor] = bytes.Clone(key)
	}
}

// note is lower into the memory of the bound of before.
func (b *bounds) note(floor int, key []byte) {
	if b.before(floor, key) {
		b[floor] = append(b[floor][:0], key...)
	}
}

// floors know of each such index of a tenant a key before which it has no entry.
// They are of memory only: after Open the first look finds them again.
// Spec: SPEC-STORE-016.
type floors struct {
	mutex   sync.Mutex
	at      bounds // none: the beginning
	watches map[*watch]bool
}

// watch is what a view needs to know of the floors: those of its time, and what
// came since.
type watch struct {
	tenant *Tenant
	steps  uint64 // that the snapshot has at least
	from   bounds
	came   bounds // the least entry that came since
}

// watch begins before the snapshot is taken that it is of.
func (t *Tenant) watch() *watch {
	w := &watch{tenant: t, steps: t.fronts.count()}
	f := &t.floors
	f.mutex.Lock()
	defer f.mutex.Unlock()
	w.from = f.at
	f.watches[w] = true
	return w
}

func (w *watch) end() {
	f := &w.tenant.floors
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.watches, w)
}

// lower notes the least entries that a step adds, before it is applied: no
// snapshot has them yet.
func (f *floors) lower(came *bounds) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for floor, key := range came {
		if len(key) == 0 {
			continue
		}
		if len(f.at[floor]) > 0 {
			f.at.lower(floor, key)
		}
		for w := range f.watches {
			w.came.lower(floor, key)
		}
	}
}

// floor is a key before which the snapshot of the watch has no entry.
func (w *watch) floor(floor int) []byte {
	w.tenant.floors.mutex.Lock()
	defer w.tenant.floors.mutex.Unlock()
	return w.came.least(floor, w.from[floor])
}

// raise notes that the snapshot of the watch has no entry before a key. What came
// since may be before it.
func (w *watch) raise(floor int, key []byte) {
	f := &w.tenant.floors
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !w.came.before(floor, key) {
		key = w.came[floor]
	}
	if bytes.Compare(key, f.at[floor]) > 0 {
		f.at[floor] = bytes.Clone(key)
	}
}

// least is the lower one of a floor, of which none is the lowest, and the bound.
func (b *bounds) least(floor int, of []byte) []byte {
	if b.before(floor, of) {
		return of
	}
	return b[floor]
}

// floorOf is a key before which a reader finds no entry of an index, and what to
// tell when it has found the first one; nil: nothing.
func floorOf(r Reader, floor int) (from []byte, raise func(key []byte)) {
	if floor == 0 {
		return nil, nil
	}
	switch r := r.(type) {
	case *Snapshot:
		if r.watch != nil {
			from, raise = r.watch.floor(floor), func(key []byte) { r.watch.raise(floor, key) }
		}
	case *Tx: // what it takes away may come back when it fails: it raises nothing
		f := &r.tenant.floors
		f.mutex.Lock()
		defer f.mutex.Unlock()
		from = r.work.came.least(floor, f.at[floor])
	}
	if len(from) == 0 {
		from = beforeAll
	}
	return from, raise
}

// No entry of an index by time is before beforeAll, nor behind afterAll.
var beforeAll, afterAll = make([]byte, 8), []byte{0xFF}
