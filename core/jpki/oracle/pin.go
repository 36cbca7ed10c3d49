package oracle

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

const (
	codeBytes = 12
	codeTries = 5
)

// fullTries are the tries of a role's PIN on an interface.
func (m *Model) fullTries(role, iface int) int {
	switch {
	case role == sign:
		return 5
	case iface == contactless && m.par.Policy == policyPhone:
		return int(m.par.ContactlessTries)
	}
	return 3
}

// counter is the index of the tries that the interface counts.
// Spec: SPEC-JPKI-AP-059.
func (m *Model) counter() int {
	if m.phone() {
		return contactless
	}
	return contact
}

// fits tells whether a value has a PIN's alphabet and length.
func fits(role int, pin []byte) bool {
	for _, c := range pin {
		if (c < '0' || c > '9') && (role == auth || c < 'A' || c > 'Z') {
			return false
		}
	}
	return role == auth && len(pin) == 4 || role == sign && len(pin) >= 6 && len(pin) <= 16
}

// target is the EF that P2 names, of a kind; kinds are the auth and the sign
// EF. sw is 9000 when there is one.
func (m *Model) target(p2 byte, kinds [2]uint16) (ef uint16, role int, sw iso7816.SW) {
	switch ef = uint16(p2 & 0x7F); {
	case ef == 0:
		if ef = m.currentEF(); ef == 0 {
			return 0, 0, iso7816.NoCurrentFile
		}
	case !m.exists(ef):
		return 0, 0, iso7816.FileNotFound
	}
	for role, kind := range kinds {
		if ef == kind {
			return ef, role, iso7816.OK
		}
	}
	return 0, 0, iso7816.FileStructureIncompatible
}

var pinFiles = [2]uint16{efAuthPIN, efSignPIN}

// pinCommand is what the commands with PINs have in common: P1 P2, length, EF.
// Spec: SPEC-JPKI-AP-050.
func (m *Model) pinCommand(cmd *apdu.Command, p1 byte, least, most int) (ef uint16, role int, sw iso7816.SW) {
	switch {
	case cmd.P1 != p1 || cmd.P2 < 0x80 || cmd.P2 > 0x9E:
		return 0, 0, iso7816.IncorrectP1P2
	case len(cmd.Data) < least || len(cmd.Data) > most:
		return 0, 0, iso7816.WrongLength
	}
	return m.target(cmd.P2, pinFiles)
}

// pinOf is a role's content where its PIN is there at all.
func (m *Model) pinOf(role int) (c content, ok bool) {
	if !m.has(role) {
		return content{}, false
	}
	return m.roles[role], m.roles[role].pin != nil
}

// verify is VERIFY. Spec: SPEC-JPKI-AP-051 to SPEC-JPKI-AP-056,
// SPEC-JPKI-AP-059.
func (m *Model) verify(cmd *apdu.Command) *Expected {
	ef, role, sw := m.pinCommand(cmd, 0x00, 0, 16)
	if sw != iso7816.OK {
		return m.refuse(sw)
	}
	c, set := m.pinOf(role)
	at, next := m.counter(), m.Clone()
	next.current = ef
	p := &next.roles[role]
	switch {
	case len(cmd.Data) == 0:
		return &Expected{SW: tries(c.tries[at]), Next: next}
	case m.phase == PhaseSuspended:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case !set || c.tries[at] == 0:
		return m.refuse(iso7816.ReferenceDataNotUsable)
	case !bytes.Equal(c.pin, cmd.Data):
		p.verified[at] = false
		p.tries[at]--
		return &Expected{SW: tries(p.tries[at]), Next: next}
	}
	p.verified[at] = true
	p.tries[at] = m.fullTries(role, at)
	less, own := m.Clone(), m.Clone() // the try is written down before the comparison, set back in parts
	less.roles[role].tries[at]--
	own.roles[role].tries[at] = p.tries[at]
	torn := []*Model{less, own}
	if at == contact {
		p.tries[contactless] = m.fullTries(role, contactless)
		other := less.Clone()
		other.roles[role].tries[contactless] = p.tries[contactless]
		torn = append(torn, other)
	}
	return &Expected{SW: iso7816.OK, Next: next, Torn: torn}
}

// put sets a PIN with all its tries, not verified.
func (m *Model) put(role int, pin []byte) {
	p := &m.roles[role]
	p.pin, p.verified = bytes.Clone(pin), [2]bool{}
	p.tries = [2]int{m.fullTries(role, contact), m.fullTries(role, contactless)}
}

// change is CHANGE REFERENCE DATA. Spec: SPEC-JPKI-AP-060, SPEC-JPKI-AP-061.
func (m *Model) change(cmd *apdu.Command) *Expected {
	ef, role, sw := m.pinCommand(cmd, 0x01, 1, 16)
	if sw != iso7816.OK {
		return m.refuse(sw)
	}
	_, set := m.pinOf(role)
	switch {
	case m.phase != PhaseActive:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case !set || !m.verified(role):
		return m.refuse(iso7816.SecurityStatusNotSatisfied)
	case !fits(role, cmd.Data):
		return m.refuse(iso7816.WrongData)
	}
	next := m.Clone()
	next.current = ef
	next.put(role, cmd.Data)
	return next.done(nil)
}

// resetRetry is RESET RETRY COUNTER. Spec: SPEC-JPKI-AP-062 to
// SPEC-JPKI-AP-064.
func (m *Model) resetRetry(cmd *apdu.Command) *Expected {
	ef, role, sw := m.pinCommand(cmd, 0x00, codeBytes+1, codeBytes+16)
	if sw != iso7816.OK {
		return m.refuse(sw)
	}
	c := m.roles[role]
	if !m.has(role) {
		c = content{}
	}
	switch {
	case m.phase != PhaseActive || c.code == nil:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case c.codeTries == 0:
		return m.refuse(iso7816.ReferenceDataNotUsable)
	case !fits(role, cmd.Data[codeBytes:]):
		return m.refuse(iso7816.WrongData)
	}
	less := m.Clone()
	less.current = ef
	less.roles[role].codeTries--
	if !bytes.Equal(c.code, cmd.Data[:codeBytes]) {
		return &Expected{SW: tries(less.roles[role].codeTries), Next: less}
	}
	next := m.Clone()
	next.current = ef
	next.roles[role].code = nil
	next.put(role, cmd.Data[codeBytes:])
	return &Expected{SW: iso7816.OK, Next: next, Torn: []*Model{less}}
}
