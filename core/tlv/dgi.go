package tlv

import (
	"strconv"

	"inkan/core/wire"
)

// MaxDGIData is the longest data of one data grouping (EMV CPS §4.3.4): the
// length FFFF is not used.
const MaxDGIData = 65534

const formatDGI = "DGI"

// AppendDGI appends a data grouping: the identifier in two bytes, the length
// in one byte (00 to FE) or FF and two bytes, the data. It panics when data is
// longer than MaxDGIData. Spec: SPEC-TLV-030.
func AppendDGI(dst []byte, dgi uint16, data []byte) []byte {
	n := len(data)
	if n > MaxDGIData {
		panic("tlv: DGI data of " + strconv.Itoa(n) + " bytes")
	}
	dst = append(dst, byte(dgi>>8), byte(dgi))
	dst = appendFFLength(dst, n)
	return append(dst, data...)
}

// DGIReader walks over a sequence of data groupings, as Reader does over
// BER-TLV objects.
type DGIReader struct {
	b     []byte
	next  int
	off   int
	dgi   uint16
	value []byte
	mode  Mode
	err   *wire.DecodeError
}

// NewDGIReader reads b as data groupings. Faults have the format "DGI".
func NewDGIReader(b []byte) DGIReader { return DGIReader{b: b} }

// NewDGIReaderMode reads b in the given mode; the padding modes do nothing.
func NewDGIReaderMode(b []byte, m Mode) DGIReader { return DGIReader{b: b, mode: m} }

// Next goes to the next data grouping; false at the end and at a fault.
// Spec: SPEC-TLV-031, SPEC-TLV-032, SPEC-TLV-036.
func (r *DGIReader) Next() bool {
	r.dgi, r.value = 0, nil
	if r.err != nil || r.next >= len(r.b) {
		return false
	}
	rest := r.b[r.next:]
	dgi, used, n, f := parseDGIHeader(rest, r.mode)
	if f != nil {
		return r.fail(f, dgiPathOf(rest))
	}
	value, f := parseValue(rest, used, uint64(n))
	if f != nil {
		return r.fail(f, dgiPath(dgi))
	}
	r.off, r.dgi, r.value = r.next, dgi, value
	r.next += used + n
	return true
}

// DGI is the present data grouping's identifier.
func (r *DGIReader) DGI() uint16 { return r.dgi }

// Value is the present data grouping's data, borrowed from the input.
func (r *DGIReader) Value() []byte { return r.value }

// Offset is where the present data grouping begins.
func (r *DGIReader) Offset() int { return r.off }

// Err is the first fault as a *wire.DecodeError, or nil.
func (r *DGIReader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

func (r *DGIReader) fail(f *fault, path string) bool {
	r.err = f.decodeError(formatDGI, path, r.next)
	return false
}

// dgiPathOf is the path for a fault behind the identifier that b begins with.
func dgiPathOf(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	return dgiPath(uint16(b[0])<<8 | uint16(b[1]))
}

func dgiPath(dgi uint16) string {
	var b [4]byte
	for i := range b {
		b[i] = hexDigits[dgi>>(12-4*i)&0xF]
	}
	return string(b[:])
}

var (
	errDGIEnd  = &fault{want: "a DGI of 2 bytes", got: "end of input"}
	errDGIFFFF = &fault{offset: 2, want: "a length of at most 65534", got: "65535"}
)

// parseDGIHeader reads identifier and length, and the number of their bytes.
func parseDGIHeader(b []byte, m Mode) (dgi uint16, used, n int, f *fault) {
	if len(b) < 2 {
		return 0, 0, 0, errDGIEnd.at(len(b))
	}
	n, used, f = parseFFLength(b[2:], m)
	if f != nil {
		return 0, 0, 0, f.at(2)
	}
	if n > MaxDGIData {
		return 0, 0, 0, errDGIFFFF
	}
	return uint16(b[0])<<8 | uint16(b[1]), 2 + used, n, nil
}
