package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"inkan/server/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Reader is what rows are read through: a *Tx or a *Snapshot. It shows one
// tenant.
type Reader interface {
	// view is the tenant's part of the store; ErrOver after the end.
	view() (store.Reader, []byte, error)
}

// Tx is a step under way. It reads what it has written, but a scan shows the rows
// as they were when the scan began. Not for concurrent use.
type Tx struct {
	tx     *store.Tx
	prefix []byte
	work   *work
	tenant *Tenant
	now    time.Time
	head   row.Head
	loaded row.Head
	// failed is a failure of the store: the step is lost, whatever its function says.
	failed error
	over   bool
}

func (t *Tx) view() (store.Reader, []byte, error) {
	if t.over {
		return store.Reader{}, nil, ErrOver
	}
	return t.tx.Reader, t.prefix, t.failed
}

// Now is the time of the step: the clock's, and never before the last entry of the
// audit trail.
func (t *Tx) Now() time.Time { return t.now }

// begin takes up where the audit trail ends.
func (t *Tx) begin(head *row.Head, clock time.Time) {
	t.head, t.loaded = *head, *head
	t.now = clock.Round(0).UTC() // without the monotonic clock, which the trail does not have
	if t.now.Before(t.head.At) {
		t.now = t.head.At
	}
}

// finish ends the use of the step.
func (t *Tx) finish() { t.over = true }

// end writes the audit entries and the head.
func (t *Tx) end() error {
	if t.failed != nil {
		return t.failed
	}
	if err := t.close(); err != nil {
		return err
	}
	if t.head == t.loaded {
		return nil
	}
	value, err := codec.Append(t.work.open(), &t.head)
	if err != nil {
		return err
	}
	value = t.work.close(value)
	return t.tx.Put(t.work.key(t.prefix, codeHead), value)
}

// fail notes a failure that loses the step.
func (t *Tx) fail(err error) error {
	if err = corrupt(err); t.failed == nil {
		t.failed = err
	}
	return err
}

// write puts a row in the place of the one that is there now, old; nil: none. The
// sum of all rows follows. Spec: SPEC-STORE-042.
func (t *Tx) write(key, old, value []byte) error {
	if old != nil {
		t.head.Rows.Remove(key, old)
	}
	var err error
	if value == nil {
		err = t.tx.Delete(key)
	} else {
		t.head.Rows.Add(key, value)
		err = t.tx.Put(key, value)
	}
	if err != nil {
		return t.fail(err)
	}
	return nil
}

func headKey(prefix []byte) []byte { return append(prefix[:tenantLen:tenantLen], codeHead) }

func readHead(r store.Reader, prefix []byte) (h row.Head, err error) {
	value, found, err := r.Get(headKey(prefix), nil)
	if err != nil {
		return h, corrupt(err)
	}
	if !found {
		return h, corruptf("a tenant without head")
	}
	if err := codec.Decode(value, &h); err != nil {
		return h, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return h, nil
}

// Snapshot is a tenant's part of the store at one moment: what whole steps have
// left and no crash can undo. Safe for concurrent use.
type Snapshot struct {
	snapshot *store.Snapshot
	prefix   []byte
	watch    *watch // nil: it does not know the floors
	head     row.Head
	ended    chan struct{}
}

func (s *Snapshot) view() (store.Reader, []byte, error) {
	select {
	case <-s.ended:
		return store.Reader{}, nil, ErrOver
	default:
		return s.snapshot.Reader, s.prefix, nil
	}
}

// each walks over the keys of a tenant's table or index: from and to are what
// follows its code; a nil to is no bound but the table's.
func each(r Reader, code byte, from, to []byte, do func(rest, value []byte) error) error {
	view, prefix, err := r.view()
	if err != nil {
		return err
	}
	table := append(prefix[:tenantLen:tenantLen], code)
	lower := append(table[:len(table):len(table)], from...)
	upper := store.After(table)
	if to != nil {
		upper = append(table[:len(table):len(table)], to...)
	}
	if upper != nil && bytes.Compare(lower, upper) >= 0 {
		return nil
	}
	var done error // by do
	err = view.Scan(lower, upper, func(key, value []byte) error {
		done = do(key[len(table):], value)
		return done
	})
	if done == nil {
		return lose(r, err)
	}
	return fail(r, err)
}

// lose marks a transaction that could not read as lost.
func lose(r Reader, err error) error {
	if t, ok := r.(*Tx); ok && err != nil {
		return t.fail(err)
	}
	return corrupt(err)
}

// fail marks a transaction that has met corruption as lost.
func fail(r Reader, err error) error {
	if err = corrupt(err); err == nil {
		return nil
	}
	if t, ok := r.(*Tx); ok && errors.Is(err, ErrCorrupt) {
		return t.fail(err)
	}
	return err
}

// get reads the value of a key of a tenant's table or index.
func get(r Reader, code byte, rest []byte) (value []byte, found bool, err error) {
	view, prefix, err := r.view()
	if err != nil {
		return nil, false, err
	}
	key := append(append(prefix[:tenantLen:tenantLen], code), rest...)
	if value, found, err = view.Get(key, nil); err == nil && found && value == nil {
		value = []byte{}
	}
	return value, found, lose(r, err)
}
