package oracle

import (
	"encoding/binary"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// setContactless is CONTACTLESS. Spec: SPEC-JPKI-AP-023, SPEC-JPKI-AP-024.
func (m *Model) setContactless(cmd *apdu.Command) *Expected {
	switch {
	case cmd.P1 > 2 || cmd.P2 != 0:
		return m.refuse(iso7816.IncorrectP1P2)
	case len(cmd.Data) > 0:
		return m.refuse(iso7816.WrongLength)
	case m.par.Policy != policyPhone || m.phase != PhaseActive:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case cmd.P1 != 0 && !m.verified(auth):
		return m.refuse(iso7816.SecurityStatusNotSatisfied)
	}
	next := m.Clone()
	next.state = cmd.P1
	return next.done(nil)
}

// getChallenge is GET CHALLENGE. Spec: SPEC-JPKI-AP-080.
func (m *Model) getChallenge(cmd *apdu.Command) *Expected {
	switch {
	case cmd.P1 != 0 || cmd.P2 != 0:
		return m.refuse(iso7816.IncorrectP1P2)
	case len(cmd.Data) > 0:
		return m.refuse(iso7816.WrongLength)
	}
	n := cmd.Ne
	if n == 0 {
		n = 256
	}
	e := m.refuse(iso7816.OK)
	e.check = func(_ *Model, data []byte) error {
		if len(data) != n {
			return fmt.Errorf("oracle: a challenge of %d bytes, expected %d", len(data), n)
		}
		return nil
	}
	return e
}

// getData is GET DATA. Spec: SPEC-JPKI-AP-081 to SPEC-JPKI-AP-083.
func (m *Model) getData(cmd *apdu.Command) *Expected {
	if len(cmd.Data) > 0 {
		return m.refuse(iso7816.WrongLength)
	}
	role := auth
	switch tag := uint16(cmd.P1)<<8 | uint16(cmd.P2); tag {
	case 0xDF30:
		return m.Clone().done(m.status())
	case 0xDF31:
	case 0xDF32:
		role = sign
	default:
		return m.refuse(iso7816.ReferencedDataNotFound)
	}
	if !m.live() || !m.has(role) || m.roles[role].cert == nil {
		return m.refuse(iso7816.ReferencedDataNotFound)
	}
	return m.Clone().done(append([]byte{0xDF, cmd.P2, 15}, m.roles[role].end...))
}

// status is the object DF30.
func (m *Model) status() []byte {
	b := []byte{0xDF, 0x30, 18, 0x80, 1, m.phase, 0x81, 1, m.par.Form, 0x82, 4}
	b = binary.BigEndian.AppendUint32(b, m.highest)
	state := m.state
	if m.par.Policy == policyCard {
		state = 1
	}
	var flags byte
	for role, c := range m.roles {
		if c.code != nil {
			flags |= 1 << role
		}
		if c.pin != nil {
			flags |= 4 << role
		}
	}
	return append(b, 0x83, 1, state, 0x84, 1, flags)
}
