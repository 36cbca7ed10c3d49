package certificate

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/wire"
)

// cursor reads DER elements one after the other and knows where it is in the
// whole input, so that a fault can name its offset.
type cursor struct {
	format string
	whole  []byte
	rest   []byte
	at     int // offset of rest in whole
}

func (c *cursor) empty() bool { return len(c.rest) == 0 }

// fault is a *wire.DecodeError at the place of the last element read, or of the
// next one.
func (c *cursor) fault(path, want, got string) error {
	return &wire.DecodeError{Format: c.format, Path: path, Offset: c.at, Want: want, Got: got}
}

// end demands that nothing is left.
func (c *cursor) end(path string) error {
	if !c.empty() {
		return c.fault(path, "end", fmt.Sprintf("%d more bytes", len(c.rest)))
	}
	return nil
}

// peek reports whether the next element has a tag.
func (c *cursor) peek(t tag.Tag) bool { return len(c.rest) > 0 && c.rest[0] == byte(t) }

// take reads one element with header; the content is its cursor.
func (c *cursor) take(path string, t tag.Tag) (content cursor, element []byte, err error) {
	if c.empty() {
		return cursor{}, nil, c.fault(path, fmt.Sprintf("tag %02X", byte(t)), "end of input")
	}
	if !c.peek(t) {
		return cursor{}, nil, c.fault(path, fmt.Sprintf("tag %02X", byte(t)), fmt.Sprintf("tag %02X", c.rest[0]))
	}
	s := cryptobyte.String(c.rest)
	var whole, value cryptobyte.String
	if !s.ReadASN1Element(&whole, t) {
		return cursor{}, nil, c.fault(path, "an element with a length in DER that the input holds", "another length")
	}
	header := whole
	header.ReadASN1(&value, t)
	content = cursor{c.format, c.whole, value, c.at + len(whole) - len(value)}
	c.rest, c.at = s, c.at+len(whole)
	return content, whole, nil
}

// element reads the content of one element.
func (c *cursor) element(path string, t tag.Tag) (cursor, error) {
	content, _, err := c.take(path, t)
	return content, err
}

// oid reads an object identifier.
func (c *cursor) oid(path string) (asn1.ObjectIdentifier, error) {
	start := *c
	_, element, err := c.take(path, tag.OBJECT_IDENTIFIER)
	if err != nil {
		return nil, err
	}
	var oid asn1.ObjectIdentifier
	s := cryptobyte.String(element)
	if !s.ReadASN1ObjectIdentifier(&oid) {
		return nil, start.fault(path, "an object identifier", "other bytes")
	}
	return oid, nil
}
