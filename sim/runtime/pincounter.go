package runtime

import "encoding/binary"

// A PIN has two counters of tries, and a mark, part of the open transaction,
// says which is valid. Counters themselves are written at once. So an update is
// one transaction, and when it is undone the counter from before is valid
// again; what was tried in between has been counted there as well.

// counter is the cell of the valid counter.
func (p pin) counter() int {
	if p.cell(pinSize)&pinSecond != 0 {
		return pinTries + 1
	}
	return pinTries
}

// other is the cell of the other one.
func (p pin) other() int { return 2*pinTries + 1 - p.counter() }

func (p pin) tries() uint16 { return p.cell(p.counter()) }

// write writes a counter at once, whatever transaction is open.
func (p pin) write(cell int, n uint16) {
	p.c.Machine().SetDataCellNonAtomic(p.ref, p.class, cell, n)
}

// setTries writes the valid counter, and the other one if it may become valid.
func (p pin) setTries(n uint16) {
	if p.updating() {
		p.write(p.other(), n)
	}
	p.write(p.counter(), n)
}

// count takes one try away, from either counter that may become valid. The
// other one goes first: a cut between them takes too many and not too few.
// Spec: SPEC-RUNTIME-102, SPEC-RUNTIME-106.
func (p pin) count() {
	if n := p.cell(p.other()); n > 0 && p.updating() {
		p.write(p.other(), n-1)
	}
	p.write(p.counter(), p.tries()-1)
}

// shadow is the counter that an abort of the open transaction makes valid.
func (p pin) shadow() uint16 { return p.cell(p.other()) }

// restore sets the valid counter to the limit after a right value; what counts
// after an abort is as it was before this value.
func (p pin) restore(shadow uint16) {
	p.write(p.counter(), p.cell(pinLimit))
	if p.updating() {
		p.write(p.other(), shadow)
	}
}

// renew prepares an update: a counter at the limit that becomes valid with the
// marks that it returns. Spec: SPEC-RUNTIME-104.
func (p pin) renew() (marks uint16) {
	limit := p.cell(pinLimit)
	marks = p.cell(pinSize) & (pinPredecrement | pinSecond)
	if p.updating() {
		p.write(p.counter(), limit)
		return marks
	}
	p.write(p.other(), limit)
	return marks ^ pinSecond
}

// renewed notes that the marks of renew are written, as part of a transaction
// that goes on.
func (p pin) renewed() {
	m := p.c.Machine()
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], m.TransactionNumber()+1)
	m.WriteBytes(m.RefCell(p.ref, p.class, pinFlag), 1, b[:])
}

// updating tells whether the open transaction holds an update of this PIN.
func (p pin) updating() bool {
	m := p.c.Machine()
	if m.TransactionDepth() == 0 {
		return false
	}
	var b [4]byte
	m.ReadBytes(m.RefCell(p.ref, p.class, pinFlag), 1, b[:])
	return binary.BigEndian.Uint32(b[:]) == m.TransactionNumber()+1
}
