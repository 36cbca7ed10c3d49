package uicc

import (
	"fmt"
	"strings"

	"inkan/core/wire"
)

// extended are the digits of extended BCD, 0 to 14 (3GPP TS 31.102 §4.4.2.3).
const extended = "0123456789*#abc"

// appendDigits appends digits two to a byte, the first in the low half, padded
// with F. It fails at a character that is none of alphabet.
func appendDigits(dst []byte, digits, alphabet string) ([]byte, error) {
	var low byte
	for i := range len(digits) {
		v := strings.IndexByte(alphabet, digits[i])
		if v < 0 {
			return dst, fmt.Errorf("uicc: character %d is no digit", i)
		}
		if i%2 == 0 {
			low = byte(v)
		} else {
			dst = append(dst, byte(v)<<4|low)
		}
	}
	if len(digits)%2 == 1 {
		dst = append(dst, 0xF0|low)
	}
	return dst, nil
}

// readDigits reads digits up to the first F. What follows must be F too.
func readDigits(r *wire.Reader, b []byte, path, alphabet string) string {
	out := make([]byte, 0, 2*len(b))
	ended := false
	for i := range 2 * len(b) {
		v := b[i/2] >> (4 * (i % 2)) & 0x0F
		switch {
		case v == 0x0F:
			ended = true
		case ended || int(v) >= len(alphabet):
			r.FailAt(r.Offset()-len(b)+i/2, path, "digits, then F", "another half-byte")
			return ""
		default:
			out = append(out, alphabet[v])
		}
	}
	return string(out)
}

// pad appends FF up to n bytes from mark on; it fails when there are more.
func pad(dst []byte, mark, n int, what string) ([]byte, error) {
	if len(dst)-mark > n {
		return dst[:mark], fmt.Errorf("uicc: %s of %d bytes in a field of %d", what, len(dst)-mark, n)
	}
	for len(dst)-mark < n {
		dst = append(dst, 0xFF)
	}
	return dst, nil
}

// restFF demands that all that is left is FF.
func restFF(r *wire.Reader, path string) {
	for r.More() {
		if r.Byte(path) != 0xFF {
			r.FailAt(r.Offset()-1, path, "FF", "another value")
		}
	}
}
