package gp

import (
	"fmt"
	"strconv"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// maxFieldLen is the longest parameter, token or confirmation field: what two
// length bytes after 82 can say.
const maxFieldLen = 65535

// readLength reads a length in the coding of GP Card Specification 2.3.1
// §11.1.5: BER, and 80 alone for 128. Spec: SPEC-GP-012.
func readLength(r *wire.Reader, path string) int {
	offset := r.Offset()
	first := r.Byte(path)
	switch {
	case first <= 0x80:
		return int(first)
	case first == 0x81:
		return int(r.Byte(path))
	case first == 0x82:
		return int(r.Uint16(path))
	}
	r.FailAt(offset, path, "a length of at most 65535", "a longer form")
	return 0
}

// readField reads such a length and that many bytes; nil when there are none.
func readField(r *wire.Reader, path string) []byte {
	n := readLength(r, path)
	if n == 0 {
		return nil
	}
	return r.Bytes(n, path)
}

// appendField appends the shortest BER length of b and b.
func appendField(dst, b []byte) []byte {
	return append(tlv.AppendLength(dst, len(b)), b...)
}

// checkLen is an error when a field to be encoded does not have one of the
// lengths from min to max.
func checkLen(what string, n, min, max int) error {
	if n >= min && n <= max {
		return nil
	}
	want := strconv.Itoa(min)
	if max != min {
		want += " to " + strconv.Itoa(max)
	}
	return fmt.Errorf("gp: %s of %d bytes, not %s", what, n, want)
}
