package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"inkan/core/tsmp"
	"inkan/server/store"
	"inkan/tsm/store/row"
)

// Report counts what Check has looked at, by tenant.
type Report map[tsmp.PartyID]*TenantReport

// TenantReport counts what a tenant has.
type TenantReport struct {
	Rows     map[string]uint64 // by table
	Indexed  uint64            // entries of indexes
	Entries  uint64            // of the audit trail
	Evidence uint64
	Anchor   Anchor // the end of the audit trail
}

// checked is a table that Check can read.
type checked interface {
	codes() (table byte, indexes []byte)
	Name() string
	check(c *checking, rest, value []byte) error
	checkEntry(c *checking, code byte, rest, value []byte) error
}

// Check reads the whole store, at one moment, and compares everything with
// everything: rows with their keys and rules, indexes with rows in both
// directions, the audit trail's chain with its evidence, its index and the anchors
// that were noted outside, all rows with the sum that the trail has, lanes with
// their messages, and messages with their workflows. Memory does not depend on the
// store's size. The error, which wraps ErrCorrupt, names the first thing that is
// wrong. Spec: SPEC-STORE-062, SPEC-STORE-063.
func (s *Store) Check(ctx context.Context, anchors ...Anchor) (Report, error) {
	if nested() {
		return nil, ErrNested
	}
	snapshot, err := s.store.Snapshot(ctx)
	if err != nil {
		return nil, corrupt(err)
	}
	defer snapshot.Close()
	report := Report{}
	tenants := s.sorted()
	for _, a := range anchors {
		if !slices.ContainsFunc(tenants, func(t *Tenant) bool { return t.name == a.Tenant }) {
			return report, corruptf("tenant %s is missing, which an anchor names", a.Tenant)
		}
	}
	for _, t := range tenants {
		c := &checking{ctx: ctx, tenant: t.name, Snapshot: &Snapshot{snapshot: snapshot, prefix: t.prefix, ended: make(chan struct{})}}
		report[t.name] = &c.report
		if err := c.run(anchors); err != nil {
			return report, fmt.Errorf("tenant %s: %w", t.name, corrupt(err))
		}
	}
	stray := func(key, _ []byte) error { return corruptf("key %X of no tenant", key) }
	err = snapshot.Scan(nil, tenantPrefix(1), func(key, _ []byte) error {
		if len(key) > tenantLen && bytes.IndexByte([]byte{codeSchema, codeTenants, codeCursor, codeMarker}, key[tenantLen]) >= 0 {
			return nil
		}
		return stray(key, nil)
	})
	if err == nil {
		err = snapshot.Scan(tenantPrefix(uint32(len(tenants)+1)), nil, stray)
	}
	return report, corrupt(err)
}

func (s *Store) sorted() []*Tenant {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.SortedFunc(maps.Values(s.tenants), func(a, b *Tenant) int { return bytes.Compare(a.prefix, b.prefix) })
}

// checking is the check of one tenant under way.
type checking struct {
	*Snapshot
	ctx     context.Context
	tenant  tsmp.PartyID
	report  TenantReport
	rows    row.Sum
	indexed uint64 // entries that follow from rows
	trail   uint64 // entries of the trail's index that follow from it
}

func (c *checking) run(anchors []Anchor) (err error) {
	if c.head, err = readHead(c.snapshot.Reader, c.prefix); err != nil {
		return err
	}
	c.report = TenantReport{Rows: map[string]uint64{}, Anchor: Anchor{c.tenant, c.head.Number, c.head.Hash}}
	if err := checkHead(c, &c.head); err != nil {
		return err
	}
	if err := c.checkTrail(anchors); err != nil {
		return err
	}
	found := uint64(0)
	err = c.snapshot.ScanPrefix(c.prefix, func(key, value []byte) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		return c.checkKey(key[tenantLen:], value, &found)
	})
	switch {
	case err != nil:
		return err
	case c.rows != c.head.Rows:
		return corruptf("the rows are not all those, or those last written, that the head's sum is of")
	case c.indexed != c.report.Indexed || c.trail != found:
		return corruptf("%d entries of indexes, want %d; %d of the trail's index, want %d", c.report.Indexed, c.indexed, found, c.trail)
	}
	return c.checkLanes()
}

// checkKey checks one key of the tenant.
func (c *checking) checkKey(key, value []byte, found *uint64) error {
	if len(key) == 0 || key[0] == codeHead && len(key) > 1 {
		return corruptf("key %X of no table", key)
	}
	code, rest := key[0], key[1:]
	switch code {
	case codeHead, codeEntries:
		return nil
	case codeEvidence:
		c.report.Evidence++
		if hash := row.HashOf(value); !bytes.Equal(hash[:], rest) {
			return corruptf("evidence %X has other bytes", rest)
		}
		return nil
	case codeEntriesOf:
		*found++
		return unlessCorrupt(len(value) == 0, "entry %X of the trail's index has a value", rest)
	}
	for _, t := range tables {
		table, indexes := t.codes()
		if table == code {
			c.report.Rows[t.Name()]++
			c.rows.Add(append(c.prefix[:tenantLen:tenantLen], key...), value)
			return t.check(c, rest, value)
		}
		if bytes.IndexByte(indexes, code) >= 0 {
			c.report.Indexed++
			return t.checkEntry(c, code, rest, value)
		}
	}
	return corruptf("key %X of no table", key)
}

func (t *Rows[K, V]) codes() (table byte, indexes []byte) {
	for _, x := range t.indexes {
		indexes = append(indexes, x.code)
	}
	return t.code, indexes
}

// check checks a row, and that its entries are there.
func (t *Rows[K, V]) check(c *checking, rest, value []byte) error {
	var v V
	w := borrow(c)
	defer w.back(c, w.arena)
	if err := t.decode(w, rest, value, &v); err != nil {
		return err
	}
	if err := t.rowOf(&v).Valid(); err != nil {
		return corruptf("%s: key %X: %v", t.name, rest, err)
	}
	for _, x := range t.indexes {
		entry, in := x.entry(w.open(), rest, &v)
		if !in {
			continue
		}
		entry = w.close(entry)
		c.indexed++
		key, found, err := get(c, x.code, entry)
		if err != nil {
			return err
		}
		if !found || !bytes.Equal(key, rest) {
			return corruptf("%s: key %X is not in index %s", t.name, rest, x.name)
		}
	}
	switch v := any(&v).(type) {
	case *row.Message:
		return c.checkMessage(v)
	case *row.Program:
		return c.checkProgram(v)
	}
	return nil
}

// checkEntry checks that an entry follows from a row.
func (t *Rows[K, V]) checkEntry(c *checking, code byte, rest, value []byte) error {
	for _, x := range t.indexes {
		if x.code == code {
			var v V
			return follow(c, t, x, rest, value, &v)
		}
	}
	return nil
}

// checkTrail walks over the audit trail with its index and evidence.
func (c *checking) checkTrail(anchors []Anchor) error {
	v := chain{next: 1, anchors: map[uint64]row.Hash{}}
	for _, a := range anchors {
		if a.Tenant == c.tenant && a.Number > 0 {
			v.anchors[a.Number] = a.Hash
		}
	}
	err := each(c, codeEntries, nil, nil, func(rest, value []byte) error {
		if err := errors.Join(c.ctx.Err(), v.entry(rest, value)); err != nil {
			return err
		}
		c.report.Entries++
		return c.checkAudited(&v.e)
	})
	if err != nil {
		return err
	}
	return v.end(&c.head)
}

func (c *checking) checkAudited(e *row.Entry) error {
	if err := e.Valid(); err != nil {
		return corruptf("audit entry %d: %v", e.Number, err)
	}
	seen := map[row.SubjectID]bool{}
	for _, id := range e.Subject.IDs() {
		if !seen[id] {
			c.trail++
		}
		seen[id] = true
		if _, found, err := get(c, codeEntriesOf, entryOf(id, e.Number)); err != nil || !found {
			return orCorrupt(err, "audit entry %d is not in the index of %s", e.Number, id)
		}
	}
	for _, x := range e.Exhibits {
		if _, found, err := EvidenceOf(c, x.Hash); err != nil || !found {
			return orCorrupt(err, "evidence %s of audit entry %d is missing", x.Name, e.Number)
		}
	}
	return nil
}

func orCorrupt(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return corruptf(format, args...)
}

// checkMessage checks that a message is in a lane and its workflow is there.
func (c *checking) checkMessage(m *row.Message) error {
	lane, found, err := lanes.Get(c, m.Key.Destination)
	if err != nil || !found || m.Key.Number > lane.Last {
		return orCorrupt(err, "message %d to %s: not in its lane", m.Key.Number, m.Key.Destination)
	}
	if m.Workflow == (row.WorkflowID{}) {
		return nil
	}
	if _, found, err := Workflows.Get(c, m.Workflow); err != nil || !found {
		return orCorrupt(err, "message %d to %s: without its workflow %s", m.Key.Number, m.Key.Destination, m.Workflow)
	}
	return nil
}

// checkLanes compares lanes with their queues.
func (c *checking) checkLanes() error {
	return lanes.Scan(c, func(l *row.Lane) error {
		n := uint64(0)
		prefix := appendText(nil, l.Destination)
		var first row.Message
		err := messages.scan(c, prefix, store.After(prefix), func(_ []byte, m *row.Message) error {
			if n++; n == 1 {
				first = *m
			}
			return nil
		})
		if err != nil || n != l.Waiting || !first.Next.Equal(l.Next) {
			return orCorrupt(err, "lane %s: %d messages and the next at %s, want %d and %s", l.Destination, n, first.Next, l.Waiting, l.Next)
		}
		return nil
	})
}

// number reads a big-endian number of four bytes.
func number(b []byte) (uint32, bool) {
	if len(b) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(b), true
}
