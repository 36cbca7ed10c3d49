package basic

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Sex is a digit of the four attributes.
type Sex byte

// Values.
const (
	Male   Sex = '1'
	Female Sex = '2'
	Other  Sex = '9'
)

// Valid reports whether it is one of the values.
func (s Sex) Valid() bool { return s == Male || s == Female || s == Other }

// String is "male", "female" or "other".
func (s Sex) String() string {
	switch s {
	case Male:
		return "male"
	case Female:
		return "female"
	case Other:
		return "other"
	}
	return fmt.Sprintf("sex %02X", byte(s))
}

// Attributes are the four attributes of the holder (基本4情報).
type Attributes struct {
	Name    string // with U+3000 between family and given name
	Address string
	Birth   Date
	Sex     Sex
}

// Format prints that there are attributes, and none of them, whatever the verb.
func (a Attributes) Format(s fmt.State, _ rune) { fmt.Fprint(s, "four attributes") }

// MarshalText is what Format prints.
func (a Attributes) MarshalText() ([]byte, error) { return fmt.Append(nil, a), nil }

// Tags of EFAttributes.
const (
	tagAttributes tlv.Tag = 0xFF20
	tagOffsets    tlv.Tag = 0xDF21
	tagName       tlv.Tag = 0xDF22
	tagAddress    tlv.Tag = 0xDF23
	tagBirth      tlv.Tag = 0xDF24
	tagSex        tlv.Tag = 0xDF25
)

// fields is how many the offsets are of.
const fields = 4

// offsetsLen is the element with the offsets.
const offsetsLen = 2 + 1 + 2*fields

// Append appends the content of EFAttributes. It fails for empty text or text
// that is not UTF-8, a day that there is not, another sex, and what the file does not
// hold. Spec: SPEC-IDCARD-001.
func (a *Attributes) Append(dst []byte) ([]byte, error) {
	birth, err := a.Birth.Append(nil)
	switch {
	case err != nil:
		return dst, err
	case a.Name == "" || a.Address == "" || !utf8.ValidString(a.Name+a.Address):
		return dst, fmt.Errorf("basic: name or address is empty, or no UTF-8")
	case !a.Sex.Valid():
		return dst, fmt.Errorf("basic: %v: want 1, 2 or 9", a.Sex)
	}
	var body []byte
	var starts [fields]int
	for i, f := range []struct {
		tag   tlv.Tag
		value []byte
	}{{tagName, []byte(a.Name)}, {tagAddress, []byte(a.Address)}, {tagBirth, birth}, {tagSex, []byte{byte(a.Sex)}}} {
		starts[i] = len(body)
		body = tlv.Append(body, f.tag, f.value)
	}
	n := offsetsLen + len(body)
	before := tlv.Len(tagAttributes, n) - len(body)
	if before+len(body) > MaxAttributes {
		return dst, fmt.Errorf("basic: attributes of %d bytes: want at most %d", before+len(body), MaxAttributes)
	}
	out := tlv.AppendHeader(tlv.AppendHeader(dst, tagAttributes, n), tagOffsets, 2*fields)
	for _, start := range starts {
		out = binary.BigEndian.AppendUint16(out, uint16(before+start))
	}
	return append(out, body...), nil
}

// DecodeAttributes reads the content of EFAttributes. Errors are
// *wire.DecodeError. Spec: SPEC-IDCARD-001, SPEC-IDCARD-003.
func DecodeAttributes(b []byte) (a Attributes, err error) {
	const format = "attributes"
	r, err := inside(format, b, tagAttributes)
	if err != nil {
		return a, err
	}
	at := r.Offset()
	offsets := element(&r, tagOffsets, "offsets")
	if r.Err() == nil && len(offsets) != 2*fields {
		r.FailAt(at, "offsets", "8 bytes", fmt.Sprint(len(offsets)))
	}
	field := func(i int, tag tlv.Tag, path string) wire.Reader {
		at := r.Offset()
		if r.Err() == nil && int(binary.BigEndian.Uint16(offsets[2*i:])) != at {
			r.FailAt(at, path, "its offset", "another")
		}
		value := element(&r, tag, path)
		return wire.Sub(format, value, r.Offset()-len(value))
	}
	text := func(i int, tag tlv.Tag, path string) string {
		f := field(i, tag, path)
		s := string(f.Rest())
		if r.Err() == nil && (s == "" || !utf8.ValidString(s)) {
			r.FailAt(f.Offset()-len(s), path, "text in UTF-8", "something else")
		}
		return s
	}
	a.Name, a.Address = text(0, tagName, "name"), text(1, tagAddress, "address")
	birth := field(2, tagBirth, "birth")
	a.Birth = readDate(&birth, "birth")
	sex := field(3, tagSex, "sex")
	a.Sex = Sex(sex.Byte("sex"))
	return a, a.ends(b, &r, &birth, &sex)
}

// ends is the first fault of readers, or of what they read.
func (a *Attributes) ends(b []byte, readers ...*wire.Reader) error {
	for _, r := range readers {
		if r.Err() != nil {
			return r.Err()
		}
	}
	for _, r := range readers {
		if err := r.End(); err != nil {
			return err
		}
	}
	if !a.Sex.Valid() {
		return &wire.DecodeError{Format: "attributes", Path: "sex", Offset: len(b) - 1, Want: "1, 2 or 9", Got: "something else"}
	}
	written, err := a.Append(nil)
	if err != nil {
		return &wire.DecodeError{Format: "attributes", Path: "file", Want: "at most 1024 bytes", Got: fmt.Sprint(len(b))}
	}
	return canonical("attributes", b, written)
}

// AttributesDigest is SHA-256 of the fields behind the offsets, of the content of
// EFAttributes. Errors are *wire.DecodeError.
func AttributesDigest(b []byte) (sum [sha256.Size]byte, err error) {
	if _, err := DecodeAttributes(b); err != nil {
		return sum, err
	}
	r, err := inside("attributes", b, tagAttributes)
	if err != nil {
		return sum, err
	}
	element(&r, tagOffsets, "offsets")
	return sha256.Sum256(r.Rest()), nil
}
