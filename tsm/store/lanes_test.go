package store_test

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// A lane without messages can go, and one that waits for ever is not due.
func TestLanes(t *testing.T) {
	req.Covers(t, "SPEC-STORE-039")
	s := open(t, vfs.NewMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, tenantNames[0])
	due := func() (list []string) {
		must(t, tenant.View(ctx, func(r *store.Snapshot) error {
			next, err := store.NextDue(r)
			must(t, err)
			if next.Equal(row.Never) {
				t.Error("the time that never comes is the next one")
			}
			return store.DueMessages(r, begin.AddDate(230, 0, 0), func(m *row.Message) error {
				list = append(list, m.Key.Destination)
				return nil
			})
		}))
		return list
	}
	step := func(do func(tx *store.Tx) error) { t.Helper(); must(t, tenant.Step(ctx, do)) }
	a, b := aMessage("a", 1), aMessage("a#b", 2)
	a.Workflow, b.Workflow = row.WorkflowID{}, row.WorkflowID{}
	step(func(tx *store.Tx) error { must(t, store.Enqueue(tx, a)); return store.Enqueue(tx, b) })
	step(func(tx *store.Tx) error { return store.Postpone(tx, b.Key, row.Never) })
	if got := due(); len(got) != 1 || got[0] != "a" {
		t.Errorf("due: %q", got)
	}
	step(func(tx *store.Tx) error { return store.ForgetLane(tx, "a#b") })
	step(func(tx *store.Tx) error { return store.Postpone(tx, b.Key, begin.Add(time.Hour)) })
	if got := due(); len(got) != 2 || got[0] != "a" || got[1] != "a#b" {
		t.Errorf("due: %q", got)
	}
	step(func(tx *store.Tx) error {
		must(t, store.RemoveMessage(tx, b.Key))
		must(t, store.ForgetLane(tx, "a#none"))
		return store.ForgetLane(tx, "a#b")
	})
	var names []string
	must(t, tenant.View(ctx, func(r *store.Snapshot) error {
		return store.LanesOf(r, "a", func(l *row.Lane) error { names = append(names, l.Destination); return nil })
	}))
	if len(names) != 1 || names[0] != "a" {
		t.Errorf("lanes: %q", names)
	}
	if _, err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}
