package gp

import (
	"errors"
	"fmt"
	"iter"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// moreCommands is the P1 bit of INSTALL, DELETE and PUT KEY that announces
// another command with the rest of the data field.
const moreCommands = 0x80

// chains reports whether an instruction's data field can go on in another
// command (GP Card Specification 2.3.1 §11.2.2.1, §11.5.2.1, §11.8.2.1).
func chains(ins byte) bool { return ins == InsInstall || ins == InsDelete || ins == InsPutKey }

// Split makes of an INSTALL, DELETE or PUT KEY with a long data field the chain
// of short commands that carries it, sizeBytes (1 to 255) of data each: all but
// the last have bit 8 of P1. Spec: SPEC-GP-107.
func Split(c apdu.Command, sizeBytes int) (iter.Seq[apdu.Command], error) {
	if !chains(c.INS) || c.P1&moreCommands != 0 || sizeBytes < 1 || sizeBytes > apdu.MaxShortData {
		return nil, errors.New("gp: not a command that can be split")
	}
	return func(yield func(apdu.Command) bool) {
		part := c
		part.Extended = false
		part.Ne = min(part.Ne, apdu.MaxShortNe)
		for rest := c.Data; ; {
			k := min(sizeBytes, len(rest))
			part.Data, rest = rest[:k:k], rest[k:]
			part.P1 = c.P1
			if len(rest) > 0 {
				part.P1 |= moreCommands
			}
			if !yield(part) || len(rest) == 0 {
				return
			}
		}
	}, nil
}

// appendWiping appends src to dst. When that needs another array, it has at most
// limit bytes, which hold both, and the old one is wiped: it may have keys.
// Spec: SPEC-GP-133.
func appendWiping(dst, src []byte, limit int) []byte {
	if n := len(dst) + len(src); n > cap(dst) {
		grown := append(make([]byte, 0, max(n, min(2*n, limit))), dst...)
		clear(dst[:cap(dst)])
		dst = grown
	}
	return append(dst, src...)
}

// Joiner joins a chain of INSTALL, DELETE or PUT KEY commands on the card. Its
// buffer grows with what arrives and never beyond the limit. Not for
// concurrent use.
type Joiner struct {
	limit int
	first apdu.Command
	data  []byte
}

// NewJoiner makes a joiner that takes chains of at most limitBytes of data.
func NewJoiner(limitBytes int) *Joiner { return &Joiner{limit: limitBytes} }

// Format prints how many bytes are held, never which, whatever the verb.
func (j Joiner) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "Joiner(%d bytes)", len(j.data)) }

// Active reports whether a chain has begun and its last command is missing.
func (j *Joiner) Active() bool { return len(j.data) > 0 }

// Reset forgets a chain that has begun, and wipes its data, or those of the
// last whole command.
func (j *Joiner) Reset() {
	clear(j.data[:cap(j.data)])
	*j = Joiner{limit: j.limit, data: j.data[:0]}
}

// Add takes the next command from the dispatcher. whole is false for one that
// announces more: the card answers 9000. Otherwise the result is the command
// with the whole data field and without bit 8 of P1, valid until the next Add;
// a command that is not part of a chain passes as it is, and ends a chain that
// had begun. A chain that changes INS, P1 or P2 on its way ends with
// 6A86, one that passes the limit with 6A84; nothing of it is kept.
// Spec: SPEC-GP-108, SPEC-GP-109.
func (j *Joiner) Add(c *apdu.Command) (joined apdu.Command, whole bool, err error) {
	if !chains(c.INS) || c.INS != j.first.INS {
		j.Reset()
	}
	more := chains(c.INS) && c.P1&moreCommands != 0
	if !more && !j.Active() {
		return *c, true, nil
	}
	switch {
	case !j.Active():
		j.first = *c
	case c.P1&^moreCommands != j.first.P1&^moreCommands || c.P2 != j.first.P2:
		j.Reset()
		return joined, false, iso7816.IncorrectP1P2
	}
	if len(c.Data) == 0 || len(c.Data) > j.limit-len(j.data) {
		sw := iso7816.NotEnoughMemory
		if len(c.Data) == 0 {
			sw = iso7816.WrongLength
		}
		j.Reset()
		return joined, false, sw
	}
	j.data = appendWiping(j.data, c.Data, j.limit)
	if more {
		return joined, false, nil
	}
	joined = *c
	joined.Data = j.data
	joined.Extended = len(j.data) > apdu.MaxShortData
	j.data = j.data[:0]
	j.first = apdu.Command{}
	return joined, true, nil
}
