// Package der reads distinguished encodings of ASN.1 (ISO/IEC 8825-1 clause 10)
// with faults that name path and offset. Only tags of one byte occur in what is
// read here.
//
// It must not know any type that is made of these elements. It implements
// spec/APPLICATION.md §DER and the rules of spec/ERRORS.md.
package der

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// Tags of universal types, with the constructed bit where DER has it.
const (
	Boolean         byte = 0x01
	IntegerTag      byte = 0x02
	BitString       byte = 0x03
	OctetString     byte = 0x04
	Null            byte = 0x05
	OID             byte = 0x06
	Enumerated      byte = 0x0A
	UTF8String      byte = 0x0C
	PrintableString byte = 0x13
	UTCTime         byte = 0x17
	GeneralizedTime byte = 0x18
	Sequence        byte = 0x30
	Set             byte = 0x31
)

// Context is the tag of a context-specific element, constructed or not.
func Context(number byte, constructed bool) byte {
	if constructed {
		return 0xA0 | number
	}
	return 0x80 | number
}

// Element is one encoded value. Slices are borrowed.
type Element struct {
	Tag    byte
	Offset int    // of its tag in the whole input
	Full   []byte // tag, length and content
	Body   []byte // content
}

// At is the offset of the content.
func (e *Element) At() int { return e.Offset + len(e.Full) - len(e.Body) }

// Cursor walks over elements. The first fault sticks: later reads return zero
// values, and Err tells the fault.
type Cursor struct {
	b    []byte
	base int
	s    *state
	path string
}

type state struct {
	format string
	err    *wire.DecodeError
}

// New reads a whole input in a format's name.
func New(format string, b []byte) *Cursor {
	return &Cursor{b: b, s: &state{format: format}}
}

// Err is the first fault as a *wire.DecodeError, or nil.
func (c *Cursor) Err() error {
	if c.s.err == nil {
		return nil
	}
	return c.s.err
}

// Fail records a fault at an offset of the whole input, unless there is one.
func (c *Cursor) Fail(offset int, path, want, got string) {
	if c.s.err == nil {
		c.s.err = &wire.DecodeError{Format: c.s.format, Path: c.join(path), Offset: offset, Want: want, Got: got}
	}
}

func (c *Cursor) join(path string) string {
	switch {
	case c.path == "":
		return path
	case path == "":
		return c.path
	}
	return c.path + "/" + path
}

// Offset is that of the next element.
func (c *Cursor) Offset() int { return c.base }

// More reports whether an element is left and no fault has happened.
func (c *Cursor) More() bool { return c.s.err == nil && len(c.b) > 0 }

// Peek is the tag of the next element; 0 when there is none.
func (c *Cursor) Peek() byte {
	if !c.More() {
		return 0
	}
	return c.b[0]
}

// End records a fault when something is left, and returns Err.
func (c *Cursor) End() error {
	if c.More() {
		c.Fail(c.base, "", "the end", "tag "+hexByte(c.b[0]))
	}
	return c.Err()
}

// Any reads the next element, whatever its tag.
// Spec: SPEC-APPLICATION-001, SPEC-APPLICATION-002.
func (c *Cursor) Any(path string) (e Element) {
	if c.s.err != nil {
		return e
	}
	if len(c.b) < 2 {
		c.Fail(c.base+len(c.b), path, "tag and length", "end of input")
		return e
	}
	if c.b[0]&0x1F == 0x1F {
		c.Fail(c.base, path, "a tag of one byte", "tag "+hexByte(c.b[0]))
		return e
	}
	head, n := c.length(path)
	if c.s.err != nil {
		return e
	}
	if n > len(c.b)-head {
		c.Fail(c.base+head, path, plural(n), strconv.Itoa(len(c.b)-head)+" left")
		return e
	}
	e = Element{Tag: c.b[0], Offset: c.base, Full: c.b[: head+n : head+n], Body: c.b[head : head+n : head+n]}
	c.b, c.base = c.b[head+n:], c.base+head+n
	return e
}

// length reads the length field: where the content begins, and its length.
func (c *Cursor) length(path string) (head, n int) {
	first := c.b[1]
	switch {
	case first < 0x80:
		return 2, int(first)
	case first == 0x80:
		c.Fail(c.base+1, path, "a definite length (DER)", "an indefinite one (BER)")
		return 0, 0
	case first > 0x83:
		c.Fail(c.base+1, path, "a length of at most 3 bytes", strconv.Itoa(int(first&0x7F)))
		return 0, 0
	}
	count := int(first & 0x7F)
	if len(c.b) < 2+count {
		c.Fail(c.base+len(c.b), path, "a length of "+plural(count), "end of input")
		return 0, 0
	}
	for _, b := range c.b[2 : 2+count] {
		n = n<<8 | int(b)
	}
	if n < 0x80 || n>>(8*(count-1)) == 0 {
		c.Fail(c.base+1, path, "the shortest length (DER)", "a longer one (BER)")
	}
	return 2 + count, n
}

// Read reads the next element, which has to have a tag.
func (c *Cursor) Read(tag byte, path string) Element {
	if c.s.err == nil && len(c.b) > 0 && c.b[0] != tag {
		c.Fail(c.base, path, "tag "+hexByte(tag), "tag "+hexByte(c.b[0]))
		return Element{}
	}
	return c.Any(path)
}

// Inside walks over the content of an element.
func (c *Cursor) Inside(e Element, path string) *Cursor {
	return &Cursor{b: e.Body, base: e.At(), s: c.s, path: c.join(path)}
}

// Enter reads the next element and walks over its content.
func (c *Cursor) Enter(tag byte, path string) *Cursor { return c.Inside(c.Read(tag, path), path) }

func hexByte(b byte) string { return fmt.Sprintf("%02X", b) }

func plural(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
