package jpki

import (
	"encoding/binary"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Tags of the data objects of GET DATA.
const (
	TagStatus       tlv.Tag = 0xDF30
	TagAuthValidity tlv.Tag = 0xDF31 // end of validity of the auth certificate
	TagSignValidity tlv.Tag = 0xDF32 // of the sign certificate
)

// ContactlessState is whether the contactless interface may be used.
type ContactlessState byte

// States.
const (
	ContactlessOff ContactlessState = 0x00
	ContactlessOn  ContactlessState = 0x01
	ContactlessOne ContactlessState = 0x02 // for one signature
)

// StatusFlags are bits of Status.
type StatusFlags byte

// Flags.
const (
	AuthCodePending StatusFlags = 0x01
	SignCodePending StatusFlags = 0x02
	AuthPINSet      StatusFlags = 0x04
	SignPINSet      StatusFlags = 0x08
)

// Status is the status object DF30.
type Status struct {
	Phase       Phase
	Form        Form
	Counter     uint32 // the highest order counter
	Contactless ContactlessState
	Flags       StatusFlags
}

const statusLen = 18

// Append appends the object with its tag. Spec: SPEC-JPKI-AP-081.
func (s *Status) Append(dst []byte) []byte {
	dst = tlv.AppendHeader(dst, TagStatus, statusLen)
	dst = append(dst, 0x80, 1, byte(s.Phase), 0x81, 1, byte(s.Form), 0x82, 4)
	dst = binary.BigEndian.AppendUint32(dst, s.Counter)
	return append(dst, 0x83, 1, byte(s.Contactless), 0x84, 1, byte(s.Flags))
}

// DecodeStatus reads the response data of GET DATA DF30. Errors are
// *wire.DecodeError. Spec: SPEC-JPKI-AP-081.
func DecodeStatus(b []byte) (Status, error) {
	r := wire.NewReader("JPKI status", b)
	var s Status
	header(&r, TagStatus, statusLen)
	s.Phase = Phase(element(&r, 0x80, "phase", func(v byte) bool { return Phase(v).Valid() }))
	s.Form = Form(element(&r, 0x81, "form", func(v byte) bool { return Form(v) == FormSIM || Form(v) == FormCard }))
	literal(&r, "counter", 0x82, 4)
	if c := r.Bytes(4, "counter"); c != nil {
		s.Counter = binary.BigEndian.Uint32(c)
	}
	s.Contactless = ContactlessState(element(&r, 0x83, "contactless", func(v byte) bool { return v <= byte(ContactlessOne) }))
	s.Flags = StatusFlags(element(&r, 0x84, "flags", func(v byte) bool { return v < 0x10 }))
	if err := r.End(); err != nil {
		return Status{}, err
	}
	return s, nil
}

// header reads a tag of two bytes and the length that it has to have.
func header(r *wire.Reader, tag tlv.Tag, length byte) {
	literal(r, "tag", byte(tag>>8), byte(tag))
	literal(r, "length", length)
}

// literal reads bytes that have to be these.
func literal(r *wire.Reader, path string, want ...byte) {
	for _, w := range want {
		at := r.Offset()
		if got := r.Byte(path); got != w {
			r.FailAt(at, path, hexByte(w), hexByte(got))
		}
	}
}

// element reads tag, length 1 and a value.
func element(r *wire.Reader, tag byte, path string, valid func(byte) bool) byte {
	literal(r, path, tag, 1)
	at := r.Offset()
	v := r.Byte(path)
	if r.Err() == nil && !valid(v) {
		r.FailAt(at, path, "a value of the table", hexByte(v))
	}
	return v
}

// ValidityLen is the length of an end of validity, YYYYMMDDhhmmssZ.
const ValidityLen = 15

// AppendValidity appends an end-of-validity object with its tag.
// Spec: SPEC-JPKI-AP-082.
func AppendValidity(dst []byte, tag tlv.Tag, end [ValidityLen]byte) []byte {
	return tlv.Append(dst, tag, end[:])
}

// DecodeValidity reads the response data of GET DATA DF31 or DF32: 14 digits
// and Z. Errors are *wire.DecodeError. Spec: SPEC-JPKI-AP-082.
func DecodeValidity(b []byte, tag tlv.Tag) (end [ValidityLen]byte, err error) {
	r := wire.NewReader("JPKI end of validity", b)
	header(&r, tag, ValidityLen)
	at := r.Offset()
	v := r.Bytes(ValidityLen, "time")
	if r.Err() == nil && !IsValidity(v) {
		r.FailAt(at, "time", "YYYYMMDDhhmmssZ", "another form")
	}
	if err := r.End(); err != nil {
		return end, err
	}
	copy(end[:], v)
	return end, nil
}

// IsValidity reports whether v has the form of an end of validity: 14 digits and
// Z. Whether there is such a date it does not tell.
func IsValidity(v []byte) bool {
	if len(v) != ValidityLen || v[ValidityLen-1] != 'Z' {
		return false
	}
	for _, c := range v[:ValidityLen-1] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
