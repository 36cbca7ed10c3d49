package store

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// Reader reads what one transaction or snapshot sees.
type Reader struct{ from pebble.Reader }

// Get appends the value of a key to dst.
func (r Reader) Get(key, dst []byte) (value []byte, found bool, err error) {
	v, closer, err := r.from.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return dst, false, nil
	}
	if err != nil {
		return dst, false, err
	}
	dst = append(dst, v...)
	return dst, true, closer.Close()
}

// Has reports whether a key is there.
func (r Reader) Has(key []byte) (bool, error) {
	_, closer, err := r.from.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

// Scan calls each for the keys from lower, inclusive, to upper, exclusive, in
// ascending order, and ends with the first error, which it returns as it is. Key and value are borrowed
// until each returns. Memory does not depend on the number of keys.
func (r Reader) Scan(lower, upper []byte, each func(key, value []byte) error) (err error) {
	it, err := r.from.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	defer func() {
		if closed := it.Close(); err == nil {
			err = closed
		}
	}()
	for valid := it.First(); valid; valid = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := each(it.Key(), value); err != nil {
			return err
		}
	}
	return nil
}

// ScanPrefix is Scan of all keys that begin with the prefix.
func (r Reader) ScanPrefix(prefix []byte, each func(key, value []byte) error) error {
	return r.Scan(prefix, After(prefix), each)
}

// After is the least key behind all that begin with the prefix; nil, which is no
// bound, when there is none.
func After(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] != 0xFF {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}

// Snapshot is an unchanging state of the store. Close releases it.
type Snapshot struct{ Reader }

// Close releases the snapshot.
func (s *Snapshot) Close() error { return s.from.(*pebble.Snapshot).Close() }

// Tx is a transaction: it reads what it has written.
type Tx struct{ Reader }

func (t *Tx) batch() *pebble.Batch { return t.from.(*pebble.Batch) }

// Put sets a key's value.
func (t *Tx) Put(key, value []byte) error { return t.batch().Set(key, value, nil) }

// Delete removes a key, which need not be there.
func (t *Tx) Delete(key []byte) error { return t.batch().Delete(key, nil) }
