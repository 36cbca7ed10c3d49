package store_test

import (
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

func TestRenew(t *testing.T) {
	req.Covers(t, "SPEC-STORE-037")
	s := open(t, newMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	first, second := aMessage("mno.example", 1), aMessage("mno.example", 2)
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		must(t, store.Enqueue(tx, first))
		return store.Enqueue(tx, second)
	}))
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		return store.Renew(tx, first.Key, id('n'), []byte("again"), begin.Add(time.Minute))
	}))
	must(t, tenant.View(ctx, func(v *store.Snapshot) error {
		m, found, err := store.FirstMessage(v, "mno.example")
		must(t, err)
		if !found || m.Key != first.Key || m.Call != id('n') || string(m.Bytes) != "again" || !m.Next.Equal(begin.Add(time.Minute)) {
			t.Errorf("first message: %+v", m)
		}
		for call, want := range map[tsmp.CallID]bool{id('c', 1): false, id('n'): true} {
			if _, found, err := store.MessagesByCall.First(v, call); err != nil || found != want {
				t.Errorf("call %v: found %v, %v", call, found, err)
			}
		}
		return nil
	}))
	if err := tenant.Step(ctx, func(tx *store.Tx) error {
		return store.Renew(tx, row.MessageKey{Destination: "mno.example", Number: 9}, id('x'), []byte("x"), begin)
	}); err == nil {
		t.Error("a message that is not there was renewed")
	}
	check(t, s)
}
