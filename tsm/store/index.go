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
	floor  int // of floors; 0: none
	// of appends what a row is found by, or says that it is not in the index.
	of func(dst []byte, v *V) ([]byte, bool)
}

// entry appends the key of a row's entry without tenant and code, unless it has
// none.
func (x *entries[V]) entry(dst, rest []byte, v *V) (key []byte, in bool) {
	if v == nil {
		return dst, false
	}
	key, in = x.of(dst, v)
	if in && !x.unique {
		key = append(key, rest...)
	}
	return key, in
}

// admits checks that no other row has a unique entry, unless the row has it
// already: old is the row before, nil for none. Spec: SPEC-STORE-011.
func (x *entries[V]) admits(tx *Tx, rest []byte, old, v *V) error {
	if !x.unique {
		return nil
	}
	w := tx.work
	defer w.back(tx, w.arena)
	key, in := x.entry(w.key(tx.prefix, x.code), rest, v)
	if !in {
		return nil
	}
	key = w.close(key)
	if before, had := x.entry(w.key(tx.prefix, x.code), rest, old); had && bytes.Equal(key, before) {
		return nil
	}
	other, found, err := w.read(tx, tx.tx.Reader, key)
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
	w := tx.work
	defer w.back(tx, w.arena)
	before, had := x.entry(w.key(tx.prefix, x.code), rest, old)
	before = w.close(before)
	after, has := x.entry(w.key(tx.prefix, x.code), rest, v)
	if had == has && (!has || bytes.Equal(before, after)) {
		return nil
	}
	if had {
		if err := tx.tx.Delete(before); err != nil {
			return tx.fail(err)
		}
	}
	if has {
		if x.floor != 0 {
			tx.work.came.note(x.floor, after[keyed:])
		}
		if err := tx.tx.Put(after, rest); err != nil {
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
		return ErrStop
	})
	return v, found, unlessStopped(err)
}

// scan walks over entries and reads their rows. Spec: SPEC-STORE-016, SPEC-STORE-060.
func (x *Index[S, K, V]) scan(r Reader, from, to []byte, do func(rest []byte, v *V) error) error {
	v := new(V)
	floor, raise := floorOf(r, x.entries.floor)
	if bytes.Compare(from, floor) > 0 {
		raise = nil // it does not see all that there may be before from
	} else {
		from = floor
	}
	err := each(r, x.entries.code, from, to, func(rest, key []byte) error {
		if raise != nil {
			raise(rest)
			raise = nil
		}
		if err := fail(r, follow(r, x.rows, x.entries, rest, key, v)); err != nil {
			return err
		}
		return do(rest, v)
	})
	if raise != nil && err == nil {
		if to == nil {
			to = afterAll
		}
		raise(to)
	}
	return err
}

// follow reads the row of an entry, of which the entry has to follow.
func follow[K, V any](r Reader, t *Rows[K, V], x *entries[V], rest, key []byte, v *V) error {
	view, prefix, err := r.view()
	if err != nil {
		return err
	}
	w := borrow(r)
	defer w.back(r, w.arena)
	value, found, err := w.read(r, view, w.close(append(w.key(prefix, t.code), key...)))
	switch {
	case err != nil:
		return err
	case !found:
		return corruptf("index %s of %s: entry %X without row", x.name, t.name, rest)
	}
	if err := t.decode(w, key, value, v); err != nil {
		return err
	}
	if entry, in := x.entry(w.open(), key, v); !in || !bytes.Equal(entry, rest) {
		return corruptf("index %s of %s: entry %X does not follow from its row", x.name, t.name, rest)
	}
	return nil
}

// String is "index by phone of services".
func (e *entries[V]) String() string { return fmt.Sprintf("index %s", e.name) }
