package record

import (
	"encoding/binary"
	"strconv"
	"time"

	"inkan/core/wire"
)

// version is the first byte of every record.
const version = 0x01

// fields walks over a record's fields in the order of their encoding: it appends
// them to out, or reads them. Each record describes itself once.
type fields struct {
	reading bool
	in      wire.Reader
	out     []byte
}

// Record is anything of this package that describes its fields.
type Record interface {
	format() string
	fields(f *fields)
}

// Append appends a record's encoding: 01 and its fields. Spec: SPEC-CA-LIFECYCLE-060.
func Append(dst []byte, r Record) []byte {
	f := fields{out: append(dst, version)}
	r.fields(&f)
	return f.out
}

// Decode reads a record's encoding; nothing is borrowed from b. Errors are
// *wire.DecodeError. Spec: SPEC-CA-LIFECYCLE-060.
func Decode(b []byte, r Record) error {
	f := fields{reading: true, in: wire.NewReader(r.format(), b)}
	if v := f.in.Byte("version"); f.in.Err() == nil && v != version {
		f.in.FailAt(0, "version", "01", hexByte(v))
	}
	r.fields(&f)
	return f.in.End()
}

func hexByte(b byte) string { return string(strconv.AppendUint(nil, uint64(b), 16)) }

func (f *fields) raw(path string, b []byte) {
	if !f.reading {
		f.out = append(f.out, b...)
		return
	}
	copy(b, f.in.Bytes(len(b), path))
}

func (f *fields) uint64(path string, v *uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], *v)
	f.raw(path, b[:])
	*v = binary.BigEndian.Uint64(b[:])
}

func (f *fields) uint32(path string, v *uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], *v)
	f.raw(path, b[:])
	*v = binary.BigEndian.Uint32(b[:])
}

// time is seconds since 1970; zero is no time.
func (f *fields) time(path string, t *time.Time) {
	var seconds uint64
	if !t.IsZero() {
		seconds = uint64(t.Unix())
	}
	f.uint64(path, &seconds)
	if !f.reading {
		return
	}
	*t = time.Time{}
	if seconds != 0 {
		*t = time.Unix(int64(seconds), 0).UTC()
	}
}

func (f *fields) bool(path string, v *bool) {
	var b byte
	if *v {
		b = 1
	}
	enum(f, path, &b, 0, 1)
	*v = b == 1
}

// enum is one byte from least to most.
func enum[T ~byte](f *fields, path string, v *T, least, most T) {
	if !f.reading {
		f.out = append(f.out, byte(*v))
		return
	}
	at := f.in.Offset()
	*v = T(f.in.Byte(path))
	if f.in.Err() == nil && (*v < least || *v > most) {
		f.in.FailAt(at, path, hexByte(byte(least))+" to "+hexByte(byte(most)), hexByte(byte(*v)))
	}
}

// text is a length of two bytes and so many bytes.
func (f *fields) text(path string, s *string) {
	if !f.reading {
		if len(*s) > 0xFFFF {
			panic("registry record: " + path + " over 65535 bytes, which the registry admits nowhere")
		}
		f.out = binary.BigEndian.AppendUint16(f.out, uint16(len(*s)))
		f.out = append(f.out, *s...)
		return
	}
	*s = string(f.in.Bytes(int(f.in.Uint16(path)), path))
}

// count is the number of elements that follow, of at least size bytes each.
func (f *fields) count(path string, n int, size int) int {
	if !f.reading {
		f.out = binary.BigEndian.AppendUint32(f.out, uint32(n))
		return n
	}
	at := f.in.Offset()
	var v uint32
	f.uint32(path, &v)
	if uint64(v)*uint64(size) > uint64(f.in.Len()) {
		f.in.FailAt(at, path, "elements within the input", strconv.Itoa(int(v)))
		return 0
	}
	return int(v)
}
