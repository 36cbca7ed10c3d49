package certificate

import (
	"encoding/asn1"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// AppendDER appends the name's DER encoding: one attribute to a relative name,
// the country a PrintableString, all others UTF8String.
// Spec: SPEC-CERT-PROFILE-004.
func (n Name) AppendDER(dst []byte) []byte {
	length := 0
	for _, a := range n {
		pair := len(attributeOID) + 1 + objectLen(len(a.Value))
		length += objectLen(objectLen(pair))
	}
	dst = appendHeader(dst, tag.SEQUENCE, length)
	for _, a := range n {
		pair := len(attributeOID) + 1 + objectLen(len(a.Value))
		dst = appendHeader(dst, tag.SET, objectLen(pair))
		dst = appendHeader(dst, tag.SEQUENCE, pair)
		dst = append(append(dst, attributeOID...), byte(a.Type))
		dst = append(appendHeader(dst, a.Type.stringTag(), len(a.Value)), a.Value...)
	}
	return dst
}

// attributeOID is the object identifier of an attribute type, 2.5.4.x, but for x.
const attributeOID = "\x06\x03\x55\x04"

// Marshal adds the name to a builder.
func (n Name) Marshal(b *cryptobyte.Builder) {
	b.AddBytes(n.AppendDER(make([]byte, 0, 256)))
}

// objectLen is the length of an object with contents of a length.
func objectLen(contents int) int {
	n := 2 + contents
	if contents > 0x7F {
		for l := contents; l > 0; l >>= 8 {
			n++
		}
	}
	return n
}

// appendHeader appends an object's tag and length.
func appendHeader(dst []byte, t tag.Tag, length int) []byte {
	dst = append(dst, byte(t))
	if length <= 0x7F {
		return append(dst, byte(length))
	}
	var octets int
	for l := length; l > 0; l >>= 8 {
		octets++
	}
	dst = append(dst, 0x80|byte(octets))
	for i := octets - 1; i >= 0; i-- {
		dst = append(dst, byte(length>>(8*i)))
	}
	return dst
}

func (t AttributeType) stringTag() tag.Tag {
	if t == Country {
		return tag.PrintableString
	}
	return tag.UTF8String
}

// ParseName reads a name that has this form and nothing else. Errors are
// *wire.DecodeError of format "Name".
func ParseName(der []byte) (Name, error) {
	in := cursor{whole: der, rest: der, format: "Name"}
	n, err := in.name("")
	if err != nil {
		return nil, err
	}
	return n, in.end("")
}

// name reads a Name.
func (c *cursor) name(path string) (Name, error) {
	seq, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	var n Name
	for !seq.empty() {
		set, err := seq.element(path, tag.SET)
		if err != nil {
			return nil, err
		}
		a, err := set.attribute(path)
		if err != nil {
			return nil, err
		}
		if err := set.end(path); err != nil {
			return nil, err
		}
		n = append(n, a)
	}
	return n, nil
}

func (c *cursor) attribute(path string) (Attribute, error) {
	pair, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return Attribute{}, err
	}
	oid, err := pair.oid(path)
	if err != nil {
		return Attribute{}, err
	}
	t := attributeType(oid)
	if t == 0 {
		return Attribute{}, pair.fault(path, "attribute C, L, O, OU or CN", oid.String())
	}
	value, err := pair.element(path+"/"+t.String(), t.stringTag())
	if err != nil {
		return Attribute{}, err
	}
	if len(value.rest) == 0 || !utf8.Valid(value.rest) {
		return Attribute{}, value.fault(path+"/"+t.String(), "text in UTF-8", "none")
	}
	return Attribute{t, string(value.rest)}, pair.end(path)
}

func attributeType(oid asn1.ObjectIdentifier) AttributeType {
	if len(oid) != 4 || oid[0] != 2 || oid[1] != 5 || oid[2] != 4 {
		return 0
	}
	switch t := AttributeType(oid[3]); t {
	case CommonName, Country, Locality, Organization, OrganizationalUnit:
		if oid[3] < 256 {
			return t
		}
	}
	return 0
}
