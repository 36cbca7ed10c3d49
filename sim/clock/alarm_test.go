package clock

import (
	"testing"

	"pgregory.net/rapid"
)

// An alarm rings at its cycle, may spend cycles of its own, and the cycles that
// it interrupts are all spent.
func TestAlarm(t *testing.T) {
	var k Clock
	var rang []uint64
	var ring func()
	ring = func() {
		rang = append(rang, k.Now())
		k.Advance(Line, 5)
		if len(rang) < 3 {
			k.AlarmAt(k.Now()+10, ring)
		}
	}
	k.AlarmAt(10, ring)
	k.Advance(Bytecode, 100)
	if len(rang) != 3 || rang[0] != 10 || rang[1] != 25 || rang[2] != 40 {
		t.Errorf("rang at %v", rang)
	}
	if l := k.Ledger(); l[Bytecode] != 100 || l[Line] != 15 || k.Now() != 115 {
		t.Errorf("%v at %d", l, k.Now())
	}
	k.AlarmAt(120, ring)
	k.AlarmAt(0, nil)
	k.AlarmAt(3, ring) // has passed
	k.Advance(Bytecode, 1)
	if len(rang) != 4 || rang[3] != 116 {
		t.Errorf("rang at %v", rang)
	}
}

// A power cut comes before an alarm of the same cycle, also within an alarm,
// and conservation holds.
func TestAlarmAndCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k Clock
		every := rapid.Uint64Range(1, 50).Draw(t, "every")
		cost := rapid.Uint64Range(0, 20).Draw(t, "cost")
		at := rapid.Uint64Range(1, 1000).Draw(t, "cut")
		var ring func()
		ring = func() {
			if k.Now() >= at {
				t.Fatalf("rang at %d, after the cut", k.Now())
			}
			k.Advance(Line, cost)
			k.AlarmAt(k.Now()+every, ring)
		}
		k.AlarmAt(every, ring)
		k.CutAt(at)
		cut := Guard(func() { k.Advance(Hash, 2000) })
		if cut == nil || cut.Cycle != at || k.Now() != at || k.Ledger().Sum() != at {
			t.Fatalf("cut %v at %d", cut, k.Now())
		}
	})
}
