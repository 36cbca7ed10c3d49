package clock

import (
	"testing"

	"pgregory.net/rapid"
)

// Conservation: whatever is advanced, and wherever power is cut, the ledger's
// sum is the clock.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k Clock
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "cut") {
				k.CutAt(k.Now() + rapid.Uint64Range(1, 1000).Draw(t, "after"))
			}
			c := Cause(rapid.IntRange(0, int(CauseCount)-1).Draw(t, "cause"))
			n := rapid.Uint64Range(0, 1000).Draw(t, "cycles")
			left, before := k.Left(), k.Now()
			cut := Guard(func() { k.Advance(c, n) })
			want := before + min(n, left)
			if k.Now() != want || k.Ledger().Sum() != want {
				t.Fatalf("now %d, ledger %d, want %d", k.Now(), k.Ledger().Sum(), want)
			}
			if (cut != nil) != (n >= left) {
				t.Fatalf("cut %v after %d cycles with %d left", cut, n, left)
			}
		}
	})
}

func TestCutStopsExactlyThere(t *testing.T) {
	var k Clock
	k.Advance(Boot, 10)
	k.CutAt(25)
	cut := Guard(func() { k.Advance(NVMProgram, 100) })
	if cut == nil || *cut != (PowerCut{Cycle: 25, Cause: NVMProgram}) || k.Now() != 25 {
		t.Fatalf("cut %v at %d", cut, k.Now())
	}
	if got := cut.Error(); got != "power cut at cycle 25 (nvm-program)" {
		t.Error(got)
	}
	k.Advance(Boot, 1000) // the cut is spent: the card is powered again
}

func TestGuardLetsOtherPanicsThrough(t *testing.T) {
	defer func() {
		if v := recover(); v != "bug" {
			t.Errorf("recovered %v", v)
		}
	}()
	Guard(func() { panic("bug") })
}

func TestEveryCauseHasAName(t *testing.T) {
	seen := map[string]bool{}
	for c := range CauseCount {
		if n := c.String(); n == "" || n == "other" || seen[n] {
			t.Errorf("cause %d is called %q", c, n)
		} else {
			seen[n] = true
		}
	}
}

func TestLedgerSince(t *testing.T) {
	var k Clock
	k.Advance(AES, 5)
	before := k.Ledger()
	k.Advance(AES, 2)
	k.Advance(Bytecode, 3)
	if got := k.Ledger().Since(before).String(); got != "bytecode 3, aes 2" {
		t.Error(got)
	}
	if got := (Ledger{}).String(); got != "no cycles" {
		t.Error(got)
	}
}

func TestAdvanceDoesNotAllocate(t *testing.T) {
	var k Clock
	if n := testing.AllocsPerRun(100, func() { k.Advance(Bytecode, 3) }); n != 0 {
		t.Error(n)
	}
}
