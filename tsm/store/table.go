package store

import (
	"bytes"
	"fmt"

	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
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
	rest := t.append(nil, key)
	value, found, err := get(r, t.code, rest)
	if err == nil && found {
		err = fail(r, t.decode(rest, value, &v))
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
	var v V
	return each(r, t.code, from, to, func(rest, value []byte) error {
		if err := t.decode(rest, value, &v); err != nil {
			return err
		}
		return do(rest, &v)
	})
}

// decode reads a row and compares its key with the one it stands under.
// Spec: SPEC-STORE-060.
func (t *Rows[K, V]) decode(rest, value []byte, v *V) error {
	if err := codec.Decode(value, t.rowOf(v)); err != nil {
		return fmt.Errorf("%w: %s: key %X: %w", ErrCorrupt, t.name, rest, err)
	}
	if !bytes.Equal(rest, t.append(nil, t.keyOf(v))) {
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
	if err := t.rowOf(v).Valid(); err != nil {
		return &RowError{t.name, err}
	}
	rest := t.append(nil, t.keyOf(v))
	value, err := codec.Append(make([]byte, 0, 256), t.rowOf(v))
	if err != nil {
		return &RowError{t.name, err}
	}
	oldValue, old, err := t.old(tx, rest)
	switch {
	case err != nil:
		return err
	case old != nil && !replace:
		return &ConflictError{Table: t.name}
	case old != nil && t.follows != nil:
		if err := t.follows(old, v); err != nil {
			return &RowError{t.name, err}
		}
	}
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
	if err := tx.write(t.key(tx, rest), oldValue, value); err != nil || old == nil || t.moves == nil {
		return err
	}
	return t.moves(tx, old, v)
}

// Delete removes a row, else ErrNotFound.
func (t *Table[K, V]) Delete(tx *Tx, key K) error {
	rest := t.append(nil, key)
	oldValue, old, err := t.old(tx, rest)
	if err != nil {
		return err
	}
	if old == nil {
		return fmt.Errorf("%w in %s", ErrNotFound, t.name)
	}
	if t.free != nil {
		if err := t.free(tx, old); err != nil {
			return err
		}
	}
	for _, x := range t.indexes {
		if err := x.change(tx, rest, old, nil); err != nil {
			return err
		}
	}
	return tx.write(t.key(tx, rest), oldValue, nil)
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

// old reads the row that is there before a change; nil: none.
func (t *Table[K, V]) old(tx *Tx, rest []byte) (value []byte, v *V, err error) {
	value, found, err := get(tx, t.code, rest)
	if err != nil || !found {
		return nil, nil, err
	}
	v = new(V)
	if err := t.decode(rest, value, v); err != nil {
		return nil, nil, tx.fail(err)
	}
	return value, v, nil
}

func (t *Table[K, V]) key(tx *Tx, rest []byte) []byte {
	return append(append(tx.prefix[:tenantLen:tenantLen], t.code), rest...)
}

func appendRow(r codec.Row) ([]byte, error) { return codec.Append(nil, r) }

func decodeRow(value []byte, r codec.Row) error { return codec.Decode(value, r) }

var _ codec.Row = (*row.Head)(nil)
