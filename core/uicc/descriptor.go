package uicc

import (
	"inkan/core/wire"
)

// Structure is what kind of file a file is.
type Structure byte

// Structures.
const (
	Directory Structure = iota // MF, DF or ADF
	Transparent
	LinearFixed
	Cyclic
)

// String is the structure's name.
func (s Structure) String() string {
	return [...]string{"directory", "transparent", "linear fixed", "cyclic"}[s&3]
}

// Codes of the file descriptor byte (ETSI TS 102 221 §11.1.1.4.3).
const (
	shareable      = 0x40
	dataCodingByte = 0x21
)

var structureCodes = [4]byte{Directory: 0x38, Transparent: 0x01, LinearFixed: 0x02, Cyclic: 0x06}

// Descriptor is the file descriptor, object 82 of the FCP.
type Descriptor struct {
	Structure     Structure
	NotShareable  bool
	RecordBytes   int // of record-oriented files
	RecordCount   byte
	noRecordSizes bool
}

// appendValue appends the value of 82. Spec: SPEC-USIM-011.
func (d *Descriptor) appendValue(dst []byte) []byte {
	b := structureCodes[d.Structure&3]
	if !d.NotShareable {
		b |= shareable
	}
	if dst = append(dst, b, dataCodingByte); d.Structure >= LinearFixed && !d.noRecordSizes {
		dst = append(dst, byte(d.RecordBytes>>8), byte(d.RecordBytes), d.RecordCount)
	}
	return dst
}

func (d *Descriptor) read(r *wire.Reader) {
	b := r.Byte("file descriptor")
	d.NotShareable = b&shareable == 0
	found := false
	for s, code := range structureCodes {
		if b&^shareable == code {
			d.Structure, found = Structure(s), true
		}
	}
	if r.Err() == nil && !found {
		r.FailAt(r.Offset()-1, "file descriptor", "a directory, transparent, linear fixed or cyclic file", "another code")
	}
	if c := r.Byte("data coding"); r.Err() == nil && c != dataCodingByte {
		r.FailAt(r.Offset()-1, "data coding", "21", "another value")
	}
	if d.Structure >= LinearFixed && r.Err() == nil {
		if d.noRecordSizes = !r.More(); d.noRecordSizes {
			return
		}
		d.RecordBytes = int(r.Uint16("record length"))
		d.RecordCount = r.Byte("number of records")
	}
}
