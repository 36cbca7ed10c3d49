package store

import (
	"bytes"
	"fmt"
	"sync"

	"inkan/tsm/store/codec"
)

// Rows is what can be read of a table whose rows of type V have keys of type K.
type Rows[K, V any] struct {
	code byte
	name string
	// size is the length of an encoded key; 0: it varies.
	size    int
	append  func(dst []byte, key K) []byte
	keyOf   func(*V) K
	rowOf   func(*V) checkedRow
	indexes []*entries[V]
	spare   sync.Pool // of rows that are compared with what takes their place
	// follows says why a row must not become another; may be nil.
	follows func(old, new *V) error
	// free says why a row must not be deleted; may be nil.
	free func(r Reader, old *V) error
	// moves changes in the same step what depends on a row that has become another;
	// may be nil.
	moves func(tx *Tx, old, new *V) error
}

// checkedRow is a row with the rules that hold of it.
type checkedRow interface {
	codec.Row
	Valid() error
}

// rowPointer is the pointer to a row.
type rowPointer[V any] interface {
	*V
	checkedRow
}

// Table is a table that steps change.
type Table[K, V any] struct{ Rows[K, V] }

func newTable[K, V any, P rowPointer[V]](code byte, name string, appendKey func([]byte, K) []byte, keyOf func(*V) K) *Table[K, V] {
	t := &Table[K, V]{Rows[K, V]{code: code, name: name, append: appendKey, keyOf: keyOf, rowOf: func(v *V) checkedRow { return P(v) }}}
	tables = append(tables, &t.Rows)
	return t
}

// Name is the table's name in errors and reports.
func (t *Rows[K, V]) Name() string { return t.name }

// Get reads a row.
func (t *Rows[K, V]) Get(r Reader, key K) (v V, found bool, err error) {
	view, prefix, err := r.view()
	if err != nil {
		return v, false, err
	}
	w := borrow(r)
	defer w.back(r, w.arena)
	k := w.close(t.append(w.key(prefix, t.code), key))
	value, found, err := w.read(r, view, k)
	if err == nil && found {
		err = fail(r, t.decode(w, k[keyed:], value, &v))
	}
	return v, found && err == nil, err
}

// Scan calls each for all rows in the order of their keys, and ends with the
// first error, which it returns. The row is valid until each returns. Memory does
// not depend on the number of rows. Spec: SPEC-STORE-014.
func (t *Rows[K, V]) Scan(r Reader, do func(*V) error) error {
	return t.scan(r, nil, nil, func(_ []byte, v *V) error { return do(v) })
}

func (t *Rows[K, V]) scan(r Reader, from, to []byte, do func(rest []byte, v *V) error) error {
	v := new(V)
	return each(r, t.code, from, to, func(rest, value []byte) error {
		w := borrow(r)
		err := t.decode(w, rest, value, v)
		w.back(r, w.arena)
		if err != nil {
			return err
		}
		return do(rest, v)
	})
}

// decode reads a row and compares its key with the one it stands under.
// Spec: SPEC-STORE-060.
func (t *Rows[K, V]) decode(w *work, rest, value []byte, v *V) error {
	return t.stands(w, rest, v, codec.Decode(value, t.rowOf(v)))
}

// stands is the error of a row that was read, or stands under the key of another.
func (t *Rows[K, V]) stands(w *work, rest []byte, v *V, err error) error {
	if err != nil {
		return fmt.Errorf("%w: %s: key %X: %w", ErrCorrupt, t.name, rest, err)
	}
	if !bytes.Equal(rest, t.append(w.open(), t.keyOf(v))) {
		return corruptf("%s: key %X has the row of another key", t.name, rest)
	}
	return nil
}

// Put writes a row, new or in the place of the one of its key.
// Spec: SPEC-STORE-010, SPEC-STORE-012.
func (t *Table[K, V]) Put(tx *Tx, v *V) error { return t.put(tx, v, true) }

// Insert writes a row whose key is not there yet, else *ConflictError.
func (t *Table[K, V]) Insert(tx *Tx, v *V) error { return t.put(tx, v, false) }

func (t *Table[K, V]) put(tx *Tx, v *V, replace bool) error {
	if _, _, err := tx.view(); err != nil {
		return err
	}
	w := tx.work
	defer w.back(tx, w.arena)
	if err := t.rowOf(v).Valid(); err != nil {
		return &RowError{t.name, err}
	}
	key := w.close(t.append(w.key(tx.prefix, t.code), t.keyOf(v)))
	value, err := codec.Append(w.open(), t.rowOf(v))
	if err != nil {
		return &RowError{t.name, err}
	}
	value = w.close(value)
	oldValue, old, err := t.old(tx, key)
	if old != nil {
		defer t.spare.Put(old)
	}
	switch {
	case err != nil:
		return err
	case old != nil && !replace:
		return &ConflictError{Table: t.name}
	case bytes.Equal(oldValue, value):
		return nil
	case old != nil && t.follows != nil:
		if err := t.follows(old, v); err != nil {
			return &RowError{t.name, err}
		}
	}
	if err := t.reindex(tx, key[keyed:], old, v); err != nil {
		return err
	}
	if err := tx.write(key, oldValue, value); err != nil || old == nil || t.moves == nil {
		return err
	}
	return t.moves(tx, old, v)
}

// reindex moves the entries of a row in all indexes, or none: old and v are the row
// before and after.
func (t *Table[K, V]) reindex(tx *Tx, rest []byte, old, v *V) error {
	for _, x := range t.indexes {
		if err := x.admits(tx, rest, old, v); err != nil {
			return err
		}
	}
	for _, x := range t.indexes {
		if err := x.change(tx, rest, old, v); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a row, else ErrNotFound.
func (t *Table[K, V]) Delete(tx *Tx, key K) error {
	if _, _, err := tx.view(); err != nil {
		return err
	}
	w := tx.work
	defer w.back(tx, w.arena)
	k := w.close(t.append(w.key(tx.prefix, t.code), key))
	oldValue, old, err := t.old(tx, k)
	if err != nil {
		return err
	}
	if old == nil {
		return fmt.Errorf("%w in %s", ErrNotFound, t.name)
	}
	defer t.spare.Put(old)
	if t.free != nil {
		if err := t.free(tx, old); err != nil {
			return err
		}
	}
	for _, x := range t.indexes {
		if err := x.change(tx, k[keyed:], old, nil); err != nil {
			return err
		}
	}
	return tx.write(k, oldValue, nil)
}

// Change reads a row, has it changed and writes it; ErrNotFound when it is not
// there.
func (t *Table[K, V]) Change(tx *Tx, key K, change func(*V) error) error {
	v, found, err := t.Get(tx, key)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%w in %s", ErrNotFound, t.name)
	}
	if err := change(&v); err != nil {
		return err
	}
	if !bytes.Equal(t.append(nil, key), t.append(nil, t.keyOf(&v))) {
		return &RowError{t.name, fmt.Errorf("change of a row's own key")}
	}
	return t.Put(tx, &v)
}

// old reads the row that is there before a change, into memory of the table's; nil:
// none.
func (t *Table[K, V]) old(tx *Tx, key []byte) (value []byte, v *V, err error) {
	value, found, err := tx.work.read(tx, tx.tx.Reader, key)
	if err != nil || !found {
		return nil, nil, err
	}
	v, _ = t.spare.Get().(*V)
	if v == nil {
		v = new(V)
	}
	if err := t.stands(tx.work, key[keyed:], v, codec.Refill(value, t.rowOf(v))); err != nil {
		return nil, nil, tx.fail(err)
	}
	return value, v, nil
}
