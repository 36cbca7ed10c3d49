package device

import (
	"strconv"

	"inkan/core/wire"
)

// IMEI is the identifier of one device: 15 digits, the last one the check digit.
type IMEI string

// NewIMEI makes the identifier of a model's device from its serial number, 0 to
// 999,999 of which six digits count.
func NewIMEI(tac string, serial uint32) IMEI {
	digits := tac + strconv.Itoa(int(1_000_000 + serial%1_000_000))[1:]
	return IMEI(digits + string(checkDigit(digits)))
}

// ParseIMEI reads an IMEI. Errors are *wire.DecodeError.
func ParseIMEI(s string) (IMEI, error) {
	r := wire.NewReader("IMEI", []byte(s))
	digits := r.Bytes(15, "digits")
	for i, d := range digits {
		if d < '0' || d > '9' {
			r.FailAt(i, "digits", "a digit", "another character")
		}
	}
	if r.Err() == nil && digits[14] != checkDigit(s[:14]) {
		r.FailAt(14, "check digit", "that of the digits before", "another one")
	}
	if err := r.End(); err != nil {
		return "", err
	}
	return IMEI(digits), nil
}

// TAC is the type allocation code, which names the model.
func (i IMEI) TAC() string { return string(i[:min(8, len(i))]) }

// checkDigit is that of ISO/IEC 7812-1 annex B.
func checkDigit(digits string) byte {
	sum := 0
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if (len(digits)-i)%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
