package gp

import "inkan/core/tlv"

const (
	tagInstalledCount  tlv.Tag = 0x81
	tagFreeNonVolatile tlv.Tag = 0x82
	tagFreeVolatile    tlv.Tag = 0x83
)

// Resources is extended card resources information (ETSI TS 102 226 §8.2.1.7.2,
// GET DATA FF21): FF21{81 applications, 82 free non-volatile memory, 83 free
// volatile memory}.
type Resources struct {
	Applications         uint32
	FreeNonVolatileBytes uint32
	FreeVolatileBytes    uint32
}

// Append appends the answer to GET DATA FF21: two bytes for the applications,
// four for each memory. Spec: SPEC-GP-080.
func (s *Resources) Append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, TagExtendedResources)
	dst = appendUint(dst, tagInstalledCount, s.Applications, 2)
	dst = appendUint(dst, tagFreeNonVolatile, s.FreeNonVolatileBytes, 4)
	dst = appendUint(dst, tagFreeVolatile, s.FreeVolatileBytes, 4)
	return tlv.End(dst, mark)
}

// DecodeResources reads the answer to GET DATA FF21; numbers have 1 to 4
// bytes. Errors are *wire.DecodeError. Spec: SPEC-GP-080.
func DecodeResources(b []byte) (Resources, error) {
	outer, err := only(b, TagExtendedResources)
	if err != nil {
		return Resources{}, err
	}
	var s Resources
	r := outer.Children()
	for r.Next() {
		var to *uint32
		switch r.Tag() {
		case tagInstalledCount:
			to = &s.Applications
		case tagFreeNonVolatile:
			to = &s.FreeNonVolatileBytes
		case tagFreeVolatile:
			to = &s.FreeVolatileBytes
		default:
			continue
		}
		if *to, err = uintValue(&r, 4); err != nil {
			return Resources{}, err
		}
	}
	if r.Err() != nil {
		return Resources{}, r.Err()
	}
	return s, nil
}
