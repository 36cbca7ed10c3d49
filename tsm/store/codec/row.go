package codec

import (
	"bytes"
	"strconv"
	"sync"

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
	f := spare.Get().(*Fields)
	scratch, out := f.scratch, dst
	if dst == nil {
		out = scratch[:0]
	}
	*f = Fields{format: r.Format(), out: append(out, r.Version())}
	r.Fields(f)
	out, err := f.out, f.err
	if dst == nil {
		if cap(out) <= maxScratch {
			scratch = out
		}
		out = bytes.Clone(out)
	}
	*f = Fields{scratch: scratch}
	spare.Put(f)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// maxScratch is the most memory that is kept to be used again, in bytes.
const maxScratch = 64 << 10

// spare are Fields to use again: a row gets them through its interface, so that
// they cannot be on a stack.
var spare = sync.Pool{New: func() any { return new(Fields) }}

// Decode reads a row's encoding; nothing is borrowed from b. Errors are
// *wire.DecodeError. Spec: SPEC-STORE-001, SPEC-STORE-002.
func Decode(b []byte, r Row) error { return decode(b, r, Fields{}) }

// Borrow is Decode with the row's byte strings in b, which must not change while they
// are used: for a row within a row.
func Borrow(b []byte, r Row) error { return decode(b, r, Fields{borrow: true}) }

// Refill is Decode into a row whose memory is free to be used again: what its byte
// strings and lists lead to is overwritten, and none may be empty instead of nil.
func Refill(b []byte, r Row) error { return decode(b, r, Fields{again: true}) }

func decode(b []byte, r Row, into Fields) error {
	f := spare.Get().(*Fields)
	scratch := f.scratch
	*f = into
	f.format, f.reading, f.in, f.whole = r.Format(), true, wire.NewReader(r.Format(), b), b
	if v := f.in.Byte("version"); f.in.Err() == nil && v != r.Version() {
		f.in.FailAt(0, "version", hexByte(r.Version()), hexByte(v))
	}
	r.Fields(f)
	err := f.in.End()
	*f = Fields{scratch: scratch}
	spare.Put(f)
	return err
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
