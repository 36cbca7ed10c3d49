package tlv

import (
	"strconv"

	"inkan/core/wire"
)

// ComprehensionTag is the value of a COMPREHENSION-TLV tag without the
// comprehension-required flag, 1 to 7FFF (ETSI TS 101 220 §7.1.1.2).
type ComprehensionTag uint16

// MaxComprehensionTag is the largest tag value.
const MaxComprehensionTag ComprehensionTag = 0x7FFF

const formatComprehension = "COMPREHENSION-TLV"

// String is the tag value in upper-case hex.
func (t ComprehensionTag) String() string {
	if t < 0x100 {
		return string([]byte{hexDigits[t>>4], hexDigits[t&0xF]})
	}
	return dgiPath(uint16(t))
}

// AppendComprehension appends a COMPREHENSION-TLV object: the tag in one byte
// when its value is at most 7E, else 7F and two bytes; the
// comprehension-required flag in the top bit of the tag value; a BER length of
// at most three bytes after the first. It panics on a tag value of 0 or above
// MaxComprehensionTag, or a value of 16 MiB or more. Spec: SPEC-TLV-020,
// SPEC-TLV-021.
func AppendComprehension(dst []byte, tag ComprehensionTag, required bool, value []byte) []byte {
	if tag == 0 || tag > MaxComprehensionTag || len(value) > 0xFFFFFF {
		panic("tlv: COMPREHENSION-TLV tag " + tag.String() + " with " + strconv.Itoa(len(value)) + " bytes")
	}
	var cr byte
	if required {
		cr = 0x80
	}
	if tag < 0x7F {
		dst = append(dst, cr|byte(tag))
	} else {
		dst = append(dst, 0x7F, cr|byte(tag>>8), byte(tag))
	}
	return append(AppendLength(dst, len(value)), value...)
}

// ComprehensionReader walks over a sequence of COMPREHENSION-TLV objects, as
// Reader does over BER-TLV objects.
type ComprehensionReader struct {
	b        []byte
	next     int
	base     int
	off      int
	tag      ComprehensionTag
	required bool
	value    []byte
	mode     Mode
	err      *wire.DecodeError
}

// NewComprehensionReader reads b, whose first byte has offset base in the
// whole input. Faults have the format "COMPREHENSION-TLV".
func NewComprehensionReader(b []byte, base int, m Mode) ComprehensionReader {
	return ComprehensionReader{b: b, base: base, mode: m}
}

// Next goes to the next object; false at the end and at a fault.
func (r *ComprehensionReader) Next() bool {
	r.tag, r.required, r.value = 0, false, nil
	if r.err != nil {
		return false
	}
	for r.next < len(r.b) && r.mode.padding(r.b[r.next]) {
		r.next++
	}
	if r.next >= len(r.b) {
		return false
	}
	rest := r.b[r.next:]
	tag, required, used, f := parseComprehensionTag(rest, r.mode)
	if f != nil {
		return r.fail(f, "")
	}
	n, k, f := parseLength(rest[used:], r.mode, 3)
	if f != nil {
		return r.fail(f.at(used), tag.String())
	}
	value, f := parseValue(rest, used+k, n)
	if f != nil {
		return r.fail(f, tag.String())
	}
	r.off = r.base + r.next
	r.tag, r.required, r.value = tag, required, value
	r.next += used + k + len(value)
	return true
}

// Tag is the present object's tag value.
func (r *ComprehensionReader) Tag() ComprehensionTag { return r.tag }

// Required is the present object's comprehension-required flag: a receiver
// that does not know the tag has to refuse the whole command.
func (r *ComprehensionReader) Required() bool { return r.required }

// Value is the present object's value, borrowed from the input.
func (r *ComprehensionReader) Value() []byte { return r.value }

// Offset is the offset of the present object in the whole input.
func (r *ComprehensionReader) Offset() int { return r.off }

// Err is the first fault as a *wire.DecodeError, or nil.
func (r *ComprehensionReader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

func (r *ComprehensionReader) fail(f *fault, path string) bool {
	r.err = f.decodeError(formatComprehension, path, r.base+r.next)
	return false
}

var (
	errComprehensionTag   = &fault{want: "a tag other than 00, 80 and FF", got: "one of them"}
	errComprehensionZero  = &fault{offset: 1, want: "a tag value of at least 1", got: "0"}
	errComprehensionShort = &fault{offset: 1, want: "a one-byte tag", got: "the three-byte form"}
)

// parseComprehensionTag reads tag value, comprehension-required flag and the
// number of tag bytes. Spec: SPEC-TLV-022, SPEC-TLV-023.
func parseComprehensionTag(b []byte, m Mode) (ComprehensionTag, bool, int, *fault) {
	switch b[0] {
	case 0x00, 0x80, 0xFF:
		return 0, false, 0, errComprehensionTag
	case 0x7F:
		if len(b) < 3 {
			return 0, false, 0, errTagEnd.at(len(b))
		}
		tag := ComprehensionTag(b[1]&0x7F)<<8 | ComprehensionTag(b[2])
		if tag == 0 {
			return 0, false, 0, errComprehensionZero
		}
		if tag < 0x7F && m&Strict != 0 {
			return 0, false, 0, errComprehensionShort
		}
		return tag, b[1]&0x80 != 0, 3, nil
	}
	return ComprehensionTag(b[0] & 0x7F), b[0]&0x80 != 0, 1, nil
}
