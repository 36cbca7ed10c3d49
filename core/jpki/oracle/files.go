package oracle

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Elementary files.
const (
	efSignCert  = 0x0001
	efSignCA    = 0x0002
	efToken     = 0x0006
	efAvailable = 0x0008
	efAuthCert  = 0x000A
	efAuthCA    = 0x000B
	efAuthKey   = 0x0017
	efAuthPIN   = 0x0018
	efSignKey   = 0x001A
	efSignPIN   = 0x001B
)

// exists tells whether the form has an EF, over this interface.
// Spec: SPEC-JPKI-AP-029.
func (m *Model) exists(ef uint16) bool {
	switch ef {
	case efToken, efAvailable, efAuthCert, efAuthCA, efAuthKey, efAuthPIN, efSignPIN:
		return true
	case efSignCert, efSignCA, efSignKey:
		return m.has(sign)
	}
	return false
}

// currentEF is the current EF; 0: none.
func (m *Model) currentEF() uint16 {
	if m.current == 0 || !m.exists(m.current) {
		return 0
	}
	return m.current
}

// selectFile is SELECT of an EF, and what the card passes on of SELECT by name.
// Spec: SPEC-JPKI-AP-030 to SPEC-JPKI-AP-033.
func (m *Model) selectFile(cmd *apdu.Command) *Expected {
	switch {
	case cmd.P1 == 0x04:
		return m.refuse(iso7816.FileNotFound)
	case cmd.P1 != 0x02 || cmd.P2 != 0x0C && cmd.P2 != 0x00:
		return m.refuse(iso7816.IncorrectP1P2)
	case len(cmd.Data) != 2:
		return m.refuse(iso7816.WrongLength)
	}
	ef := uint16(cmd.Data[0])<<8 | uint16(cmd.Data[1])
	if !m.exists(ef) {
		return m.refuse(iso7816.FileNotFound)
	}
	next := m.Clone()
	next.current = ef
	return next.done(nil)
}

// readBinary is READ BINARY. Spec: SPEC-JPKI-AP-034 to SPEC-JPKI-AP-041.
func (m *Model) readBinary(cmd *apdu.Command) *Expected {
	ef, offset := m.currentEF(), int(cmd.P1)<<8|int(cmd.P2)
	bySFI := cmd.P1&0x80 != 0
	if bySFI {
		ef, offset = uint16(cmd.P1&0x1F), int(cmd.P2)
		if cmd.P1&0x60 != 0 || ef == 0 || ef == 0x1F {
			return m.refuse(iso7816.IncorrectP1P2)
		}
	}
	switch {
	case len(cmd.Data) > 0:
		return m.refuse(iso7816.WrongLength)
	case !bySFI && ef == 0:
		return m.refuse(iso7816.NoCurrentFile)
	case !m.exists(ef):
		return m.refuse(iso7816.FileNotFound)
	case ef >= efAuthKey:
		return m.refuse(iso7816.FileStructureIncompatible)
	case !m.readable(ef):
		return m.refuse(iso7816.SecurityStatusNotSatisfied)
	}
	content := m.file(ef)
	if offset >= len(content) {
		return m.refuse(iso7816.WrongP1P2)
	}
	n := cmd.Ne
	if n == 0 {
		n = 256
	}
	next := m.Clone()
	next.current = ef
	return next.done(content[offset:min(len(content), offset+n)])
}

// readable tells whether an EF's condition holds. Spec: SPEC-JPKI-AP-026,
// SPEC-JPKI-AP-036.
func (m *Model) readable(ef uint16) bool {
	switch ef {
	case efSignCert:
		return m.verified(sign)
	case efAuthCert:
		bit := byte(1)
		if m.contactless {
			bit = 2
		}
		return m.par.Protected&bit == 0 || m.authVerified()
	}
	return true
}

// verified tells whether a role's PIN is, on this interface.
func (m *Model) verified(role int) bool { return m.roles[role].verified[m.counter()] }

// authVerified tells whether the auth PIN counts as verified.
func (m *Model) authVerified() bool { return m.verified(auth) || m.phone() && m.state == 2 }

// live tells whether issued content is shown.
func (m *Model) live() bool { return m.phase == PhaseActive || m.phase == PhaseSuspended }

// file is the content of an EF that can be read.
func (m *Model) file(ef uint16) []byte {
	switch ef {
	case efToken:
		return m.token()
	case efAvailable:
		b := make([]byte, 3)
		for i, role := range []int{sign, auth} {
			if m.live() && m.roles[role].cert != nil {
				b[i] = 0x8F
			}
		}
		return b
	}
	if !m.live() {
		return nil
	}
	switch ef {
	case efSignCert:
		return m.roles[sign].cert
	case efSignCA:
		return m.roles[sign].ca
	case efAuthCert:
		return m.roles[auth].cert
	}
	return m.roles[auth].ca
}

// token is EF 0006. Spec: SPEC-JPKI-AP-040.
func (m *Model) token() []byte {
	longest, shortest := byte(4), byte(4)
	if m.par.Form == formCard {
		longest, shortest = 16, 6
	}
	var b []byte
	text := func(s string, n int) {
		b = append(append(b, s...), bytes.Repeat([]byte{' '}, n-len(s))...)
	}
	text(m.par.Label, 32)
	text("INKAN", 32)
	text("INKAN-JPKI-01", 16)
	b = append(b, "0000000000000000"...)
	b = append(b, 0, 0, 4, 0x0D)
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
	b = append(b, 0, 0, 0, longest, 0, 0, 0, shortest)
	b = append(b, bytes.Repeat([]byte{0xFF}, 16)...)
	b = append(b, "0301"...)
	return append(b, "9999999999999999"...)
}
