package store

import (
	"bytes"
	"fmt"

	"inkan/server/store"
)

// entries is one index of a table: entries that follow from its rows. The value
// of an entry is its row's key; in an index that is not unique, the entry's key
// ends with it too.
type entries[V any] struct {
	code   byte
	name   string
	unique bool
	// of appends what a row is found by, or says that it is not in the index.
	of func(dst []byte, v *V) ([]byte, bool)
}

// entry is the key of a row's entry without tenant and code; nil: it has none.
func (x *entries[V]) entry(rest []byte, v *V) []byte {
	if v == nil {
		return nil
	}
	key, in := x.of(nil, v)
	switch {
	case !in:
		return nil
	case !x.unique:
		key = append(key, rest...)
	}
	return key
}

// admits checks that no other row has a unique entry, unless the row has it
// already: old is the row before, nil for none. Spec: SPEC-STORE-011.
func (x *entries[V]) admits(tx *Tx, rest []byte, old, v *V) error {
	if !x.unique {
		return nil
	}
	key := x.entry(rest, v)
	if key == nil || old != nil && bytes.Equal(key, x.entry(rest, old)) {
		return nil
	}
	other, found, err := get(tx, x.code, key)
	if err != nil {
		return err
	}
	if found && !bytes.Equal(other, rest) {
		return &ConflictError{Table: tableOf[x.code], Index: x.name}
	}
	return nil
}

// change moves a row's entry: old and v are the row before and after, nil for
// none. Spec: SPEC-STORE-010.
func (x *entries[V]) change(tx *Tx, rest []byte, old, v *V) error {
	before, after := x.entry(rest, old), x.entry(rest, v)
	if bytes.Equal(before, after) && (before == nil) == (after == nil) {
		return nil
	}
	at := append(tx.prefix[:tenantLen:tenantLen], x.code)
	if before != nil {
		if err := tx.tx.Delete(append(at[:len(at):len(at)], before...)); err != nil {
			return tx.fail(err)
		}
	}
	if after != nil {
		if err := tx.tx.Put(append(at[:len(at):len(at)], after...), rest); err != nil {
			return tx.fail(err)
		}
	}
	return nil
}

// Index finds rows of a table by something else than their key.
type Index[S, K, V any] struct {
	rows    *Rows[K, V]
	entries *entries[V]
	append  func(dst []byte, by S) []byte
}

// tableOf names the table of each index, for errors.
var tableOf = map[byte]string{}

func newIndex[S, K, V any](t *Table[K, V], code byte, name string, unique bool, appendBy func([]byte, S) []byte, of func(*V) (S, bool)) *Index[S, K, V] {
	x := &entries[V]{code: code, name: name, unique: unique, of: func(dst []byte, v *V) ([]byte, bool) {
		by, in := of(v)
		if !in {
			return nil, false
		}
		return appendBy(dst, by), true
	}}
	t.indexes = append(t.indexes, x)
	tableOf[code] = t.name
	return &Index[S, K, V]{&t.Rows, x, appendBy}
}

// Scan calls each for all rows that are found by something, in the order of their
// keys. Memory does not depend on the number of rows.
func (x *Index[S, K, V]) Scan(r Reader, by S, do func(*V) error) error {
	lower := x.append(nil, by)
	if x.entries.unique {
		return x.scan(r, lower, append(lower[:len(lower):len(lower)], 0), func(_ []byte, v *V) error { return do(v) })
	}
	return x.scan(r, lower, store.After(lower), func(_ []byte, v *V) error { return do(v) })
}

// Range is Scan from something, inclusive, to something else, exclusive, in that
// order.
func (x *Index[S, K, V]) Range(r Reader, from, to S, do func(*V) error) error {
	return x.scan(r, x.append(nil, from), x.append(nil, to), func(_ []byte, v *V) error { return do(v) })
}

// First is the first row of Scan. In a unique index it is the only one.
func (x *Index[S, K, V]) First(r Reader, by S) (v V, found bool, err error) {
	err = x.Scan(r, by, func(row *V) error {
		v, found = *row, true
		return errStop
	})
	return v, found, unlessStopped(err)
}

// scan walks over entries and reads their rows. Spec: SPEC-STORE-060.
func (x *Index[S, K, V]) scan(r Reader, from, to []byte, do func(rest []byte, v *V) error) error {
	var v V
	return each(r, x.entries.code, from, to, func(rest, key []byte) error {
		if err := x.follow(r, rest, key, &v); err != nil {
			return err
		}
		return do(rest, &v)
	})
}

// follow reads the row of an entry, of which the entry has to follow.
func (x *Index[S, K, V]) follow(r Reader, rest, key []byte, v *V) error {
	return fail(r, follow(r, x.rows, x.entries, rest, key, v))
}

func follow[K, V any](r Reader, t *Rows[K, V], x *entries[V], rest, key []byte, v *V) error {
	value, found, err := get(r, t.code, key)
	switch {
	case err != nil:
		return err
	case !found:
		return corruptf("index %s of %s: entry %X without row", x.name, t.name, rest)
	}
	if err := t.decode(key, value, v); err != nil {
		return err
	}
	if !bytes.Equal(x.entry(key, v), rest) {
		return corruptf("index %s of %s: entry %X does not follow from its row", x.name, t.name, rest)
	}
	return nil
}

// String is "index by phone of services".
func (e *entries[V]) String() string { return fmt.Sprintf("index %s", e.name) }
