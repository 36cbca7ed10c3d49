// Package clock is the card's only clock: an integer count of CPU cycles with
// a ledger that gives every cycle a cause.
//
// It must not know what a cycle costs anywhere, nor how long it lasts; those
// are the chip's data. It implements design decision 3.
package clock

import (
	"math"

	"inkan/core/invariant"
)

// Clock counts CPU cycles since it was made. Ledger().Sum() == Now(), always.
// The zero value is ready, with no power cut set. Not for concurrent use.
type Clock struct {
	now    uint64
	cut    uint64 // cycle at which power fails; 0: never
	alarm  uint64 // cycle at which ring is called; 0: never
	stop   uint64 // the sooner of the two; 0: never
	ring   func()
	ledger Ledger
}

// Now is the number of cycles so far.
func (k *Clock) Now() uint64 { return k.now }

// Ledger is a copy of the cycles by cause.
func (k *Clock) Ledger() Ledger { return k.ledger }

// Left is the number of cycles until power fails.
func (k *Clock) Left() uint64 {
	if k.cut == 0 {
		return math.MaxUint64
	}
	return k.cut - k.now
}

// CutAt makes power fail when the clock reaches the cycle, which must be in
// the future; 0 takes the cut back. The Advance that reaches it stops there
// and panics with a PowerCut.
func (k *Clock) CutAt(cycle uint64) {
	if cycle != 0 && cycle <= k.now {
		panic("clock: CutAt in the past")
	}
	k.cut = cycle
	k.setStop()
}

// Advance spends n cycles on a cause. When the power-cut cycle is reached
// within them, only the cycles up to it are spent, the cut is taken back, and
// Advance panics with a PowerCut, which Guard turns into a value. When the
// alarm's cycle is reached, its function is called in between.
func (k *Clock) Advance(c Cause, n uint64) {
	if k.stop != 0 && n >= k.stop-k.now {
		n = k.advanceOver(c, n)
	}
	k.now += n
	k.ledger[c] += n
	k.check()
}

// check holds the conservation of cycles against a bug.
func (k *Clock) check() {
	invariant.Check(!invariant.Enabled || k.ledger.Sum() == k.now, "the ledger's sum is the clock")
}
