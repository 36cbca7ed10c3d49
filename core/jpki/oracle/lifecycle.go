package oracle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"inkan/core/iso7816"
)

// is tells whether an ID is that of the issue.
func (m *Model) is(id []byte) bool { return m.issue != nil && bytes.Equal(m.issue.id, id) }

// activate is ACTIVATE. Spec: SPEC-PERSO-050 to SPEC-PERSO-053,
// SPEC-PERSO-058.
func (m *Model) activate(id []byte) *Expected {
	switch {
	case !m.is(id) || m.phase == PhaseEmpty:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case m.live():
		return m.give(m.receipt)
	}
	for role, c := range m.roles {
		if m.open.roles>>role&1 != 0 && (c.key == nil || c.cert == nil || c.end == nil || c.code == nil) {
			return m.refuse(iso7816.ConditionsNotSatisfied)
		}
	}
	next := m.Clone()
	next.receipt = m.makeReceipt()
	next.phase, next.lifeCycle = PhaseActive, 0x0F
	next.open, next.ephemeral, next.challenge = nil, nil, nil
	return next.give(next.receipt)
}

// makeReceipt is statement 05 of the open issue.
func (m *Model) makeReceipt() *answer {
	a := header(0x05, m.open)
	a.add(m.open.roles)
	for _, c := range m.roles {
		if c.cert == nil {
			a.add(make([]byte, 32)...)
			continue
		}
		h := sha256.Sum256(c.cert)
		a.add(h[:]...)
	}
	if _, auth, ok := m.wrapKeys(); ok {
		a.add(cmac(auth, []byte(label), a.data)...)
	} else {
		a.unknown(16)
	}
	return a
}

// suspend is SUSPEND and RESUME, which lead to a phase. Spec: SPEC-PERSO-054.
func (m *Model) suspend(id []byte, kind, phase byte) *Expected {
	if !m.is(id) || !m.live() {
		return m.refuse(iso7816.ConditionsNotSatisfied)
	}
	next := m.Clone()
	next.phase = phase
	if phase == PhaseSuspended {
		next.state = 0
	}
	a := header(kind, m.issue)
	a.add(phase)
	next.attest(a, 0)
	return next.give(a)
}

// erase is ERASE. Spec: SPEC-PERSO-055 to SPEC-PERSO-058.
func (m *Model) erase(id []byte) *Expected {
	if !m.is(id) && !bytes.Equal(id, make([]byte, 16)) {
		return m.refuse(iso7816.ConditionsNotSatisfied)
	}
	next := m.Clone()
	if m.phase != PhaseEmpty {
		next.roles, next.receipt, next.phase, next.lifeCycle, next.state = [2]content{}, nil, PhaseEmpty, 0x07, 0
		next.open, next.ephemeral, next.challenge, next.lastMAC = nil, nil, nil, nil
	}
	a := header(0x08, m.issue)
	a.add(binary.BigEndian.AppendUint32(nil, m.highest)...)
	next.attest(a, 0)
	return next.give(a)
}

// stateStatement is statement 09. Spec: SPEC-PERSO-059.
func (m *Model) stateStatement() *answer {
	a := header(0x09, m.last)
	a.add(m.phase)
	if m.open != nil {
		a.add(m.open.purpose)
	} else {
		a.add(0)
	}
	a.add(m.sequence, m.Content())
	a.add(binary.BigEndian.AppendUint32(nil, m.highest)...)
	if m.last == nil {
		a.add(make([]byte, 16)...)
	} else {
		a.add(m.last.id...)
	}
	return a
}
