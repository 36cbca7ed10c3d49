package store

import (
	"sync"

	"inkan/server/store"
	"inkan/tsm/store/row"
)

// work is memory that is used again: what is built in it is good until the mark
// of before is set again. One user at a time.
type work struct {
	arena    []byte
	came     bounds // the least entries that the step has added to indexes
	fronts   []laneFront
	events   []pending
	exhibits []row.Exhibit
	ids      []row.SubjectID
	entry    row.Entry // of the event that is being noted
}

// Sizes of the arena in bytes.
const (
	arenaBytes   = 32 << 10
	arenaAtLeast = 1 << 10 // left, or there is a new arena
)

// clear frees everything.
func (w *work) clear() {
	w.arena = w.arena[:0]
	for i := range w.came {
		w.came[i] = w.came[i][:0]
	}
	clear(w.fronts)
	w.fronts = w.fronts[:0]
	clear(w.events)
	clear(w.exhibits)
	w.events, w.exhibits, w.entry = w.events[:0], w.exhibits[:0], row.Entry{}
}

// open gives an empty slice to append to, which close keeps.
func (w *work) open() []byte {
	if cap(w.arena)-len(w.arena) < arenaAtLeast {
		w.arena = make([]byte, 0, arenaBytes)
	}
	return w.arena[len(w.arena):]
}

// close keeps what was appended to what open gave last.
func (w *work) close(b []byte) []byte {
	if n := len(w.arena) + len(b); n <= cap(w.arena) { // else it has memory of its own
		w.arena = w.arena[:n]
	}
	return b[:len(b):len(b)]
}

// key opens a slice with the beginning of a key of a tenant's table or index.
func (w *work) key(prefix []byte, code byte) []byte { return append(append(w.open(), prefix...), code) }

// keyed is how much of a key key has written.
const keyed = tenantLen + 1

// reset frees what was built after the mark. An arena that is nearly full then gives
// way to the one that has followed it.
func (w *work) reset(mark []byte) {
	if cap(mark)-len(mark) >= arenaAtLeast || cap(mark) > 0 && &mark[:1][0] == &w.arena[:1][0] {
		w.arena = mark
		return
	}
	w.arena = w.arena[:0]
}

var works = sync.Pool{New: func() any { return new(work) }}

// borrow gives a reader's memory, until back.
func borrow(r Reader) *work {
	if t, ok := r.(*Tx); ok && t.work != nil {
		return t.work
	}
	return works.Get().(*work)
}

// back gives memory back, as it was marked.
func (w *work) back(r Reader, mark []byte) {
	w.reset(mark)
	if t, ok := r.(*Tx); !ok || t.work != w {
		works.Put(w)
	}
}

// read reads a whole key's value; it is good as long as what is built.
func (w *work) read(r Reader, view store.Reader, key []byte) (value []byte, found bool, err error) {
	value, found, err = view.Get(key, w.open())
	if err != nil || !found {
		return nil, found, lose(r, err)
	}
	return w.close(value), true, nil
}
