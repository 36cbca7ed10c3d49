package wire

import "strconv"

// Reader walks over bytes that may be anything. The first fault sticks: every
// later read returns zero values, More is false, and Err tells the fault. A
// Reader allocates only when it fails, and never copies its input: slices it
// returns are borrowed. Spec: SPEC-ERRORS-004, SPEC-ERRORS-005.
type Reader struct {
	format string
	b      []byte
	off    int
	base   int
	err    *DecodeError
}

// NewReader reads b as the named format (DecodeError.Format).
func NewReader(format string, b []byte) Reader {
	return Reader{format: format, b: b}
}

// Sub reads b, which begins at offset base of the whole input, so that errors
// name offsets of the whole.
func Sub(format string, b []byte, base int) Reader {
	return Reader{format: format, b: b, base: base}
}

// Offset is the position of the next byte in the whole input.
func (r *Reader) Offset() int { return r.base + r.off }

// Len is the number of bytes left; 0 after a fault.
func (r *Reader) Len() int {
	if r.err != nil {
		return 0
	}
	return len(r.b) - r.off
}

// More reports whether a byte is left and no fault has happened: the
// condition of every decoding loop.
func (r *Reader) More() bool { return r.Len() > 0 }

// Err is the first fault as a *DecodeError, or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Fail records a fault at the present offset, unless there is one already.
func (r *Reader) Fail(path, want, got string) {
	r.FailAt(r.Offset(), path, want, got)
}

// FailAt records a fault at an offset of the whole input, unless there is one
// already.
func (r *Reader) FailAt(offset int, path, want, got string) {
	if r.err == nil {
		r.err = &DecodeError{Format: r.format, Path: path, Offset: offset, Want: want, Got: got}
	}
}

// Byte reads one byte.
func (r *Reader) Byte(path string) byte {
	if b := r.Bytes(1, path); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads two bytes, big-endian.
func (r *Reader) Uint16(path string) uint16 {
	if b := r.Bytes(2, path); b != nil {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return 0
}

// Bytes reads n bytes; nil after a fault. A forged n costs nothing: the bytes
// are borrowed, not copied. Spec: SPEC-ERRORS-006.
func (r *Reader) Bytes(n int, path string) []byte {
	if r.err != nil {
		return nil
	}
	if left := len(r.b) - r.off; n < 0 || n > left {
		r.Fail(path, plural(n), strconv.Itoa(left)+" left")
		return nil
	}
	b := r.b[r.off : r.off+n : r.off+n]
	r.off += n
	return b
}

// LV reads a length byte and that many bytes.
func (r *Reader) LV(path string) []byte {
	n := r.Byte(path)
	if r.err != nil {
		return nil
	}
	return r.Bytes(int(n), path)
}

// Rest reads all that is left.
func (r *Reader) Rest() []byte { return r.Bytes(r.Len(), "") }

// End records a fault when bytes are left, and returns Err.
// Spec: SPEC-ERRORS-007.
func (r *Reader) End() error {
	if r.More() {
		r.Fail("", "end of input", plural(r.Len()))
	}
	return r.Err()
}

func plural(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
