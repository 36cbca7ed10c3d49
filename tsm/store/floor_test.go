package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// entryAt is the key of a workflow's entry in the index of times.
func entryAt(at time.Time, id row.WorkflowID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano())), id[:]...)
}

func nextDue(t fataler, tenant *store.Tenant) (next time.Time) {
	t.Helper()
	must(t, tenant.View(ctx, func(s *store.Snapshot) (err error) {
		next, err = store.NextDue(s)
		return err
	}))
	return next
}

// putNth puts a workflow in a state.
func putNth(n byte, state row.WorkflowState) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		w := aWorkflow(n)
		if w.State = state; !state.Live() {
			w.Next, w.Deadline = time.Time{}, time.Time{}
		}
		return store.Workflows.Put(tx, w)
	}
}

// wantFloor checks which workflow is due next, and where the next look begins.
func wantFloor(t *testing.T, tenant *store.Tenant, what string, next time.Time, floor []byte) {
	t.Helper()
	if got := nextDue(t, tenant); !got.Equal(next) {
		t.Errorf("%s: next is due at %s, want %s", what, got, next)
	}
	if got := tenant.FloorOfWorkflows(); !bytes.Equal(got, floor) {
		t.Errorf("%s: the next look begins at %X, want %X", what, got, floor)
	}
	if n := tenant.Watches(); n != 0 {
		t.Errorf("%s: %d views are known, want none", what, n)
	}
}

// TestFloor: a look for what is due begins where the last one found the first
// entry, or before that where one came since; a step that fails and an opening
// change nothing of what is found.
func TestFloor(t *testing.T) {
	req.Covers(t, "SPEC-STORE-016")
	fs := newMem()
	s := open(t, fs, new(clock))
	tenant := tenantOf(t, s, "sp.example")
	for n := byte(1); n <= 9; n++ {
		must(t, tenant.Step(ctx, putNth(n, row.WorkflowRunning)))
	}
	for n := byte(1); n <= 5; n++ {
		must(t, tenant.Step(ctx, putNth(n, row.WorkflowDone)))
	}
	sixth := aWorkflow(6)
	wantFloor(t, tenant, "five have gone", sixth.Next, entryAt(sixth.Next, sixth.ID))
	err := tenant.Step(ctx, func(tx *store.Tx) error {
		must(t, putNth(6, row.WorkflowDone)(tx))
		if next, err := store.NextDue(tx); err != nil || !next.Equal(aWorkflow(7).Next) {
			t.Error("within the step:", next, err)
		}
		return errWanted
	})
	if !errors.Is(err, errWanted) {
		t.Fatal(err)
	}
	wantFloor(t, tenant, "a step has failed", sixth.Next, entryAt(sixth.Next, sixth.ID))
	early := aWorkflow(3)
	early.ID = id('x')
	must(t, tenant.Step(ctx, func(tx *store.Tx) error { return store.Workflows.Put(tx, early) }))
	floor := entryAt(early.Next, early.ID)
	if got := tenant.FloorOfWorkflows(); !bytes.Equal(got, floor) {
		t.Errorf("one came: the next look begins at %X, want %X", got, floor)
	}
	wantFloor(t, tenant, "one came", early.Next, floor)
	must(t, tenant.View(ctx, func(s *store.Snapshot) error { // a look at later ones only tells nothing of the earlier
		return store.WorkflowsDue.Range(s, aWorkflow(8).Next, aWorkflow(9).Next, func(*row.Workflow) error { return nil })
	}))
	wantFloor(t, tenant, "a look at others", early.Next, floor)
	must(t, s.Close())
	s = open(t, fs, new(clock))
	defer s.Close()
	wantFloor(t, tenantOf(t, s, "sp.example"), "opened again", early.Next, floor)
}

// TestFloorBehindAll: a look that finds nothing is behind all that it looked at.
func TestFloorBehindAll(t *testing.T) {
	req.Covers(t, "SPEC-STORE-016")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	must(t, tenant.Step(ctx, putNth(1, row.WorkflowRunning)))
	must(t, tenant.Step(ctx, putNth(1, row.WorkflowDone)))
	now := begin.Add(time.Hour)
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueWorkflows(s, now, func(w *row.Workflow) error { return fmt.Errorf("%s is due", w.ID) })
	}))
	if got := tenant.FloorOfWorkflows(); !bytes.Equal(got, entryAt(now.Add(1), row.WorkflowID{})[:8]) {
		t.Errorf("none was due: the next look begins at %X, want %s", got, now)
	}
	must(t, tenant.View(ctx, func(s *store.Snapshot) error { // all of it is before the floor
		return store.DueWorkflows(s, begin, func(w *row.Workflow) error { return fmt.Errorf("%s is due", w.ID) })
	}))
	wantFloor(t, tenant, "there is none", time.Time{}, []byte{0xFF})
	must(t, tenant.Step(ctx, putNth(2, row.WorkflowRunning)))
	wantFloor(t, tenant, "one came", aWorkflow(2).Next, entryAt(aWorkflow(2).Next, id('w', 2)))
}

// TestFloorsOfOthers: applications by deadline and lanes by their next message are
// found whatever came, went and was looked at before.
func TestFloorsOfOthers(t *testing.T) {
	req.Covers(t, "SPEC-STORE-016")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	far := begin.AddDate(1, 0, 0)
	var open, waiting []string
	look := func() (gotOpen, gotWaiting []string) {
		must(t, tenant.View(ctx, func(s *store.Snapshot) error {
			return errors.Join(
				store.ApplicationsOpenUntil.Range(s, time.Time{}, far, func(a *row.Application) error { gotOpen = append(gotOpen, a.ID.String()); return nil }),
				store.DueMessages(s, far, func(m *row.Message) error { gotWaiting = append(gotWaiting, m.Key.Destination); return nil }))
		}))
		return gotOpen, gotWaiting
	}
	for n := byte(40); n > 0; n-- { // each is before all others
		at := begin.Add(time.Duration(n) * time.Minute)
		a := row.Application{ID: id('a', n), Pseudonym: id('n'), Purpose: "issue", SE: id('e', n), Carrier: "mno.example", Progress: row.Verified, Verified: id('v', n), At: begin, Deadline: at}
		m := aMessage(fmt.Sprintf("lane-%02d", n), n)
		m.Next = at
		must(t, tenant.Step(ctx, func(tx *store.Tx) error {
			must(t, store.Applications.Put(tx, &a))
			return store.Enqueue(tx, m)
		}))
		open, waiting = append([]string{a.ID.String()}, open...), append([]string{m.Key.Destination}, waiting...)
		if n%3 == 0 { // the first goes
			a.Progress = row.Fulfilled
			must(t, tenant.Step(ctx, func(tx *store.Tx) error {
				must(t, store.Applications.Put(tx, &a))
				return store.RemoveMessage(tx, m.Key)
			}))
			open, waiting = open[1:], waiting[1:]
		}
		gotOpen, gotWaiting := look()
		if fmt.Sprint(gotOpen) != fmt.Sprint(open) || fmt.Sprint(gotWaiting) != fmt.Sprint(waiting) {
			t.Fatal(n, gotOpen, gotWaiting, "want", open, waiting)
		}
	}
}
