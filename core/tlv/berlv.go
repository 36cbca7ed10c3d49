package tlv

import (
	"strconv"

	"inkan/core/wire"
)

// AppendBERLV appends a BER length in its shortest form and the value: the LV
// whose length may pass 127, as the parameters and token of GlobalPlatform
// INSTALL and LOAD have it. Spec: SPEC-TLV-051.
func AppendBERLV(dst, v []byte) []byte {
	return append(AppendLength(dst, len(v)), v...)
}

// BERLV reads an LV with a BER length of at most two bytes after the first.
// The fault is r's, with the given path. Spec: SPEC-TLV-051.
func BERLV(r *wire.Reader, path string) []byte {
	off := r.Offset()
	n := int(r.Byte(path))
	switch {
	case n < 0x80:
	case n == 0x81:
		n = int(r.Byte(path))
	case n == 0x82:
		n = int(r.Uint16(path))
	default:
		r.FailAt(off, path, "a length of 00 to 7F, 81 or 82", strconv.FormatUint(uint64(n), 16))
	}
	if r.Err() != nil {
		return nil
	}
	return r.Bytes(n, path)
}
