package oracle

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"inkan/core/iso7816"
)

const (
	purposeIssue = 0x01
	purposeReset = 0x02

	originCard      = 0x01
	originDelivered = 0x02
)

// point checks a point of P-256.
func point(b []byte) (*ecdh.PublicKey, error) { return ecdh.P256().NewPublicKey(b) }

// readOrder takes an order apart. Spec: SPEC-PERSO-020.
func (m *Model) readOrder(v []byte) (*order, bool) {
	o := &order{raw: bytes.Clone(v), hash: sha256.Sum256(v), purpose: v[1], origin: v[2], roles: v[3], id: bytes.Clone(v[4:20]),
		counter: binary.BigEndian.Uint32(v[68:72]), point: bytes.Clone(v[73:138])}
	origin := o.purpose == purposeIssue && (o.origin == originCard || o.origin == originDelivered) ||
		o.purpose == purposeReset && o.origin == 0
	_, err := point(o.point)
	return o, v[0] == 1 && origin && o.roles != 0 && o.roles&^m.par.Form == 0 && err == nil
}

// takeOrder is ORDER. Spec: SPEC-PERSO-020 to SPEC-PERSO-029, SPEC-PERSO-080.
func (m *Model) takeOrder(v []byte) *Expected {
	o, ok := m.readOrder(v)
	if !ok {
		return m.refuse(iso7816.WrongData)
	}
	same := func(other *order) bool { return other != nil && bytes.Equal(other.raw, v) }
	without := false
	for role, c := range m.roles {
		without = without || o.roles>>role&1 != 0 && c.key == nil
	}
	switch {
	case m.par.Attestation == attestNeeded && m.env.Authority == nil,
		o.purpose == purposeIssue && m.phase != PhaseEmpty && m.phase != PhaseOrdered,
		o.purpose == purposeReset && (m.phase != PhaseActive || without || !bytes.Equal(o.raw[72:], m.issue.raw[72:])),
		o.counter <= m.highest && !same(m.open) && !same(m.raised):
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case same(m.open):
		return m.give(m.orderStatement())
	}
	next, raised := m.Clone(), m.Clone()
	raised.highest, raised.raised = o.counter, o
	next.highest, next.raised = o.counter, nil
	next.last, next.open, next.sequence, next.lastMAC = o, o, 0, nil
	next.ephemeral, next.challenge, next.state = nil, nil, 0
	if o.purpose == purposeIssue {
		next.roles, next.phase, next.issue = [2]content{}, PhaseOrdered, o
	}
	e := next.give(next.orderStatement())
	e.Torn = []*Model{raised}
	return e
}

// orderStatement is statement 01 of the open order.
func (m *Model) orderStatement() *answer {
	a := header(0x01, m.open)
	a.addOr(m.ephemeral, 65)
	a.addOr(m.challenge, 16)
	open := m.open
	a.learn = func(m *Model, data []byte) error {
		if _, err := point(data[37:102]); err != nil {
			return fmt.Errorf("oracle: ephemeral point: %w", err)
		}
		if m.open == open {
			m.ephemeral, m.challenge = data[37:102], data[102:118]
		}
		return nil
	}
	m.attest(a, 0)
	return a
}

// opens tells whether the open order is an issue, and whether it has a role.
func (m *Model) opens(role byte) (issue, has bool) {
	issue = m.open != nil && m.open.purpose == purposeIssue
	return issue, issue && (role == 1 || role == 2) && m.open.roles&role != 0
}

// generate is GENERATE. Spec: SPEC-PERSO-030, SPEC-PERSO-031.
func (m *Model) generate(role byte) *Expected {
	issue, has := m.opens(role)
	switch {
	case !issue || m.open.origin != originCard:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case role != 1 && role != 2:
		return m.refuse(iso7816.WrongData)
	case !has:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	}
	next := m.Clone()
	if next.roles[role-1].key == nil {
		next.roles[role-1].key = new(key)
	}
	return next.give(next.keyStatement(role))
}

// keyStatement is statement 02 of a role.
func (m *Model) keyStatement(role byte) *answer {
	a := header(0x02, m.open)
	a.add(role)
	var modulus []byte
	if n := m.roles[role-1].key.modulus; n != nil {
		modulus = n.FillBytes(make([]byte, signatureBytes))
	}
	a.addOr(modulus, signatureBytes)
	a.unknown(signatureBytes)
	open := m.open
	a.learn = func(m *Model, data []byte) error {
		n := new(big.Int).SetBytes(data[38:294])
		if n.BitLen() != 2048 || n.Bit(0) == 0 {
			return errors.New("oracle: modulus is not of 2048 bits and odd")
		}
		message := append([]byte(label), data[:38]...)
		message = append(append(message, byte(len(m.env.AID))), m.env.AID...)
		h := sha256.Sum256(append(message, data[38:294]...))
		if err := rsa.VerifyPKCS1v15(&rsa.PublicKey{N: n, E: 65537}, crypto.SHA256, h[:], data[294:550]); err != nil {
			return fmt.Errorf("oracle: proof of possession: %w", err)
		}
		if m.issue == open && m.roles[role-1].key != nil {
			m.roles[role-1].key = &key{modulus: n}
		}
		return nil
	}
	m.attest(a, signatureBytes)
	return a
}

// caCert is CA CERT. Spec: SPEC-PERSO-048.
func (m *Model) caCert(role byte, der []byte) *Expected {
	if _, has := m.opens(role); !has || m.phase != PhaseOrdered {
		return m.refuse(iso7816.ConditionsNotSatisfied)
	}
	next, without := m.Clone(), m.Clone()
	next.roles[role-1].ca = bytes.Clone(der)
	without.roles[role-1].ca = nil
	return &Expected{SW: iso7816.OK, Next: next, Torn: []*Model{without}}
}
