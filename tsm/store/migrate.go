package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"inkan/server/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Schema is the number of the layout that this program reads and writes.
const Schema = 4

// migration brings a store from one schema to the next, by one pass over one
// table.
type migration struct {
	table byte
	// row brings one row up to date: its new value, and entries of indexes to add.
	row func(rest, value []byte) (migrated, error)
}

type migrated struct {
	value []byte // nil: as it is
	adds  []added
}

// added is an entry of an index: its key without the tenant.
type added struct{ key, value []byte }

// migrations are the steps from schema 1 on. None is ever changed or removed.
var migrations = [Schema - 1]migration{
	{codeWorkflows, workflowGetsSubject},
	{codeServices, serviceBySE},
	{codePrograms, programsAreNew},
}

// batchRows is how many rows one batch of a migration brings up to date.
var batchRows = 1000

// migrate makes the schema of an empty store, or brings that of an earlier one up
// to date. Each batch notes how far it went. Spec: SPEC-STORE-080,
// SPEC-STORE-081, SPEC-STORE-082.
func (s *Store) migrate(ctx context.Context) error {
	schema, err := s.schema(ctx)
	for err == nil && schema != Schema {
		if schema > Schema {
			return fmt.Errorf("store: schema %d is newer than %d, the latest that this program knows", schema, Schema)
		}
		var done bool
		if done, err = s.migrateBatch(ctx, schema); done {
			schema++
		}
	}
	return corrupt(err)
}

// schema reads the number of the schema, and writes it into an empty store.
func (s *Store) schema(ctx context.Context) (schema uint32, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		value, found, err := tx.Get(sysKey(codeSchema, ""), nil)
		if err != nil {
			return err
		}
		if found {
			var ok bool
			if schema, ok = number(value); !ok || schema == 0 {
				return corruptf("schema of %d bytes, want a number of 4", len(value))
			}
			return nil
		}
		err = tx.Scan(nil, nil, func(key, _ []byte) error { return corruptf("no schema, though the store has key %X", key) })
		schema = Schema
		return errors.Join(err, tx.Put(sysKey(codeSchema, ""), binary.BigEndian.AppendUint32(nil, Schema)))
	})
	return schema, err
}

// migrateBatch brings the next rows up to date; done when there are no more.
func (s *Store) migrateBatch(ctx context.Context, from uint32) (done bool, err error) {
	m := migrations[from-1]
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		cursor, _, err := tx.Get(sysKey(codeCursor, ""), nil)
		if err != nil {
			return err
		}
		last, err := m.batch(tx, cursor)
		if err != nil || last != nil {
			return errors.Join(err, tx.Put(sysKey(codeCursor, ""), last))
		}
		done = true
		return errors.Join(tx.Delete(sysKey(codeCursor, "")), tx.Put(sysKey(codeSchema, ""), binary.BigEndian.AppendUint32(nil, from+1)))
	})
	return done, err
}

// batch brings rows behind a cursor, of all tenants, up to date, and gives the
// last one's key; nil when there are no more.
func (m *migration) batch(tx *store.Tx, cursor []byte) (last []byte, err error) {
	number := uint32(1)
	if len(cursor) > tenantLen {
		number = binary.BigEndian.Uint32(cursor)
	}
	for ; ; number++ {
		prefix := tenantPrefix(number)
		there, err := tx.Has(headKey(prefix))
		if err != nil || !there {
			return nil, err
		}
		if last, err = m.tenant(tx, prefix, cursor); err != nil || last != nil {
			return last, err
		}
		cursor = nil
	}
}

// tenant is batch within one tenant.
func (m *migration) tenant(tx *store.Tx, prefix, cursor []byte) (last []byte, err error) {
	head, err := readHead(tx.Reader, prefix)
	if err != nil {
		return nil, err
	}
	table := append(prefix[:tenantLen:tenantLen], m.table)
	from := table
	if cursor != nil {
		from = append(bytes.Clone(cursor), 0)
	}
	n := 0
	err = tx.Scan(from, store.After(table), func(key, value []byte) error {
		up, err := m.row(key[len(table):], value)
		if err != nil {
			return fmt.Errorf("%w: key %X: %w", ErrCorrupt, key, err)
		}
		for _, x := range up.adds {
			err = errors.Join(err, tx.Put(append(prefix[:tenantLen:tenantLen], x.key...), x.value))
		}
		if up.value != nil {
			head.Rows.Remove(key, value)
			head.Rows.Add(key, up.value)
			err = errors.Join(err, tx.Put(key, up.value))
		}
		if n++; err == nil && n == batchRows {
			last = bytes.Clone(key)
			return ErrStop
		}
		return err
	})
	if err = unlessStopped(err); err != nil {
		return nil, err
	}
	value, err := codec.Append(nil, &head)
	return last, errors.Join(err, tx.Put(headKey(prefix), value))
}

// workflow1 is a workflow of schema 1: it had no subject.
type workflow1 struct{ row.Workflow }

// Version implements codec.Row.
func (*workflow1) Version() byte { return 1 }

// Fields implements codec.Row.
func (w *workflow1) Fields(f *codec.Fields) {
	f.Raw("ID", w.ID[:])
	codec.Text(f, "kind", &w.Kind)
	codec.Enum(f, "state", &w.State, row.WorkflowRunning, row.WorkflowCancelled)
	f.Uint32("step", &w.Step)
	f.Uint32("cursor", &w.Cursor)
	f.Uint32("attempts", &w.Attempts)
	f.Time("begun", &w.Begun)
	f.Time("changed", &w.Changed)
	f.Time("next", &w.Next)
	f.Time("deadline", &w.Deadline)
	codec.Text(f, "failure", &w.Failure)
	f.Bytes("data", &w.Data)
}

// workflowGetsSubject is schema 2: workflows have a subject, none for those from
// before.
func workflowGetsSubject(_, value []byte) (m migrated, err error) {
	var w workflow1
	if err := codec.Decode(value, &w); err != nil {
		return m, err
	}
	m.value, err = codec.Append(nil, &w.Workflow)
	return m, err
}

// serviceBySE is schema 3: service instances are found by their SIM.
func serviceBySE(rest, value []byte) (m migrated, err error) {
	var s row.Service
	if err := codec.Decode(value, &s); err != nil {
		return m, err
	}
	m.adds = []added{{append(append([]byte{codeOfSE}, s.SE[:]...), rest...), bytes.Clone(rest)}}
	return m, nil
}

// programsAreNew is schema 4: workflows have programs, of which there was none
// before.
func programsAreNew(rest, _ []byte) (m migrated, err error) {
	return m, fmt.Errorf("program %X in a store of schema 3", rest)
}
