package codec

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"inkan/core/wire"
)

// MaxText is the longest text in bytes.
const MaxText = math.MaxUint16

// MaxBytes is the longest byte string, 16 MiB.
const MaxBytes = 16 << 20

// Fields walks over a row's fields: it appends them, or reads them.
type Fields struct {
	format  string
	reading bool
	again   bool // while reading: into memory that is used again
	borrow  bool // while reading: byte strings stay where they are
	in      wire.Reader
	whole   []byte // what in reads
	copied  []byte // of it, from on; nil: nothing yet
	from    int
	out     []byte
	err     error
	scratch []byte // memory to write to where nobody has given any
}

// limit notes, while writing, that a value has no encoding.
func (f *Fields) limit(path, want string) {
	if f.err == nil {
		f.err = &LimitError{f.format, path, want}
	}
}

// Raw is a field of fixed length, as it is.
func (f *Fields) Raw(path string, b []byte) {
	if !f.reading {
		f.out = append(f.out, b...)
		return
	}
	copy(b, f.in.Bytes(len(b), path))
}

// Uint64 is eight bytes.
func (f *Fields) Uint64(path string, v *uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], *v)
	f.Raw(path, b[:])
	*v = binary.BigEndian.Uint64(b[:])
}

// Uint32 is four bytes.
func (f *Fields) Uint32(path string, v *uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], *v)
	f.Raw(path, b[:])
	*v = binary.BigEndian.Uint32(b[:])
}

// Byte is one byte.
func (f *Fields) Byte(path string, v *byte) {
	b := [1]byte{*v}
	f.Raw(path, b[:])
	*v = b[0]
}

// Bool is 00 or 01.
func (f *Fields) Bool(path string, v *bool) {
	var b byte
	if *v {
		b = 1
	}
	Enum(f, path, &b, 0, 1)
	*v = b == 1
}

// Enum is one byte from least to most.
func Enum[T ~byte](f *Fields, path string, v *T, least, most T) {
	if !f.reading {
		if *v < least || *v > most {
			f.limit(path, bounds(byte(least), byte(most)))
		}
		f.out = append(f.out, byte(*v))
		return
	}
	at := f.in.Offset()
	*v = T(f.in.Byte(path))
	if f.in.Err() == nil && (*v < least || *v > most) {
		f.in.FailAt(at, path, bounds(byte(least), byte(most)), hexByte(byte(*v)))
	}
}

// bounds is what an Enum wants.
func bounds(least, most byte) string { return hexByte(least) + " to " + hexByte(most) }

// Time bounds: nanoseconds since 1970 in 63 bits.
var lastTime = time.Unix(0, math.MaxInt64)

// Time is nanoseconds since 1970, eight bytes; zero is no time.
func (f *Fields) Time(path string, t *time.Time) {
	const want = "no time, or one from 1970 to 2262"
	var nanoseconds uint64
	if !f.reading && !t.IsZero() {
		if !t.After(time.Unix(0, 0)) || t.After(lastTime) {
			f.limit(path, want)
		}
		nanoseconds = uint64(t.UnixNano())
	}
	at := f.in.Offset()
	f.Uint64(path, &nanoseconds)
	if !f.reading {
		return
	}
	*t = time.Time{}
	if nanoseconds > math.MaxInt64 {
		f.in.FailAt(at, path, want, "a greater number")
	} else if nanoseconds != 0 {
		*t = time.Unix(0, int64(nanoseconds)).UTC()
	}
}

// Text is a length of two bytes and so many bytes of UTF-8.
func Text[T ~string](f *Fields, path string, s *T) {
	const want = "UTF-8 of at most 65535 bytes"
	if !f.reading {
		if len(*s) > MaxText || !utf8.ValidString(string(*s)) {
			f.limit(path, want)
			return
		}
		f.out = binary.BigEndian.AppendUint16(f.out, uint16(len(*s)))
		f.out = append(f.out, *s...)
		return
	}
	at := f.in.Offset()
	b := f.in.Bytes(int(f.in.Uint16(path)), path)
	if !utf8.Valid(b) {
		f.in.FailAt(at, path, want, "other bytes")
		return
	}
	if string(*s) != string(b) { // else the text that is there will do
		*s = T(b)
	}
}

// Bytes is a length of four bytes and so many bytes. None is nil.
func (f *Fields) Bytes(path string, b *[]byte) {
	n := f.count(path, len(*b), 1, MaxBytes)
	if !f.reading {
		f.out = append(f.out, *b...)
		return
	}
	in := f.in.Bytes(n, path)
	switch {
	case f.again:
		*b = append((*b)[:0], in...)
	case len(in) == 0:
		*b = nil
	default:
		*b = f.own(in)
	}
}

// own gives a part of what is read memory that is the row's, unless it is borrowed. All that is left is
// copied with the first byte string, so that the others have it already.
func (f *Fields) own(in []byte) []byte {
	if f.borrow {
		return in[:len(in):len(in)]
	}
	end := f.in.Offset()
	if f.copied == nil {
		f.copied, f.from = bytes.Clone(f.whole[end-len(in):]), end-len(in)
	}
	return f.copied[end-len(in)-f.from : end-f.from : end-f.from]
}

// MaxList is the most elements of a list.
const MaxList = 4096

// List is a number of elements, four bytes, and each of them, which takes at
// least one byte. None is nil.
func List[T any](f *Fields, path string, list *[]T, each func(f *Fields, element *T)) {
	n := f.count(path, len(*list), 1, MaxList)
	switch {
	case f.reading && f.again && n <= cap(*list):
		*list = (*list)[:n]
	case f.reading && n > 0:
		*list = make([]T, n)
	case f.reading:
		*list = nil
	}
	for i := range *list {
		each(f, &(*list)[i])
	}
}

// count is the number of elements that follow, of at least size bytes each.
func (f *Fields) count(path string, n, size, most int) int {
	if !f.reading {
		if n > most {
			f.limit(path, "at most "+strconv.Itoa(most))
		}
		f.out = binary.BigEndian.AppendUint32(f.out, uint32(n))
		return n
	}
	at := f.in.Offset()
	var v uint32
	f.Uint32(path, &v)
	if f.in.Err() == nil && (uint64(v)*uint64(size) > uint64(f.in.Len()) || v > uint32(most)) {
		f.in.FailAt(at, path, "a number within the input and at most "+strconv.Itoa(most), strconv.FormatUint(uint64(v), 10))
	}
	if f.in.Err() != nil {
		return 0
	}
	return int(v)
}
