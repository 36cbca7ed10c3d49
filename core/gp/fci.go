package gp

import (
	"strconv"

	"inkan/core/tlv"
)

// FCI is the file control information that SELECT of a security domain or
// application returns (GP Card Specification 2.3.1 table 11-83):
// 6F{84 AID, A5{73 …, 9F6E …, 9F65 …}}.
type FCI struct {
	AID AID // as selected; zero when the card leaves it out
	// Recognition is the content of 73, security domain management data
	// (DecodeRecognition reads it); nil when absent.
	Recognition []byte
	// ProductionLifeCycle is the content of 9F6E; nil when absent.
	ProductionLifeCycle []byte
	// MaxCommandData is the longest data field of a command in bytes, 9F65; 0
	// when absent.
	MaxCommandData int
}

const (
	tagFCI                 tlv.Tag = 0x6F
	tagDFName              tlv.Tag = 0x84
	tagProprietary         tlv.Tag = 0xA5
	tagRecognition         tlv.Tag = 0x73
	tagProductionLifeCycle tlv.Tag = 0x9F6E
	tagMaxCommandData      tlv.Tag = 0x9F65
)

// Append appends the coding. MaxCommandData is written in the fewest bytes.
// Spec: SPEC-GP-053.
func (f *FCI) Append(dst []byte) []byte {
	dst, outer := tlv.Begin(dst, tagFCI)
	dst = tlv.AppendHeader(dst, tagDFName, f.AID.Len())
	dst = f.AID.Append(dst)
	dst, inner := tlv.Begin(dst, tagProprietary)
	if f.Recognition != nil {
		dst = tlv.Append(dst, tagRecognition, f.Recognition)
	}
	if f.ProductionLifeCycle != nil {
		dst = tlv.Append(dst, tagProductionLifeCycle, f.ProductionLifeCycle)
	}
	if f.MaxCommandData > 0 {
		dst = appendUint(dst, tagMaxCommandData, uint32(f.MaxCommandData), 1)
	}
	return tlv.End(tlv.End(dst, inner), outer)
}

// DecodeFCI reads the response data of SELECT. Objects that are not named in
// FCI are passed over; the objects of A5 may also stand in 6F itself, as some
// cards have them. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-054.
func DecodeFCI(b []byte) (FCI, error) {
	outer, err := only(b, tagFCI)
	if err != nil {
		return FCI{}, err
	}
	var f FCI
	r := outer.Children()
	if err := f.decode(&r); err != nil {
		return FCI{}, err
	}
	return f, nil
}

func (f *FCI) decode(r *tlv.Reader) error {
	for r.Next() {
		switch r.Tag() {
		case tagProprietary:
			c := r.Children()
			if err := f.decode(&c); err != nil {
				return err
			}
		case tagDFName:
			a, err := aidValue(r)
			if err != nil {
				return err
			}
			f.AID = a
		case tagRecognition:
			f.Recognition = r.Value()
		case tagProductionLifeCycle:
			f.ProductionLifeCycle = r.Value()
		case tagMaxCommandData:
			n, err := uintValue(r, 3)
			if err != nil {
				return err
			}
			f.MaxCommandData = int(n)
		}
	}
	return r.Err()
}

// only returns a reader at the one object that b must consist of.
func only(b []byte, tag tlv.Tag) (tlv.Reader, error) {
	r := tlv.NewReader(b)
	if !r.Next() {
		if r.Err() != nil {
			return r, r.Err()
		}
		return r, r.Fault("tag "+tag.String(), "end of input")
	}
	if r.Tag() != tag {
		return r, r.Fault("tag "+tag.String(), "another")
	}
	behind := r
	if behind.Next() {
		return r, behind.Fault("end of input", "another object")
	}
	return r, behind.Err()
}

// aidValue is the present object's value as an AID; empty is none.
func aidValue(r *tlv.Reader) (AID, error) {
	v := r.Value()
	if n := len(v); n == 0 {
		return AID{}, nil
	} else if n < MinAIDLen || n > MaxAIDLen {
		return AID{}, r.Fault("an AID of 5 to 16 bytes", strconv.Itoa(n))
	}
	return NewAID(v)
}

// uintValue is the present object's value as an unsigned number of 1 to max
// bytes, big-endian; max is at most 4.
func uintValue(r *tlv.Reader, max int) (uint32, error) {
	v := r.Value()
	if len(v) == 0 || len(v) > max {
		return 0, r.Fault("1 to "+strconv.Itoa(max)+" bytes", strconv.Itoa(len(v)))
	}
	var n uint32
	for _, b := range v {
		n = n<<8 | uint32(b)
	}
	return n, nil
}

// appendUint appends an object with an unsigned number in at least min bytes.
func appendUint(dst []byte, tag tlv.Tag, n uint32, min int) []byte {
	b := [4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	from := 0
	for from < 4-min && b[from] == 0 {
		from++
	}
	return tlv.Append(dst, tag, b[from:])
}
