package store

import (
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// Reader reads what one transaction or snapshot sees.
type Reader struct{ from source }

// source is what Pebble, or a transaction that may have written, gives to read.
type source interface {
	// Get gives a value that is borrowed until closer, which may be nil, is closed.
	Get(key []byte) (value []byte, closer io.Closer, err error)
	NewIter(o *pebble.IterOptions) (*pebble.Iterator, error)
}

// Get appends the value of a key to dst.
func (r Reader) Get(key, dst []byte) (value []byte, found bool, err error) {
	v, closer, err := r.from.Get(key)
	if err != nil {
		return dst, false, unlessNotFound(err)
	}
	dst = append(dst, v...)
	return dst, true, closed(closer)
}

// Has reports whether a key is there.
func (r Reader) Has(key []byte) (bool, error) {
	_, closer, err := r.from.Get(key)
	if err != nil {
		return false, unlessNotFound(err)
	}
	return true, closed(closer)
}

func unlessNotFound(err error) error {
	if errors.Is(err, pebble.ErrNotFound) {
		return nil
	}
	return err
}

func closed(c io.Closer) error {
	if c == nil {
		return nil
	}
	return c.Close()
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
