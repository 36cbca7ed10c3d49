package apdu

import (
	"fmt"

	"inkan/core/iso7816"
)

// Reassembler is the card's side of command chaining. Its memory is bounded by
// the buffer it is given; without a buffer it refuses every chain.
type Reassembler struct {
	buf  []byte // data so far; its cap is the limit
	head Command
	open bool
}

// NewReassembler makes a reassembler of whole commands with at most len(buf)
// bytes of data. buf is the reassembler's own from then on.
func NewReassembler(buf []byte) *Reassembler {
	return &Reassembler{buf: buf[:0:len(buf)]}
}

// Add takes the next command. When whole is true, cmd is to be processed: the
// command itself when it is not part of a chain, else the whole chain's
// command, whose data is valid until the next Add or Reset. When whole is
// false, sw is the answer: 9000 inside a chain, 6884 when chains are not
// supported, 6883 when the command belongs to another chain, 6700 when the
// data is too long. After 6883 and 6700 the chain is gone and its data wiped;
// the command that interrupted it was not processed.
// Spec: SPEC-APDU-021, SPEC-APDU-022, SPEC-APDU-023, SPEC-APDU-024,
// SPEC-APDU-025.
func (r *Reassembler) Add(c Command) (cmd Command, whole bool, sw iso7816.SW) {
	chained := c.Class().Chained()
	c.CLA = byte(c.Class().WithChaining(false))
	switch {
	case !r.open && !chained:
		return c, true, iso7816.OK
	case cap(r.buf) == 0:
		return Command{}, false, iso7816.ChainingNotSupported
	case r.open && (c.CLA != r.head.CLA || c.INS != r.head.INS || c.P1 != r.head.P1 || c.P2 != r.head.P2):
		r.Reset()
		return Command{}, false, iso7816.LastCommandExpected
	case !r.open:
		r.Reset()
		r.head, r.open = Command{CLA: c.CLA, INS: c.INS, P1: c.P1, P2: c.P2}, true
	}
	if len(c.Data) > cap(r.buf)-len(r.buf) {
		r.Reset()
		return Command{}, false, iso7816.WrongLength
	}
	r.buf = append(r.buf, c.Data...)
	if chained {
		return Command{}, false, iso7816.OK
	}
	r.open = false
	c.Data = r.buf
	c.Extended = c.Extended || len(c.Data) > MaxShortData
	return c, true, iso7816.OK
}

// Format prints how many bytes are held, never which, whatever the verb.
func (r Reassembler) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "Reassembler(%d bytes)", len(r.buf))
}

// Pending reports whether a chain is open.
func (r *Reassembler) Pending() bool { return r.open }

// Reset drops an open chain and wipes the data, which may be secret: to be
// called when the card is reset and when the whole command was processed.
func (r *Reassembler) Reset() {
	clear(r.buf)
	r.buf = r.buf[:0]
	r.head, r.open = Command{}, false
}
