package transport

import "inkan/core/atr"

// Never is the cycle that does not come.
const Never = ^uint64(0)

// Constants of ISO/IEC 7816-3:2006, in etu unless they say otherwise.
const (
	characterETU   = 10   // start bit, eight data bits, parity bit
	turnETU        = 16   // T=0: least time between characters in opposite directions (§10.2)
	repeatETU      = 13   // T=0: start of a character to start of its repetition (§7.3)
	blockGuardETU  = 22   // T=1: BGT (§11.4.3)
	initialETU     = 9600 // longest time between characters of the answer to reset, and for PPS
	resetClocks    = 400  // least time from reset to the answer, in periods of the line's clock (§6.2.2)
	answerClocks   = 40_000
	waitingClocks  = 960  // WT and BWT are multiples of 960 times Fi, or Fd, clocks
	repetitions    = 3    // T=0: how often a character is repeated
	defaultRate    = 0x11 // FI 1, DI 1: 372 clocks
	defaultLineFS  = 32   // IFSC and IFSD before they are negotiated
	maxInformation = 254  // bytes of an information field
)

// Rate is the clocks: how many cycles of the card's clock, the CPU's, pass in a
// period of the line's clock. Both zero: one.
type Rate struct {
	CPUHz  uint64 // engine.Chip.ClockHz
	LineHz uint64 // what the reader supplies, 1 to 5 MHz as a rule
}

// timing are the times of one communication in cycles of the card's clock.
type timing struct {
	cpu, line uint64 // of Rate
	f, d      uint64 // in use
	fi        uint64 // F as the answer to reset indicates
	p         atr.Params
}

func newTiming(r Rate, p atr.Params) timing {
	if r.CPUHz == 0 || r.LineHz == 0 {
		r = Rate{1, 1}
	}
	t := timing{cpu: r.CPUHz, line: r.LineHz, p: p, fi: uint64(atr.F(p.FI))}
	t.set(defaultRate)
	return t
}

// set changes the rate: FI and DI, as in TA1 and PPS1.
func (t *timing) set(rate byte) { t.f, t.d = uint64(atr.F(rate>>4)), uint64(atr.D(rate)) }

// clocks is n periods of the line's clock, rounded up. Spec: SPEC-TRANSPORT-020.
func (t *timing) clocks(n uint64) uint64 { return (n*t.cpu + t.line - 1) / t.line }

// etu is n elementary time units, n times F/D periods of the line's clock, rounded
// up. Spec: SPEC-TRANSPORT-020.
func (t *timing) etu(n uint64) uint64 {
	den := t.d * t.line
	return (n*t.f*t.cpu + den - 1) / den
}

// guard is the time from character to character in one direction under a protocol:
// 12 etu, with the extra guard time from the reader only; 255 is 12 in T=0 and 11
// in T=1, both ways. Spec: SPEC-TRANSPORT-021.
func (t *timing) guard(protocol byte, fromReader bool) uint64 {
	switch {
	case t.p.N == 255 && protocol == 1:
		return t.etu(11)
	case t.p.N == 255 || !fromReader:
		return t.etu(12)
	}
	return t.etu(12) + t.etu(uint64(t.p.N))
}

// waiting is WT of T=0: 960 times WI times Fi clocks. Spec: SPEC-TRANSPORT-022.
func (t *timing) waiting() uint64 { return t.clocks(waitingClocks * uint64(t.p.WI) * t.fi) }

// characterWaiting is CWT of T=1: 11 + 2^CWI etu. Spec: SPEC-TRANSPORT-022.
func (t *timing) characterWaiting() uint64 { return t.etu(11 + 1<<t.p.CWI) }

// blockWaiting is BWT of T=1: 11 etu and 2^BWI times 960 times 372 clocks.
// Spec: SPEC-TRANSPORT-022.
func (t *timing) blockWaiting() uint64 {
	return t.etu(11) + t.clocks(waitingClocks*uint64(atr.F(1))<<t.p.BWI)
}
