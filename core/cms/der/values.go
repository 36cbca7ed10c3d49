package der

import (
	"bytes"
	"encoding/asn1"
	"strconv"
	"time"
)

// OID reads an object identifier.
func (c *Cursor) OID(path string) (id asn1.ObjectIdentifier) {
	e := c.Read(OID, path)
	if c.s.err != nil {
		return nil
	}
	if rest, err := asn1.Unmarshal(e.Full, &id); err != nil || len(rest) > 0 {
		c.Fail(e.At(), path, "an object identifier", "another encoding")
		return nil
	}
	return id
}

// Small reads a non-negative INTEGER or ENUMERATED of one byte.
func (c *Cursor) Small(tag byte, path string) int {
	e := c.Read(tag, path)
	if c.s.err == nil && (len(e.Body) != 1 || e.Body[0] > 0x7F) {
		c.Fail(e.At(), path, "0 to 127 in one byte", plural(len(e.Body)))
	}
	if c.s.err != nil {
		return 0
	}
	return int(e.Body[0])
}

// Octets reads an OCTET STRING, under any tag, of a range of lengths.
func (c *Cursor) Octets(tag byte, least, most int, path string) []byte {
	e := c.Read(tag, path)
	if c.s.err == nil && (len(e.Body) < least || len(e.Body) > most) {
		c.Fail(e.At(), path, strconv.Itoa(least)+" to "+plural(most), strconv.Itoa(len(e.Body)))
	}
	if c.s.err != nil {
		return nil
	}
	return e.Body
}

// Time reads a UTCTime or GeneralizedTime in the form of DER and RFC 5280: Z,
// seconds, no fraction. Spec: SPEC-APPLICATION-003.
func (c *Cursor) Time(path string) time.Time {
	e := c.Any(path)
	if c.s.err != nil {
		return time.Time{}
	}
	forms := map[byte]string{UTCTime: "060102150405Z", GeneralizedTime: "20060102150405Z"}
	form, ok := forms[e.Tag]
	if !ok {
		c.Fail(e.Offset, path, "a time", "tag "+hexByte(e.Tag))
		return time.Time{}
	}
	t, err := time.Parse(form, string(e.Body))
	if err != nil || t.Format(form) != string(e.Body) {
		c.Fail(e.At(), path, "a time of the form "+form, "another")
		return time.Time{}
	}
	if e.Tag == UTCTime && t.Year() >= 2050 { // RFC 5280 §4.1.2.5.1: YY of 50 and more is 19YY
		t = t.AddDate(-100, 0, 0)
	}
	return t
}

// Ascending records a fault where elements of a SET OF are not in ascending
// order of their encodings (ISO/IEC 8825-1 §11.6), repetition included.
func (c *Cursor) Ascending(before, e Element, path string) {
	if before.Full != nil && bytes.Compare(before.Full, e.Full) >= 0 {
		c.Fail(e.Offset, path, "ascending encodings in a SET OF (DER)", "another order")
	}
}
