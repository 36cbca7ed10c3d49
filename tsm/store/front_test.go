package store_test

import (
	"errors"
	"fmt"
	"testing"

	"inkan/spec/req"
	"inkan/tsm/store"
)

// TestFront: a look for the first message of a lane begins where the last change of
// the lane found it; a step that fails, a lane that goes and an opening change
// nothing of what is found. (TestModel looks at messages in every order.)
func TestFront(t *testing.T) {
	req.Covers(t, "SPEC-STORE-017")
	fs := newMem()
	s := open(t, fs, new(clock))
	tenant := tenantOf(t, s, "sp.example")
	step := func(do func(tx *store.Tx) error) { t.Helper(); must(t, tenant.Step(ctx, do)) }
	enqueue := func(n byte) func(tx *store.Tx) error {
		return func(tx *store.Tx) error { return store.Enqueue(tx, aMessage("lane", n)) }
	}
	remove := func(n uint64) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			m := aMessage("lane", 0)
			m.Key.Number = n
			return store.RemoveMessage(tx, m.Key)
		}
	}
	want := func(what string, front, first uint64) {
		t.Helper()
		if got := tenant.FrontOf("lane"); got != front {
			t.Errorf("%s: the next look begins at %d, want %d", what, got, front)
		}
		must(t, tenant.View(ctx, func(s *store.Snapshot) error {
			m, found, err := store.FirstMessage(s, "lane")
			if err != nil || found != (first > 0) || m.Key.Number != first {
				t.Errorf("%s: message %d %v, want %d (%v)", what, m.Key.Number, found, first, err)
			}
			return nil
		}))
	}
	for n := byte(1); n <= 5; n++ {
		step(enqueue(n))
	}
	want("none has gone", 0, 1)
	step(remove(2))
	want("the second has gone", 1, 1)
	step(func(tx *store.Tx) error {
		must(t, remove(1)(tx))
		return remove(3)(tx)
	})
	want("three have gone", 4, 4)
	must(t, tenant.View(ctx, func(old *store.Snapshot) error {
		step(remove(4))
		want("four have gone", 5, 5)
		m, _, err := store.FirstMessage(old, "lane")
		if err != nil || m.Key.Number != 4 {
			t.Error("a view of before has message", m.Key.Number, err)
		}
		return nil
	}))
	err := tenant.Step(ctx, func(tx *store.Tx) error {
		must(t, remove(5)(tx))
		must(t, store.ForgetLane(tx, "lane"))
		must(t, enqueue(9)(tx))
		if m, found, err := store.FirstMessage(tx, "lane"); err != nil || !found || m.Key.Number != 1 {
			t.Error("a lane that began again has first", m.Key.Number, found, err)
		}
		return errWanted
	})
	if !errors.Is(err, errWanted) {
		t.Fatal(err)
	}
	want("a step has failed", 5, 5)
	step(remove(5))
	want("all have gone", 6, 0)
	step(enqueue(6))
	want("one came", 6, 6)
	must(t, s.Close())
	s = open(t, fs, new(clock))
	defer s.Close()
	tenant = tenantOf(t, s, "sp.example")
	want("opened again", 0, 6)
	step(func(tx *store.Tx) error { must(t, remove(6)(tx)); return store.ForgetLane(tx, "lane") })
	want("the lane has gone", 0, 0)
	step(enqueue(1))
	want("the lane is there again", 0, 1)
}

// TestFronts: the memory for lanes has a bound.
func TestFronts(t *testing.T) {
	req.Covers(t, "SPEC-STORE-017")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	const lanes = store.MaxFronts + 10
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		for n := range lanes {
			m := aMessage(fmt.Sprint("lane-", n), 0)
			m.Call = id('c', byte(n>>8), byte(n), 1)
			must(t, store.Enqueue(tx, m))
			must(t, store.RemoveMessage(tx, m.Key))
		}
		return nil
	}))
	if n := tenant.Fronts(); n < 10 || n > store.MaxFronts {
		t.Errorf("%d lanes are known, want at most %d", n, store.MaxFronts)
	}
}
