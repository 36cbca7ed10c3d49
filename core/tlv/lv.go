package tlv

import (
	"fmt"

	"inkan/core/wire"
)

// MaxLV is the longest value of an LV.
const MaxLV = 255

const formatLV = "LV"

// AppendLV appends a length byte and the value. It fails, and returns dst as
// it was, when the value is longer than MaxLV. (wire.Reader.LV reads one.)
// Spec: SPEC-TLV-050.
func AppendLV(dst, v []byte) ([]byte, error) {
	if len(v) > MaxLV {
		return dst, fmt.Errorf("tlv: LV of %d bytes, at most %d", len(v), MaxLV)
	}
	return append(append(dst, byte(len(v))), v...), nil
}

// LVReader walks over a sequence of LVs, as Reader does over BER-TLV objects.
type LVReader struct {
	w     wire.Reader
	off   int
	value []byte
}

// NewLVReader reads b as LVs. Faults have the format "LV".
func NewLVReader(b []byte) LVReader { return LVReader{w: wire.NewReader(formatLV, b)} }

// Next goes to the next LV; false at the end and at a fault.
func (r *LVReader) Next() bool {
	r.value = nil
	if !r.w.More() {
		return false
	}
	off := r.w.Offset()
	v := r.w.LV("")
	if r.w.Err() != nil {
		return false
	}
	r.off, r.value = off, v
	return true
}

// Value is the present value, borrowed from the input.
func (r *LVReader) Value() []byte { return r.value }

// Offset is where the present LV begins.
func (r *LVReader) Offset() int { return r.off }

// Err is the first fault as a *wire.DecodeError, or nil.
func (r *LVReader) Err() error { return r.w.Err() }
