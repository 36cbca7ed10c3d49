package tlv

import (
	"strconv"

	"inkan/core/wire"
)

// fault is why a header cannot be read, relative to the header's start.
type fault struct {
	offset    int
	want, got string
}

var (
	errTagEnd      = &fault{want: "a tag", got: "end of input"}
	errTagZero     = &fault{want: "a tag", got: "00"}
	errTagLong     = &fault{offset: 2, want: "the last byte of a tag of at most 3 bytes", got: "a continuation"}
	errTagLeading  = &fault{offset: 1, want: "a tag number without leading zeros", got: "80"}
	errTagShort    = &fault{offset: 1, want: "a tag number of at least 31", got: "a smaller one"}
	errLengthEnd   = &fault{want: "a length", got: "end of input"}
	errIndefinite  = &fault{want: "a definite length", got: "80"}
	errLengthForm  = &fault{want: "a length of at most 4 bytes after the first", got: "a longer form"}
	errNotShortest = &fault{want: "the shortest form of the length", got: "a longer one"}
)

// at moves the fault behind n bytes that were read before.
func (f *fault) at(n int) *fault {
	moved := *f
	moved.offset += n
	return &moved
}

func (f *fault) decodeError(format, path string, offset int) *wire.DecodeError {
	return &wire.DecodeError{Format: format, Path: path, Offset: offset + f.offset, Want: f.want, Got: f.got}
}

// parseTag reads the tag that b begins with and the number of its bytes.
// Spec: SPEC-TLV-001, SPEC-TLV-002, SPEC-TLV-003, SPEC-TLV-004.
func parseTag(b []byte, m Mode) (Tag, int, *fault) {
	if len(b) == 0 {
		return 0, 0, errTagEnd
	}
	if b[0] == 0 {
		return 0, 0, errTagZero
	}
	if b[0]&0x1F != 0x1F {
		return Tag(b[0]), 1, nil
	}
	if len(b) < 2 {
		return 0, 0, errTagEnd.at(1)
	}
	t := Tag(b[0])<<8 | Tag(b[1])
	switch {
	case b[1] == 0x80:
		return 0, 0, errTagLeading
	case b[1] < 0x1F && m&Strict != 0:
		return 0, 0, errTagShort
	case b[1] < 0x80:
		return t, 2, nil
	case len(b) < 3:
		return 0, 0, errTagEnd.at(2)
	case b[2] >= 0x80:
		return 0, 0, errTagLong
	}
	return t<<8 | Tag(b[2]), 3, nil
}

// parseLength reads a BER length of up to max bytes after the first, and the
// number of its bytes. Spec: SPEC-TLV-005, SPEC-TLV-006, SPEC-TLV-007,
// SPEC-TLV-013, SPEC-TLV-021.
func parseLength(b []byte, m Mode, max int) (n uint64, used int, f *fault) {
	if len(b) == 0 {
		return 0, 0, errLengthEnd
	}
	if b[0] < 0x80 {
		return uint64(b[0]), 1, nil
	}
	k := int(b[0] & 0x7F)
	switch {
	case k == 0:
		return 0, 0, errIndefinite
	case k > max:
		if max != 4 {
			return 0, 0, &fault{want: "a length of at most " + strconv.Itoa(max) + " bytes after the first", got: "a longer form"}
		}
		return 0, 0, errLengthForm
	case len(b) < 1+k:
		return 0, 0, errLengthEnd.at(len(b))
	}
	for _, c := range b[1 : 1+k] {
		n = n<<8 | uint64(c)
	}
	if m&Strict != 0 && lengthLen(n) != 1+k {
		return 0, 0, errNotShortest
	}
	return n, 1 + k, nil
}

// lengthLen is the number of bytes of the shortest form of a BER length.
func lengthLen(n uint64) int {
	switch {
	case n < 0x80:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	case n < 1<<24:
		return 4
	}
	return 5
}

// parseValue takes n bytes of b from offset off on. Spec: SPEC-TLV-014,
// SPEC-TLV-036.
func parseValue(b []byte, off int, n uint64) ([]byte, *fault) {
	if left := len(b) - off; n > uint64(left) {
		want := strconv.FormatUint(n, 10) + " bytes"
		if n == 1 {
			want = "1 byte"
		}
		return nil, &fault{offset: off, want: want, got: strconv.Itoa(left) + " left"}
	}
	end := off + int(n)
	return b[off:end:end], nil
}
