package codec

import (
	"strconv"

	"inkan/core/wire"
)

// Row is anything that describes its fields.
type Row interface {
	// Format names the row in errors: "workflow row".
	Format() string
	// Version is the first byte of the encoding. It changes with the fields.
	Version() byte
	// Fields passes every field to f, in the order of the encoding.
	Fields(f *Fields)
}

// Append appends a row's encoding: its version and its fields. The error, a
// *LimitError, says which field cannot be encoded. Spec: SPEC-STORE-001.
func Append(dst []byte, r Row) ([]byte, error) {
	f := Fields{format: r.Format(), out: append(dst, r.Version())}
	r.Fields(&f)
	if f.err != nil {
		return dst, f.err
	}
	return f.out, nil
}

// Decode reads a row's encoding; nothing is borrowed from b. Errors are
// *wire.DecodeError. Spec: SPEC-STORE-001, SPEC-STORE-002.
func Decode(b []byte, r Row) error {
	f := Fields{format: r.Format(), reading: true, in: wire.NewReader(r.Format(), b)}
	if v := f.in.Byte("version"); f.in.Err() == nil && v != r.Version() {
		f.in.FailAt(0, "version", hexByte(r.Version()), hexByte(v))
	}
	r.Fields(&f)
	return f.in.End()
}

// LimitError is a value that has no encoding.
type LimitError struct {
	Format string // of the row
	Path   string // the field
	Want   string // what can be encoded
}

// Error is "workflow row: kind: want at most 65535 bytes".
func (e *LimitError) Error() string { return e.Format + ": " + e.Path + ": want " + e.Want }

func hexByte(b byte) string {
	s := strconv.FormatUint(uint64(b), 16)
	if len(s) == 1 {
		s = "0" + s
	}
	return s
}
