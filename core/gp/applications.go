package gp

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

const (
	tagApplication tlv.Tag = 0x61
	tagAID         tlv.Tag = 0x4F
)

// AppendApplications appends the answer to GET DATA 2F00 (GP Card Specification
// 2.3.1 §11.3.3.1.3): 61{4F AID} of each application. Spec: SPEC-GP-081.
func AppendApplications(dst []byte, aids []AID) []byte {
	for _, a := range aids {
		var mark int
		dst, mark = tlv.Begin(dst, tagApplication)
		dst = a.Append(tlv.AppendHeader(dst, tagAID, a.Len()))
		dst = tlv.End(dst, mark)
	}
	return dst
}

// DecodeApplications reads the answer to GET DATA 2F00. Some cards put 2F00
// and a length before it, which no BER-TLV reader takes for a tag. Errors are
// *wire.DecodeError. Spec: SPEC-GP-081.
func DecodeApplications(b []byte) ([]AID, error) {
	b, base, err := withoutTag2F00(b)
	if err != nil {
		return nil, err
	}
	var aids []AID
	r := tlv.NewReaderAt(b, base, 0)
	for r.Next() {
		if r.Tag() != tagApplication {
			continue
		}
		c := r.Children()
		for c.Next() {
			if c.Tag() != tagAID {
				continue
			}
			a, err := aidValue(&c)
			if err != nil {
				return nil, err
			}
			if !a.IsZero() {
				aids = append(aids, a)
			}
		}
		if c.Err() != nil {
			return nil, c.Err()
		}
	}
	return aids, r.Err()
}

// withoutTag2F00 returns what 2F00 and its length enclose and where it begins,
// or b itself.
func withoutTag2F00(b []byte) ([]byte, int, error) {
	if len(b) < 2 || b[0] != 0x2F || b[1] != 0x00 {
		return b, 0, nil
	}
	r := wire.NewReader("list of applications", b)
	r.Bytes(2, "")
	inner := readField(&r, "2F00")
	base := r.Offset() - len(inner)
	return inner, base, r.End()
}
