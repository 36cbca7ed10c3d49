package store

import (
	"bytes"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// Tx is a transaction: it reads what it has written.
type Tx struct {
	Reader
	writes  writes
	applied func()
}

// writes is what a transaction has written, before the store. Few writes that are
// not scanned, as most are, have no index: each read looks through all of them.
type writes struct {
	db    *pebble.DB
	batch *pebble.Batch
}

// unindexed is how many writes a batch may have without an index.
const unindexed = 32

func newTx(db *pebble.DB) *Tx {
	t := &Tx{writes: writes{db, db.NewBatch()}}
	t.Reader = Reader{&t.writes}
	return t
}

// Put sets a key's value. Both are copied.
func (t *Tx) Put(key, value []byte) error {
	if err := t.writes.room(); err != nil {
		return err
	}
	return t.writes.batch.Set(key, value, nil)
}

// Delete removes a key, which need not be there.
func (t *Tx) Delete(key []byte) error {
	if err := t.writes.room(); err != nil {
		return err
	}
	return t.writes.batch.Delete(key, nil)
}

// Applied has a function called when the transaction is applied, and before
// another one begins. It is not called when it fails.
func (t *Tx) Applied(do func()) { t.applied = do }

// room gives a batch that becomes long an index.
func (w *writes) room() error {
	if w.batch.Count() < unindexed {
		return nil
	}
	return w.index()
}

// index puts the writes into a batch that has an index of them.
func (w *writes) index() error {
	if w.batch.Indexed() {
		return nil
	}
	plain := w.batch
	w.batch = w.db.NewIndexedBatch()
	if err := w.batch.Apply(plain, nil); err != nil {
		return err
	}
	return plain.Close()
}

// Get implements source.
func (w *writes) Get(key []byte) (value []byte, closer io.Closer, err error) {
	if w.batch.Indexed() {
		return w.batch.Get(key)
	}
	var last pebble.InternalKeyKind
	written := false
	if !w.batch.Empty() {
		for r := w.batch.Reader(); ; {
			kind, k, v, ok, err := r.Next()
			if err != nil {
				return nil, nil, err
			}
			if !ok {
				break
			}
			if bytes.Equal(k, key) {
				last, value, written = kind, v, true
			}
		}
	}
	switch {
	case !written:
		return w.db.Get(key)
	case last == pebble.InternalKeyKindDelete:
		return nil, nil, pebble.ErrNotFound
	}
	return value, nil, nil
}

// NewIter implements source.
func (w *writes) NewIter(o *pebble.IterOptions) (*pebble.Iterator, error) {
	if w.batch.Empty() {
		return w.db.NewIter(o)
	}
	if err := w.index(); err != nil {
		return nil, err
	}
	return w.batch.NewIter(o)
}
