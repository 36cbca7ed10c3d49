package perso

import (
	"encoding/binary"

	"inkan/core/jpki"
	"inkan/core/wire"
)

// PhaseStatement, types 06 and 07, answers SUSPEND and RESUME.
type PhaseStatement struct {
	Header
	Phase       jpki.Phase
	Attestation []byte
}

func (s *PhaseStatement) signed(dst []byte) []byte {
	return append(s.Header.Append(dst), byte(s.Phase))
}

// Append appends the statement.
func (s *PhaseStatement) Append(dst []byte) []byte {
	return appendAttestation(s.signed(dst), s.Attestation)
}

// DecodePhaseStatement reads an answer to SUSPEND or RESUME: type 06 has the
// phase SUSPENDED, 07 ACTIVE. The attestation is borrowed. Errors are
// *wire.DecodeError.
func DecodePhaseStatement(b []byte) (s PhaseStatement, err error) {
	r := wire.NewReader("PERSO statement 06, 07", b)
	s.Header = readHeader(&r, StatementSuspend, StatementResume)
	s.Phase = jpki.Phase(r.Byte("phase"))
	want := jpki.Suspended
	if s.Type == StatementResume {
		want = jpki.Active
	}
	if r.Err() == nil && s.Phase != want {
		r.FailAt(r.Offset()-1, "phase", want.String(), s.Phase.String())
	}
	s.Attestation = r.LV("attestation")
	return s, r.End()
}

// EraseStatement, type 08, answers ERASE.
type EraseStatement struct {
	Header
	Highest     uint32 // order counter
	Attestation []byte
}

func (s *EraseStatement) signed(dst []byte) []byte {
	return binary.BigEndian.AppendUint32(s.Header.Append(dst), s.Highest)
}

// Append appends the statement.
func (s *EraseStatement) Append(dst []byte) []byte {
	return appendAttestation(s.signed(dst), s.Attestation)
}

// DecodeEraseStatement reads an answer to ERASE. The attestation is borrowed.
// Errors are *wire.DecodeError.
func DecodeEraseStatement(b []byte) (s EraseStatement, err error) {
	r := wire.NewReader("PERSO statement 08", b)
	s.Header = readHeader(&r, StatementErase, StatementErase)
	s.Highest = readUint32(&r, "highest counter")
	s.Attestation = r.LV("attestation")
	return s, r.End()
}

// Content is a set of what an issue has: bits of the auth role, and shifted by 4
// those of the sign role.
type Content byte

// Bits of Content.
const (
	ContentKeyPair     Content = 0x01
	ContentCertificate Content = 0x02
	ContentValidity    Content = 0x04
	ContentCode        Content = 0x08
	ContentComplete            = ContentKeyPair | ContentCertificate | ContentValidity | ContentCode
)

// Of is the content of one role.
func (c Content) Of(role jpki.Role) Content {
	if role == jpki.Sign {
		c >>= 4
	}
	return c & ContentComplete
}

// StateStatement, type 09, answers STATE. It has no attestation.
type StateStatement struct {
	Header
	Phase    jpki.Phase
	Purpose  jpki.Purpose // of the open order
	Sequence byte         // the last one
	Content  Content      // of the open issue, or what there is when none is open
	Highest  uint32       // order counter
	Order    OrderID      // of the last order
}

// Append appends the statement.
func (s *StateStatement) Append(dst []byte) []byte {
	dst = append(s.Header.Append(dst), byte(s.Phase), byte(s.Purpose), s.Sequence, byte(s.Content))
	return append(binary.BigEndian.AppendUint32(dst, s.Highest), s.Order[:]...)
}

// DecodeStateStatement reads an answer to STATE. Errors are *wire.DecodeError.
func DecodeStateStatement(b []byte) (s StateStatement, err error) {
	r := wire.NewReader("PERSO statement 09", b)
	s.Header = readHeader(&r, StatementState, StatementState)
	s.Phase = jpki.Phase(r.Byte("phase"))
	if r.Err() == nil && !s.Phase.Valid() {
		r.FailAt(r.Offset()-1, "phase", "00, 01, 03 or 07", s.Phase.String())
	}
	s.Purpose = jpki.Purpose(r.Byte("purpose"))
	if r.Err() == nil && s.Purpose > jpki.PurposePINReset {
		r.FailAt(r.Offset()-1, "purpose", "00, 01 or 02", s.Purpose.String())
	}
	s.Sequence, s.Content = r.Byte("last sequence"), Content(r.Byte("content"))
	s.Highest = readUint32(&r, "highest counter")
	copy(s.Order[:], r.Bytes(len(s.Order), "last order ID"))
	return s, r.End()
}
