package store_test

import (
	"errors"
	"testing"
	"time"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// TestProgram: a program is of a live workflow only, stays through its steps and
// goes with its end.
func TestProgram(t *testing.T) {
	req.Covers(t, "SPEC-STORE-038")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	w := aWorkflow(1)
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		if err := store.SetProgram(tx, w.ID, 0, []byte("early")); !errors.Is(err, store.ErrNotFound) {
			t.Error("program without workflow:", err)
		}
		must(t, store.Workflows.Put(tx, w))
		must(t, store.Workflows.Put(tx, aWorkflow(2)))
		must(t, store.SetProgram(tx, w.ID, 0, []byte("commands")))
		must(t, store.SetProgram(tx, w.ID, 1<<31, []byte("load file")))
		return store.SetProgram(tx, id('w', 2), 0, []byte("other's"))
	}))
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		w.Cursor++
		must(t, store.Workflows.Put(tx, w))
		wantProgram(t, tx, w.ID, 0, "commands")
		return store.SetProgram(tx, w.ID, 0, []byte("commands, again"))
	}))
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		wantProgram(t, s, w.ID, 0, "commands, again")
		wantProgram(t, s, w.ID, 1<<31, "load file")
		return nil
	}))
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		w.State, w.Next, w.Deadline = row.WorkflowDone, time.Time{}, time.Time{}
		must(t, store.Workflows.Put(tx, w))
		wantProgram(t, tx, w.ID, 0, "")
		wantProgram(t, tx, w.ID, 1<<31, "")
		wantProgram(t, tx, id('w', 2), 0, "other's")
		var rule *store.RowError
		if err := store.SetProgram(tx, w.ID, 0, []byte("late")); !errors.As(err, &rule) {
			t.Error("program of a workflow that has ended:", err)
		}
		if err := store.SetProgram(tx, id('w', 2), 1, nil); !errors.As(err, &rule) {
			t.Error("program without bytes:", err)
		}
		return nil
	}))
	if n := check(t, s)["sp.example"].Rows["programs"]; n != 1 {
		t.Errorf("%d programs, want that of the live workflow", n)
	}
}

func wantProgram(t fataler, r store.Reader, workflow row.WorkflowID, part uint32, want string) {
	t.Helper()
	b, err := store.ProgramOf(r, workflow, part)
	if err != nil || string(b) != want || (b == nil) != (want == "") {
		t.Fatal(string(b), err, "want", want)
	}
}
