package perso

import (
	"encoding/binary"
	"strconv"

	"inkan/core/jpki"
	"inkan/core/wire"
)

// label separates what is signed and keyed here from everything else.
const label = "INKAN-PERSO-1"

// StatementType says what a statement is.
type StatementType byte

// Statement types.
const (
	StatementOrder   StatementType = 0x01
	StatementKey     StatementType = 0x02
	StatementReceipt StatementType = 0x05
	StatementSuspend StatementType = 0x06
	StatementResume  StatementType = 0x07
	StatementErase   StatementType = 0x08
	StatementState   StatementType = 0x09
)

// Header begins every statement. For types 01 and 02 it is that of the open
// order, for 05 to 08 of the issue that the content came with, for 09 of the
// last order; zeros before the first.
type Header struct {
	Type      StatementType
	OrderHash Hash
	Counter   uint32
}

// Append appends the 37 bytes.
func (h *Header) Append(dst []byte) []byte {
	dst = append(append(dst, byte(h.Type)), h.OrderHash[:]...)
	return binary.BigEndian.AppendUint32(dst, h.Counter)
}

// readHeader reads a header that has to be of one of two types.
func readHeader(r *wire.Reader, a, b StatementType) (h Header) {
	h.Type = StatementType(r.Byte("type"))
	if r.Err() == nil && h.Type != a && h.Type != b {
		r.FailAt(0, "type", strconv.Itoa(int(a)), strconv.Itoa(int(h.Type)))
	}
	copy(h.OrderHash[:], r.Bytes(len(h.OrderHash), "order hash"))
	h.Counter = readUint32(r, "counter")
	return h
}

// OrderStatement, type 01, answers ORDER.
type OrderStatement struct {
	Header
	Point       Point // ephemeral
	Challenge   [ChallengeLen]byte
	Attestation []byte // empty: none
}

// signed appends what the attestation covers behind the label.
func (s *OrderStatement) signed(dst []byte) []byte {
	dst = append(s.Header.Append(dst), s.Point[:]...)
	return append(dst, s.Challenge[:]...)
}

// Append appends the statement; the attestation has at most 255 bytes.
func (s *OrderStatement) Append(dst []byte) []byte {
	return appendAttestation(s.signed(dst), s.Attestation)
}

// DecodeOrderStatement reads an answer to ORDER. The attestation is borrowed.
// Whether the point is one is Open's to say. Errors are *wire.DecodeError.
func DecodeOrderStatement(b []byte) (s OrderStatement, err error) {
	r := wire.NewReader("PERSO statement 01", b)
	s.Header = readHeader(&r, StatementOrder, StatementOrder)
	copy(s.Point[:], r.Bytes(PointLen, "ephemeral point"))
	copy(s.Challenge[:], r.Bytes(ChallengeLen, "challenge"))
	s.Attestation = r.LV("attestation")
	return s, r.End()
}

// ModulusLen is the length of modulus and proof of possession in bytes.
const ModulusLen = 256

// KeyStatement, type 02, answers GENERATE.
type KeyStatement struct {
	Header
	Role        jpki.Role
	Modulus     [ModulusLen]byte
	Proof       [ModulusLen]byte // of possession: a signature by the new key
	Attestation []byte
}

// signed appends what the attestation covers behind the label.
func (s *KeyStatement) signed(dst []byte) []byte {
	return append(append(s.Header.Append(dst), byte(s.Role)), s.Modulus[:]...)
}

// Append appends the statement.
func (s *KeyStatement) Append(dst []byte) []byte {
	return appendAttestation(append(s.signed(dst), s.Proof[:]...), s.Attestation)
}

// DecodeKeyStatement reads an answer to GENERATE. The attestation is borrowed.
// Errors are *wire.DecodeError.
func DecodeKeyStatement(b []byte) (s KeyStatement, err error) {
	r := wire.NewReader("PERSO statement 02", b)
	s.Header = readHeader(&r, StatementKey, StatementKey)
	s.Role = jpki.Role(r.Byte("role"))
	if r.Err() == nil && !s.Role.Single() {
		r.FailAt(r.Offset()-1, "role", "01 or 02", "another")
	}
	copy(s.Modulus[:], r.Bytes(ModulusLen, "modulus"))
	copy(s.Proof[:], r.Bytes(ModulusLen, "proof of possession"))
	s.Attestation = r.LV("attestation")
	return s, r.End()
}

// appendAttestation appends an LV.
func appendAttestation(dst, attestation []byte) []byte {
	return append(append(dst, byte(len(attestation))), attestation...)
}
