package sms

import (
	"strconv"

	"inkan/core/wire"
)

// MaxAddressDigits is the most semi-octets of a TP-OA or TP-DA
// (3GPP TS 23.040 §9.1.2.5: at most 12 octets in all).
const MaxAddressDigits = 20

// Type-of-address octets (3GPP TS 23.040 §9.1.2.5).
const (
	TypeUnknown       byte = 0x81 // unknown, ISDN numbering plan
	TypeInternational byte = 0x91 // international, ISDN numbering plan
	TypeAlphanumeric  byte = 0xD0 // GSM 7-bit text
)

// Address is a TP-OA or TP-DA: a count of semi-octets, a type, and the
// semi-octets two to a byte, the first in the low nibble. Addresses of equal
// bytes are equal with ==.
type Address struct {
	Type   byte
	digits byte // count of semi-octets
	value  [MaxAddressDigits / 2]byte
}

// NewAddress makes an address of dialling digits: 0-9 * # a b c.
func NewAddress(typeOfAddress byte, digits string) (Address, error) {
	a := Address{Type: typeOfAddress, digits: byte(len(digits))}
	if len(digits) > MaxAddressDigits {
		return Address{}, &wire.DecodeError{Format: "SMS address", Path: "digits", Offset: MaxAddressDigits, Want: "at most 20 digits", Got: strconv.Itoa(len(digits))}
	}
	for i := range len(digits) {
		n, ok := nibble(digits[i])
		if !ok {
			return Address{}, &wire.DecodeError{Format: "SMS address", Path: "digits", Offset: i, Want: "0-9 * # a b c", Got: strconv.QuoteRune(rune(digits[i]))}
		}
		a.value[i/2] |= n << (4 * (i % 2))
	}
	if len(digits)%2 == 1 {
		a.value[len(digits)/2] |= 0xF0
	}
	return a, nil
}

const alphabet = "0123456789*#abc"

func nibble(c byte) (byte, bool) {
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return byte(i), true
		}
	}
	return 0, false
}

// Value is the address's semi-octets, as they stand in the TPDU.
func (a *Address) Value() []byte { return a.value[:(int(a.digits)+1)/2] }

// String is the dialling digits, or the hex of an alphanumeric address.
func (a Address) String() string {
	out := make([]byte, 0, MaxAddressDigits)
	for i := range int(a.digits) {
		n := a.value[i/2] >> (4 * (i % 2)) & 0xF
		if a.alphanumeric() || n == 0xF {
			const hex = "0123456789ABCDEF"
			out = append(out, hex[n])
			continue
		}
		out = append(out, alphabet[n])
	}
	return string(out)
}

// Append appends count, type and semi-octets. Spec: SPEC-SMS-005.
func (a *Address) Append(dst []byte) []byte {
	return append(append(dst, a.digits, a.Type), a.Value()...)
}

// alphanumeric reports whether the type of number is GSM 7-bit text.
func (a *Address) alphanumeric() bool { return a.Type&0x70 == TypeAlphanumeric&0x70 }

// readAddress reads an address field. The fill nibble of an odd count has to
// be F, save in an alphanumeric address: its last half octet has the last bits
// of the text and fill bits. Spec: SPEC-SMS-006, SPEC-SMS-007.
func readAddress(r *wire.Reader, path string) (a Address) {
	at := r.Offset()
	a.digits = r.Byte(path)
	if a.digits > MaxAddressDigits {
		r.FailAt(at, path, "at most 20 semi-octets", strconv.Itoa(int(a.digits)))
		return Address{}
	}
	a.Type = r.Byte(path)
	copy(a.value[:], r.Bytes((int(a.digits)+1)/2, path))
	if r.Err() == nil && a.digits%2 == 1 && !a.alphanumeric() && a.value[a.digits/2]>>4 != 0xF {
		r.FailAt(r.Offset()-1, path, "fill nibble F", "another value")
	}
	return a
}

// DecodeAddress reads one address field that begins b, and returns what is
// left. Errors are *wire.DecodeError.
func DecodeAddress(b []byte) (a Address, rest []byte, err error) {
	r := wire.NewReader("SMS address", b)
	a = readAddress(&r, "")
	rest = r.Rest()
	return a, rest, r.Err()
}
