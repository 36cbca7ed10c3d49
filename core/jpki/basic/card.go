package basic

import (
	"fmt"

	"inkan/core/wire"
)

// Card is record 1 of the common application: which card it is.
type Card struct {
	Serial       string // 15 digits
	Municipality string // that issued it: 5 digits, JIS X 0402
	Expiry       Date
}

// A record is a tag and a length of one byte each, and digits.
const (
	cardTag         = 0x01
	serialLen       = 15
	municipalityLen = 5
	cardLen         = serialLen + municipalityLen + dateLen
)

// Append appends the record. It fails for numbers that are not of the form, and
// for a day that there is not. Spec: SPEC-IDCARD-001.
func (c *Card) Append(dst []byte) ([]byte, error) {
	if len(c.Serial) != serialLen || len(c.Municipality) != municipalityLen || !digits(c.Serial+c.Municipality) {
		return dst, fmt.Errorf("basic: serial number %q, municipality %q: want 15 and 5 digits", c.Serial, c.Municipality)
	}
	out := append(append(append(dst, cardTag, cardLen), c.Serial...), c.Municipality...)
	if out, err := c.Expiry.Append(out); err == nil {
		return out, nil
	}
	return dst, fmt.Errorf("basic: expiry %v is no date", c.Expiry)
}

// DecodeCard reads record 1. Errors are *wire.DecodeError.
// Spec: SPEC-IDCARD-001.
func DecodeCard(b []byte) (c Card, err error) {
	r := wire.NewReader("card record", b)
	if tag := r.Byte("tag"); r.Err() == nil && tag != cardTag {
		r.FailAt(0, "tag", "01", fmt.Sprintf("%02X", tag))
	}
	if n := r.Byte("length"); r.Err() == nil && n != cardLen {
		r.FailAt(1, "length", "1C", fmt.Sprintf("%02X", n))
	}
	number := func(n int, path string) string {
		at := r.Offset()
		s := string(r.Bytes(n, path))
		if r.Err() == nil && !digits(s) {
			r.FailAt(at, path, "digits", "something else")
		}
		return s
	}
	c.Serial, c.Municipality = number(serialLen, "serial number"), number(municipalityLen, "municipality")
	c.Expiry = readDate(&r, "expiry")
	if err := r.End(); err != nil {
		return Card{}, err
	}
	return c, nil
}
