package basic

import (
	"bytes"
	"fmt"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// element reads a BER-TLV element of a two-byte tag.
func element(r *wire.Reader, tag tlv.Tag, path string) []byte {
	at := r.Offset()
	if got := r.Uint16(path); r.Err() == nil && got != uint16(tag) {
		r.FailAt(at, path, fmt.Sprintf("tag %04X", uint16(tag)), fmt.Sprintf("%04X", got))
	}
	return tlv.BERLV(r, path)
}

// inside reads the element that is all of a file, and gives a reader of its value
// with offsets from the file's start.
func inside(format string, b []byte, tag tlv.Tag) (wire.Reader, error) {
	outer := wire.NewReader(format, b)
	value := element(&outer, tag, "file")
	if err := outer.End(); err != nil {
		return wire.Reader{}, err
	}
	return wire.Sub(format, value, len(b)-len(value)), nil
}

// canonical is the fault of a coding that is not the one that is written: a
// length has a longer form than it needs.
func canonical(format string, read, written []byte) error {
	if bytes.Equal(read, written) {
		return nil
	}
	return &wire.DecodeError{Format: format, Path: "file", Want: "lengths in their shortest form", Got: "others"}
}
