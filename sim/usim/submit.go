package usim

import (
	"inkan/core/sms"
)

// The bit of TERMINAL PROFILE that says SEND SHORT MESSAGE (ETSI TS 102 223 §5.2).
const profileByteSubmit, profileBitSubmit = 4, 2

// canSubmit reports whether the terminal can send a response as short message.
func (u *UICC) canSubmit() bool {
	return u.kit.profiled && u.Supports(profileByteSubmit, profileBitSubmit)
}

// submit puts the proactive commands into the queue that send a response to the
// originator of a message: all of them, or none when there is no room.
// Spec: SPEC-USIM-157, SPEC-USIM-158.
func (u *UICC) submit(m *Message, response []byte) bool {
	if !m.Secured {
		return len(response) <= sms.MaxUserData && u.Room() > 0 && u.send(m, sms.NewResponseSubmit(m.Origin, response), false)
	}
	parts, err := sms.NewSplitter(response, sms.IEIResponsePacket, u.kit.reference, false, sms.MaxUserData)
	if err != nil || parts.Parts() > u.Room() {
		return false
	}
	u.kit.reference++
	for i := range parts.Parts() {
		var ud [sms.MaxUserData]byte
		if !u.send(m, sms.NewResponseSubmit(m.Origin, parts.Append(ud[:0], i)), true) {
			return false
		}
	}
	return true
}

// send puts one SEND SHORT MESSAGE into the queue.
func (u *UICC) send(m *Message, s sms.Submit, header bool) bool {
	s.UDHI = header
	var tpdu [sms.MaxTPDU]byte
	encoded, err := s.Append(tpdu[:0])
	if err != nil {
		return false
	}
	command := sms.SendShortMessage{Number: 1, Address: m.ServiceCentre, TPDU: encoded}
	u.kit.scratch = command.Append(u.kit.scratch[:0])
	return u.Enqueue(u.kit.scratch, nil) == nil
}
