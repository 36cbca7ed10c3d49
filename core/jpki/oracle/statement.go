package oracle

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"inkan/core/iso7816"
)

const label = "INKAN-PERSO-1"

const (
	partBytes        = 200 // of an answer in one response
	attestationBytes = 64
)

// answer is a statement, or as much of it as is known before the card gives it.
type answer struct {
	data  []byte
	known []bool
	learn func(m *Model, data []byte) error // called when all is known; may be nil
}

// add appends bytes that are known.
func (a *answer) add(b ...byte) {
	a.data = append(a.data, b...)
	for range b {
		a.known = append(a.known, true)
	}
}

// unknown appends n bytes that only the card knows.
func (a *answer) unknown(n int) {
	a.data = append(a.data, make([]byte, n)...)
	a.known = append(a.known, make([]bool, n)...)
}

// addOr appends bytes, or n unknown ones for nil.
func (a *answer) addOr(b []byte, n int) {
	if b == nil {
		a.unknown(n)
		return
	}
	a.add(b...)
}

// header begins a statement about an order; nil: zeros.
func header(kind byte, o *order) *answer {
	a := new(answer)
	a.add(kind)
	if o == nil {
		a.add(make([]byte, 36)...)
		return a
	}
	a.add(o.hash[:]...)
	a.add(binary.BigEndian.AppendUint32(nil, o.counter)...)
	return a
}

// attest appends an attestation over the statement without the last skip bytes.
func (m *Model) attest(a *answer, skip int) {
	if !m.attests() {
		a.add(0)
		return
	}
	a.add(attestationBytes)
	signed := len(a.data) - 1 - skip
	a.unknown(attestationBytes)
	before := a.learn
	a.learn = func(m *Model, data []byte) error {
		message := append([]byte{byte(len(m.env.AID))}, m.env.AID...)
		message = append(message, m.env.LoadFile[:]...)
		message = append(append(message, label...), data[:signed]...)
		h, at := sha256.Sum256(message), len(data)-attestationBytes
		r, s := new(big.Int).SetBytes(data[at:at+32]), new(big.Int).SetBytes(data[at+32:])
		if !ecdsa.Verify(m.env.Authority, h[:], r, s) {
			return errors.New("oracle: attestation does not verify")
		}
		if before != nil {
			return before(m, data)
		}
		return nil
	}
}

// part is what travels of an answer from an offset on.
func (a *answer) part(offset int) (from, to int) { return offset, min(len(a.data), offset+partBytes) }

// give answers with the first part of a statement, which becomes the last
// answer. Spec: SPEC-PERSO-011.
func (m *Model) give(a *answer) *Expected {
	next := m.Clone()
	next.answer = a
	return next.partOf(0)
}

// more is ANSWER. Spec: SPEC-PERSO-012.
func (m *Model) more(offset int) *Expected {
	switch {
	case m.answer == nil:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case offset >= len(m.answer.data):
		return m.refuse(iso7816.WrongData)
	}
	return m.Clone().partOf(offset)
}

// partOf answers with a part of the last answer, even if that is the last one
// no more when the block ends.
func (m *Model) partOf(offset int) *Expected {
	a := m.answer
	from, to := a.part(offset)
	e := m.done(nil)
	e.check = func(next *Model, data []byte) error {
		if len(data) != 2+to-from || int(data[0])<<8|int(data[1]) != len(a.data) {
			return fmt.Errorf("oracle: %d bytes of answer %X, expected %d of %d", len(data), data, 2+to-from, len(a.data))
		}
		return next.learn(a, from, data[2:])
	}
	return e
}

// learn compares a part of an answer with what is known of it and learns the
// rest.
func (m *Model) learn(of *answer, from int, part []byte) error {
	a := &answer{data: bytes.Clone(of.data), known: append([]bool(nil), of.known...), learn: of.learn}
	for i, b := range part {
		if a.known[from+i] && a.data[from+i] != b {
			return fmt.Errorf("oracle: byte %d of the answer is %02X, expected %02X, in %X", from+i, b, a.data[from+i], part)
		}
		a.data[from+i], a.known[from+i] = b, true
	}
	if m.answer == of {
		m.answer = a
	}
	if m.receipt == of {
		m.receipt = a
	}
	for _, known := range a.known {
		if !known {
			return nil
		}
	}
	if a.learn == nil {
		return nil
	}
	learn := a.learn
	a.learn = nil
	return learn(m, a.data)
}
