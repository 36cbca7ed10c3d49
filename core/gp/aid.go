package gp

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"inkan/core/wire"
)

// Lengths of an AID in bytes (ISO/IEC 7816-4:2020 §12.2.3).
const (
	MinAIDLen = 5
	MaxAIDLen = 16
)

// AID is an application identifier of 5 to 16 bytes: RID(5) PIX(0–11). Values
// are compared with ==. The zero AID is none.
type AID struct {
	length byte
	bytes  [MaxAIDLen]byte
}

// NewAID is the AID with these bytes. The error is a *wire.DecodeError when
// there are not 5 to 16. Spec: SPEC-GP-010.
func NewAID(b []byte) (AID, error) {
	r := wire.NewReader("AID", b)
	a := aidOf(&r, b, 0, "")
	return a, r.Err()
}

// MustAID is the AID written in hex; it panics when it is none. For constants.
func MustAID(s string) AID {
	var a AID
	if err := a.UnmarshalText([]byte(s)); err != nil || a.IsZero() {
		panic("gp: not an AID: " + strconv.Quote(s))
	}
	return a
}

// aidOf makes an AID of bytes that r has read; a fault is recorded at offset.
func aidOf(r *wire.Reader, b []byte, offset int, path string) (a AID) {
	if r.Err() != nil {
		return a
	}
	if len(b) < MinAIDLen || len(b) > MaxAIDLen {
		r.FailAt(offset, path, "an AID of 5 to 16 bytes", strconv.Itoa(len(b)))
		return a
	}
	a.length = byte(len(b))
	copy(a.bytes[:], b)
	return a
}

// readAID reads LV(AID).
func readAID(r *wire.Reader, path string) AID {
	offset := r.Offset()
	b := r.LV(path)
	return aidOf(r, b, offset, path)
}

// readOptionalAID reads LV(AID) or 00, which is the zero AID.
func readOptionalAID(r *wire.Reader, path string) AID {
	offset := r.Offset()
	b := r.LV(path)
	if len(b) == 0 {
		return AID{}
	}
	return aidOf(r, b, offset, path)
}

// IsZero reports whether the AID is none.
func (a AID) IsZero() bool { return a.length == 0 }

// Len is the number of bytes: 5 to 16, or 0 for none.
func (a AID) Len() int { return int(a.length) }

// Append appends the bytes of the AID.
func (a AID) Append(dst []byte) []byte { return append(dst, a.bytes[:a.length]...) }

// AppendLV appends the length in one byte and the bytes; 00 for none.
func (a AID) AppendLV(dst []byte) []byte { return a.Append(append(dst, a.length)) }

// RID is the registered application provider identifier, the first 5 bytes.
func (a AID) RID() (rid [5]byte) {
	copy(rid[:], a.bytes[:])
	return rid
}

// AppendPIX appends the proprietary extension, the bytes after the RID.
func (a AID) AppendPIX(dst []byte) []byte {
	if a.length <= MinAIDLen {
		return dst
	}
	return append(dst, a.bytes[MinAIDLen:a.length]...)
}

// HasPrefix reports whether the AID begins with a partial AID of 0 to 16
// bytes, as SELECT and GET STATUS match them. None matches nothing.
// Spec: SPEC-GP-011.
func (a AID) HasPrefix(partial []byte) bool {
	return a.length > 0 && len(partial) <= int(a.length) && string(a.bytes[:len(partial)]) == string(partial)
}

// Compare orders AIDs by their bytes, a shorter one before its extensions.
func (a AID) Compare(b AID) int {
	return strings.Compare(string(a.bytes[:a.length]), string(b.bytes[:b.length]))
}

// String is the AID in upper-case hex; "" for none.
func (a AID) String() string {
	return strings.ToUpper(hex.EncodeToString(a.bytes[:a.length]))
}

// MarshalText is String.
func (a AID) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads hex digits; no digits are none.
func (a *AID) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("gp: AID: %w", err)
	}
	if len(b) == 0 {
		*a = AID{}
		return nil
	}
	*a, err = NewAID(b)
	return err
}
