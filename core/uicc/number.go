package uicc

import (
	"fmt"

	"inkan/core/wire"
)

// Number is a record of EF ADN, FDN or MSISDN (3GPP TS 31.102 §4.4.2.3): a name
// of X bytes, then 14 bytes. Text is as stored, without padding: the GSM 7-bit
// alphabet with b8 0, or UCS2 behind 80, 81 or 82.
type Number struct {
	Text          []byte
	TONNPI        byte   // 91: international, ISDN; 81: unknown
	Digits        string // 0-9 * # a b c, up to 20
	Configuration byte   // record of the capability configuration; FF: none
	Extension     byte   // record of the extension file; FF: none
}

// NumberTail is the size of a record behind the name.
const NumberTail = 14

const maxNumberBytes = 10

// Append appends a record of the given size in bytes. Spec: SPEC-USIM-033.
func (n *Number) Append(dst []byte, recordBytes int) ([]byte, error) {
	if recordBytes < NumberTail || len(n.Digits) > 2*maxNumberBytes {
		return dst, fmt.Errorf("uicc: a number of %d digits in a record of %d bytes", len(n.Digits), recordBytes)
	}
	mark := len(dst)
	dst, err := pad(append(dst, n.Text...), mark, recordBytes-NumberTail, "name")
	if err != nil {
		return dst, err
	}
	dst = append(dst, byte((len(n.Digits)+1)/2+1), n.TONNPI)
	number := len(dst)
	if dst, err = appendDigits(dst, n.Digits, extended); err != nil {
		return dst[:mark], err
	}
	if dst, err = pad(dst, number, maxNumberBytes, "number"); err != nil {
		return dst[:mark], err
	}
	return append(dst, n.Configuration, n.Extension), nil
}

// DecodeNumber reads a record; ok is false for an empty one. Text is borrowed.
// Errors are *wire.DecodeError. Spec: SPEC-USIM-033.
func DecodeNumber(b []byte) (n Number, ok bool, err error) {
	r := wire.NewReader("EF ADN", b)
	if len(b) < NumberTail {
		r.Fail("record", "at least 14 bytes", "fewer")
		return n, false, r.Err()
	}
	n.Text = trim(r.Bytes(len(b)-NumberTail, "name"))
	size := int(r.Byte("length"))
	n.TONNPI = r.Byte("TON and NPI")
	field := r.Bytes(maxNumberBytes, "number")
	n.Configuration, n.Extension = r.Byte("configuration"), r.Byte("extension")
	if size == 0xFF {
		return Number{}, false, r.End()
	}
	if size < 1 || size > maxNumberBytes+1 {
		r.FailAt(len(b)-NumberTail, "length", "1 to 11, or FF", "another value")
		return Number{}, false, r.Err()
	}
	n.Digits = readDigits(&r, field[:size-1], "number", extended)
	return n, true, r.End()
}
