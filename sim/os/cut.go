package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// cut is a long command on its way that was protected as a whole, and then cut into
// parts with b8 of P1 in all but the last. No part has a C-MAC of its own.
type cut struct {
	head apdu.Command // of the first part, without b8 of P1
	data []byte
}

// maxCut bounds what is put together, in bytes: the longest chain with a C-MAC and
// padding.
const maxCut = maxJoined + 32

func (c *cut) active() bool { return c.data != nil }

// continues tells whether a command is the next part.
func (c *cut) continues(cmd *apdu.Command) bool {
	return cmd.CLA == c.head.CLA && cmd.INS == c.head.INS && cmd.P1&^moreBit == c.head.P1 && cmd.P2 == c.head.P2
}

// moreBit is the bit of P1 that announces another part.
const moreBit = 0x80

// uncut takes a protected command. Parts of one that was protected as a whole are
// held until the last; anything else comes out as it is. held: the answer is sw.
// A part that is followed by something else was a command with a wrong C-MAC.
// Spec: SPEC-UICC-OS-138, SPEC-UICC-OS-139.
func (s *session) uncut(cmd *apdu.Command, raw []byte) (whole []byte, sw iso7816.SW, held bool) {
	more := cmd.P1&moreBit != 0 && (cmd.INS == gp.InsInstall || cmd.INS == gp.InsDelete || cmd.INS == gp.InsPutKey)
	switch {
	case s.cut.active():
		if len(cmd.Data) == 0 || len(cmd.Data) > maxCut-len(s.cut.data) {
			s.end()
			return nil, iso7816.SecurityStatusNotSatisfied, true
		}
	case !more || s.secure.verifies(raw):
		return raw, 0, false
	default:
		s.cut = cut{head: *cmd, data: make([]byte, 0, maxCut)}
		s.cut.head.P1, s.cut.head.Data = cmd.P1&^moreBit, nil
	}
	s.cut.data = append(s.cut.data, cmd.Data...)
	if more {
		return nil, iso7816.OK, true
	}
	last := s.cut.head
	last.Data, last.Ne, last.Extended = s.cut.data, cmd.Ne, len(s.cut.data) > apdu.MaxShortData
	whole, err := last.Append(nil)
	s.cut = cut{}
	if err != nil {
		s.end()
		return nil, iso7816.SecurityStatusNotSatisfied, true
	}
	return whole, 0, false
}

// verifies tells whether a command has the C-MAC that is due, where the protocol can
// tell without ending the session; else that is left to it.
func (s *secure) verifies(raw []byte) bool {
	v, ok := s.open.(interface{ Verifies(cmd []byte) bool })
	return !ok || v.Verifies(raw)
}
