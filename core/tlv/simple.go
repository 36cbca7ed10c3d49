package tlv

import (
	"strconv"

	"inkan/core/wire"
)

// MaxSimpleValue is the longest value of a SIMPLE-TLV object.
const MaxSimpleValue = 65535

const formatSimple = "SIMPLE-TLV"

// AppendSimple appends a SIMPLE-TLV object (ISO/IEC 7816-4): one byte of tag,
// 01 to FE; a length of one byte, 00 to FE, or FF and two bytes; the value. It
// panics on any other tag or a longer value. Spec: SPEC-TLV-040.
func AppendSimple(dst []byte, tag byte, value []byte) []byte {
	if tag == 0 || tag == 0xFF || len(value) > MaxSimpleValue {
		panic("tlv: SIMPLE-TLV tag " + Tag(tag).String() + " with " + strconv.Itoa(len(value)) + " bytes")
	}
	return append(appendFFLength(append(dst, tag), len(value)), value...)
}

// SimpleReader walks over a sequence of SIMPLE-TLV objects, as Reader does
// over BER-TLV objects.
type SimpleReader struct {
	b     []byte
	next  int
	off   int
	tag   byte
	value []byte
	mode  Mode
	err   *wire.DecodeError
}

// NewSimpleReader reads b as SIMPLE-TLV objects. Faults have the format
// "SIMPLE-TLV".
func NewSimpleReader(b []byte, m Mode) SimpleReader { return SimpleReader{b: b, mode: m} }

// Next goes to the next object; false at the end and at a fault.
// Spec: SPEC-TLV-041, SPEC-TLV-042.
func (r *SimpleReader) Next() bool {
	r.tag, r.value = 0, nil
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
	if rest[0] == 0 || rest[0] == 0xFF {
		return r.fail(&fault{want: "a tag from 01 to FE", got: Tag(rest[0]).String()}, "")
	}
	n, used, f := parseFFLength(rest[1:], r.mode)
	if f != nil {
		return r.fail(f.at(1), Tag(rest[0]).String())
	}
	value, f := parseValue(rest, 1+used, uint64(n))
	if f != nil {
		return r.fail(f, Tag(rest[0]).String())
	}
	r.off, r.tag, r.value = r.next, rest[0], value
	r.next += 1 + used + n
	return true
}

// Tag is the present object's tag.
func (r *SimpleReader) Tag() byte { return r.tag }

// Value is the present object's value, borrowed from the input.
func (r *SimpleReader) Value() []byte { return r.value }

// Offset is where the present object begins.
func (r *SimpleReader) Offset() int { return r.off }

// Err is the first fault as a *wire.DecodeError, or nil.
func (r *SimpleReader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

func (r *SimpleReader) fail(f *fault, path string) bool {
	r.err = f.decodeError(formatSimple, path, r.next)
	return false
}
