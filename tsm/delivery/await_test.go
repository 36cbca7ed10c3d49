package delivery_test

import (
	"context"
	"testing"

	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// awaiting is a bench whose owner gets its next script, or an end, from others.
func awaiting(t *testing.T, await func(b *bench) bool) *bench {
	b := newBench(t, relayed("a"))
	b.config.Await = func(_ context.Context, id row.WorkflowID) bool {
		if id != first {
			t.Errorf("waited for %v", id)
		}
		if b.owner.of(first) == "" {
			t.Error("asked before the responses were taken")
		}
		return await(b)
	}
	b.restart()
	b.fetch("app", 0)
	return b
}

// step is a step of the owner's.
func (b *bench) step(do func(tx *store.Tx) error) bool {
	must(b.t, b.tenant.Step(ctx, do))
	return true
}

// The answer to responses waits for what the owner can have from others, and for nothing
// else.
func TestAwait(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-040", "SPEC-DELIVERY-038", "SPEC-DELIVERY-039")
	next := func(b *bench) bool {
		return b.step(func(tx *store.Tx) error {
			j := relayed("b")(b.s)
			j.ID = first
			_, err := b.engine.Start(tx, j)
			return err
		})
	}
	b := awaiting(t, next)
	want(t, b.give("app", 1, false, good), "taken; script 2: b")
	want(t, b.give("app", 1, false, good), "taken; script 2: b") // the answer was lost
	if a := b.owner.last[first]; a.Outcome == 0 || b.owner.told != 1 {
		t.Errorf("%+v, told %d times", a, b.owner.told)
	}

	b = awaiting(t, func(b *bench) bool {
		return b.step(func(tx *store.Tx) error { return b.engine.Close(tx, first) })
	})
	want(t, b.give("app", 1, false, good), "taken; end")

	asked := 0
	b = awaiting(t, func(*bench) bool { asked++; return false })
	want(t, b.give("app", 1, false, good), "taken")
	want(t, b.fetch("app", 1), "wait 2")
	want(t, b.give("app", 2, false, good), "script-order")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// Nobody waits while the next script is there.
func TestNoAwait(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-040")
	b := newBench(t, relayed("a"), relayed("b"))
	b.config.Await = func(context.Context, row.WorkflowID) bool { t.Error("waited"); return true }
	b.restart()
	b.fetch("app", 0)
	want(t, b.give("app", 1, false, good), "taken; script 2: b")
}

// A ticket whose time is over while the answer waits costs nothing of what was taken.
func TestAwaitTooLong(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-040")
	b := awaiting(t, func(b *bench) bool { b.now = b.now.Add(delivery.MaxTicket); return true })
	want(t, b.give("app", 1, false, good), "taken")
	want(t, b.owner.of(first), "done by relay, 0 proofs, 1 responses;")
}
