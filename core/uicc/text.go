package uicc

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendText appends an alpha identifier (ETSI TS 102 221 annex A): in the GSM
// 7-bit alphabet, one character in a byte, where all characters are letters,
// digits, or of the signs that have their ASCII code there; else in UCS2 behind
// 80. It fails for characters outside of UCS2. Spec: SPEC-USIM-043.
func AppendText(dst []byte, s string) ([]byte, error) {
	mark, plain := len(dst), true
	for _, c := range s {
		plain = plain && sameInGSM(c)
	}
	if plain {
		return append(dst, s...), nil
	}
	dst = append(dst, 0x80)
	for _, c := range s {
		if c > 0xFFFF || c == utf8.RuneError || utf16.IsSurrogate(c) {
			return dst[:mark], fmt.Errorf("uicc: a text with a character outside of UCS2")
		}
		dst = append(dst, byte(c>>8), byte(c))
	}
	return dst, nil
}

// sameInGSM tells whether the GSM 7-bit alphabet has a character where ASCII has
// it (3GPP TS 23.038 §6.2.1).
func sameInGSM(c rune) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= ' ' && c <= '?' && c != '$':
		return true
	}
	return false
}

// DecodeText reads an alpha identifier without padding. ok is false for the
// codings 81 and 82 and for characters of the GSM alphabet that ASCII has
// elsewhere or not at all.
func DecodeText(b []byte) (s string, ok bool) {
	if len(b) > 0 && b[0] == 0x80 {
		if b = b[1:]; len(b)%2 != 0 {
			return "", false
		}
		out := make([]rune, 0, len(b)/2)
		for ; len(b) > 0; b = b[2:] {
			out = append(out, rune(b[0])<<8|rune(b[1]))
		}
		return string(out), true
	}
	for _, c := range b {
		if !sameInGSM(rune(c)) {
			return "", false
		}
	}
	return string(b), true
}
