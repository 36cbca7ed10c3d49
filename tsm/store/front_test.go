package store_test

import (
	"errors"
	"fmt"
	"testing"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// lane is one destination's queue under test.
type lane struct {
	*testing.T
	tenant *store.Tenant
}

func (l lane) step(do func(tx *store.Tx) error) { l.Helper(); must(l, l.tenant.Step(ctx, do)) }

func enqueue(n byte) func(tx *store.Tx) error {
	return func(tx *store.Tx) error { return store.Enqueue(tx, aMessage("lane", n)) }
}

func remove(numbers ...uint64) func(tx *store.Tx) error {
	return func(tx *store.Tx) (err error) {
		for _, n := range numbers {
			err = errors.Join(err, store.RemoveMessage(tx, row.MessageKey{Destination: "lane", Number: n}))
		}
		return err
	}
}

// want checks where the next look begins, and what is first; 0: nothing.
func (l lane) want(what string, front, first uint64) {
	l.Helper()
	if got := l.tenant.FrontOf("lane"); got != front {
		l.Errorf("%s: the next look begins at %d, want %d", what, got, front)
	}
	must(l, l.tenant.View(ctx, func(s *store.Snapshot) error {
		m, found, err := store.FirstMessage(s, "lane")
		if err != nil || found != (first > 0) || m.Key.Number != first {
			l.Errorf("%s: message %d %v, want %d (%v)", what, m.Key.Number, found, first, err)
		}
		return nil
	}))
}

// TestFront: a look for the first message of a lane begins where the last change of
// the lane found it; a step that fails, a lane that goes and an opening change
// nothing of what is found. (TestModel looks at messages in every order.)
func TestFront(t *testing.T) {
	req.Covers(t, "SPEC-STORE-017")
	fs := newMem()
	s := open(t, fs, new(clock))
	l := lane{t, tenantOf(t, s, "sp.example")}
	for n := byte(1); n <= 5; n++ {
		l.step(enqueue(n))
	}
	l.want("none has gone", 0, 1)
	l.step(remove(2))
	l.want("the second has gone", 1, 1)
	l.step(remove(1, 3))
	l.want("three have gone", 4, 4)
	must(t, l.tenant.View(ctx, func(old *store.Snapshot) error {
		l.step(remove(4))
		l.want("four have gone", 5, 5)
		m, _, err := store.FirstMessage(old, "lane")
		if err != nil || m.Key.Number != 4 {
			t.Error("a view of before has message", m.Key.Number, err)
		}
		return nil
	}))
	err := l.tenant.Step(ctx, func(tx *store.Tx) error {
		must(t, errors.Join(remove(5)(tx), store.ForgetLane(tx, "lane"), enqueue(9)(tx)))
		if m, found, err := store.FirstMessage(tx, "lane"); err != nil || !found || m.Key.Number != 1 {
			t.Error("a lane that began again has first", m.Key.Number, found, err)
		}
		return errWanted
	})
	if !errors.Is(err, errWanted) {
		t.Fatal(err)
	}
	l.want("a step has failed", 5, 5)
	l.step(remove(5))
	l.want("all have gone", 6, 0)
	l.step(enqueue(6))
	l.want("one came", 6, 6)
	must(t, s.Close())
	s = open(t, fs, new(clock))
	defer s.Close()
	l.tenant = tenantOf(t, s, "sp.example")
	l.want("opened again", 0, 6)
	l.step(func(tx *store.Tx) error { return errors.Join(remove(6)(tx), store.ForgetLane(tx, "lane")) })
	l.want("the lane has gone", 0, 0)
	l.step(enqueue(1))
	l.want("the lane is there again", 0, 1)
}

// TestFrontOfTheOther: what a step finds of one lane is nothing to another.
func TestFrontOfTheOther(t *testing.T) {
	req.Covers(t, "SPEC-STORE-017")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	l := lane{t, tenantOf(t, s, "sp.example")}
	l.step(enqueue(1))
	l.step(enqueue(2))
	l.step(func(tx *store.Tx) error {
		must(t, store.Enqueue(tx, aMessage("other", 3)))
		must(t, remove(1)(tx))
		m, found, err := store.FirstMessage(tx, "other")
		if err != nil || !found || m.Key.Number != 1 {
			t.Error("the other lane has first", m.Key.Number, found, err)
		}
		return nil
	})
	l.want("one has gone", 2, 2)
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
