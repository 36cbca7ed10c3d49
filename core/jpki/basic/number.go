package basic

import (
	"errors"
	"fmt"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Number is a personal number (個人番号), 12 digits. It prints as asterisks: the
// law says who may have one. Use string(n) where it has to be seen.
type Number string

// ErrNumber: a personal number that is none.
var ErrNumber = errors.New("basic: a personal number has 12 digits, of which the last checks the others")

// NewNumber makes the number of 11 digits with its check digit.
// Spec: SPEC-IDCARD-002.
func NewNumber(eleven string) (Number, error) {
	if len(eleven) != numberLen-1 || !digits(eleven) {
		return "", ErrNumber
	}
	return Number(eleven + string(checkDigit(eleven))), nil
}

// Check is ErrNumber unless digits and check digit are right.
// Spec: SPEC-IDCARD-002.
func (n Number) Check() error {
	if len(n) != numberLen || !digits(string(n)) || checkDigit(string(n[:numberLen-1])) != n[numberLen-1] {
		return ErrNumber
	}
	return nil
}

// Format prints asterisks, whatever the verb.
func (n Number) Format(s fmt.State, _ rune) { fmt.Fprint(s, "************") }

// MarshalText is what Format prints.
func (n Number) MarshalText() ([]byte, error) { return fmt.Append(nil, n), nil }

const numberLen = 12

// checkDigit is that of 11 digits.
func checkDigit(eleven string) byte {
	sum := 0
	for n := 1; n <= len(eleven); n++ {
		weight := n + 1
		if n > 6 {
			weight = n - 5
		}
		sum += weight * int(eleven[len(eleven)-n]-'0')
	}
	return byte('0' + (11-sum%11)%11%10)
}

const tagNumber tlv.Tag = 0xFF10

// numberFiller stands behind the number.
const numberFiller = "\xFF\xFF"

// Append appends the content of EFNumber, 17 bytes. It fails with ErrNumber.
// Spec: SPEC-IDCARD-001, SPEC-IDCARD-002.
func (n Number) Append(dst []byte) ([]byte, error) {
	if err := n.Check(); err != nil {
		return dst, err
	}
	return append(tlv.Append(dst, tagNumber, []byte(n)), numberFiller...), nil
}

// DecodeNumber reads the content of EFNumber. Errors are *wire.DecodeError.
// Spec: SPEC-IDCARD-001, SPEC-IDCARD-002.
func DecodeNumber(b []byte) (Number, error) {
	r := wire.NewReader("personal number", b)
	value := element(&r, tagNumber, "number")
	n := Number(value)
	if r.Err() == nil && n.Check() != nil {
		r.FailAt(r.Offset()-len(value), "number", "12 digits with the check digit", "something else")
	}
	at := r.Offset()
	if filler := r.Bytes(len(numberFiller), "filler"); r.Err() == nil && string(filler) != numberFiller {
		r.FailAt(at, "filler", "FFFF", "something else")
	}
	if err := r.End(); err != nil {
		return "", err
	}
	return n, nil
}
