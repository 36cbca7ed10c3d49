package lint

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// element is one DER element.
type element struct {
	tag     tag.Tag
	raw     []byte // with header
	content []byte
}

// take reads the first element; ok is false when it is no DER.
func take(b []byte) (e element, rest []byte, ok bool) {
	s := cryptobyte.String(b)
	var raw cryptobyte.String
	if !s.ReadAnyASN1Element(&raw, &e.tag) {
		return e, nil, false
	}
	header := 2
	if raw[1]&0x80 != 0 {
		header += int(raw[1] & 0x7F)
	}
	e.raw, e.content = raw, raw[header:]
	return e, s, true
}

// elements splits a sequence of elements and appends them to list, which saves the
// memory of short ones; ok is false when it is no DER.
func elements(list []element, b []byte) (_ []element, ok bool) {
	for len(b) > 0 {
		e, rest, ok := take(b)
		if !ok {
			return nil, false
		}
		list, b = append(list, e), rest
	}
	return list, true
}

// only opens elements each of which is alone in its place, from the outermost
// tag to the innermost.
func only(b []byte, tags ...tag.Tag) (content []byte, ok bool) {
	for _, t := range tags {
		e, rest, ok := take(b)
		if !ok || e.tag != t || len(rest) > 0 {
			return nil, false
		}
		b = e.content
	}
	return b, true
}

// pair reads exactly two elements.
func pair(b []byte) (first, second element, ok bool) {
	first, b, ok = take(b)
	if !ok {
		return first, second, false
	}
	second, b, ok = take(b)
	return first, second, ok && len(b) == 0
}

func constructed(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

// extension is one Extension as it stands.
type extension struct {
	oid      asn1.ObjectIdentifier
	known    certificate.Extension // 0 when the service has none such
	critical []byte                // content of the BOOLEAN, nil when it is left out
	value    []byte
}

// view is a TBSCertificate taken apart, nothing of it judged but that it is DER
// of the type.
type view struct {
	version    []byte // with header
	serial     []byte
	algorithm  []byte // with header
	issuer     []byte // with header
	notBefore  element
	notAfter   element
	subject    []byte // with header
	key        []byte // SubjectPublicKeyInfo with header
	extensions []extension
}

// find returns the value of the first extension of a kind.
func (v *view) find(e certificate.Extension) ([]byte, bool) {
	for _, x := range v.extensions {
		if x.known == e {
			return x.value, true
		}
	}
	return nil, false
}

// field is one field of a TBSCertificate: its name, its tag, where it goes.
type field struct {
	name string
	tag  tag.Tag
	put  func(*view, element) bool
}

var fields = []field{
	{"version", constructed(0), func(v *view, e element) bool { v.version = e.raw; _, ok := only(e.content, tag.INTEGER); return ok }},
	{"serialNumber", tag.INTEGER, func(v *view, e element) bool { v.serial = e.content; return len(e.content) > 0 }},
	{"signature", tag.SEQUENCE, func(v *view, e element) bool { v.algorithm = e.raw; return true }},
	{"issuer", tag.SEQUENCE, func(v *view, e element) bool { v.issuer = e.raw; return isName(e.raw) }},
	{"validity", tag.SEQUENCE, (*view).putValidity},
	{"subject", tag.SEQUENCE, func(v *view, e element) bool { v.subject = e.raw; return isName(e.raw) }},
	{"subjectPublicKeyInfo", tag.SEQUENCE, func(v *view, e element) bool { v.key = e.raw; return keyBits(e.raw) != nil }},
	{"extensions", constructed(3), (*view).putExtensions},
}

// read takes a TBSCertificate apart; text says what is wrong with it.
func read(tbs []byte) (v *view, text string) {
	content, ok := only(tbs, tag.SEQUENCE)
	if !ok {
		return nil, "not one SEQUENCE in DER"
	}
	var room [8]element
	list, ok := elements(room[:0], content)
	if !ok {
		return nil, "fields are not DER"
	}
	v = new(view)
	v.extensions = make([]extension, 0, 8)
	for i, f := range fields {
		if i >= len(list) || list[i].tag != f.tag || !f.put(v, list[i]) {
			return nil, f.name + " is missing or not of its type"
		}
	}
	if len(list) > len(fields) {
		return nil, fmt.Sprintf("%d fields after extensions", len(list)-len(fields))
	}
	return v, ""
}

func (v *view) putValidity(e element) bool {
	var room [2]element
	list, ok := elements(room[:0], e.content)
	if !ok || len(list) != 2 {
		return false
	}
	for _, t := range list {
		if t.tag != tag.UTCTime && t.tag != tag.GeneralizedTime {
			return false
		}
	}
	v.notBefore, v.notAfter = list[0], list[1]
	return true
}

func (v *view) putExtensions(e element) bool {
	content, ok := only(e.content, tag.SEQUENCE)
	if !ok {
		return false
	}
	var room [10]element
	list, ok := elements(room[:0], content)
	for _, item := range list {
		x, good := readExtension(item)
		if !good {
			return false
		}
		v.extensions = append(v.extensions, x)
	}
	return ok
}

func readExtension(e element) (x extension, ok bool) {
	var room [3]element
	parts, ok := elements(room[:0], e.content)
	if !ok || e.tag != tag.SEQUENCE || len(parts) < 2 || len(parts) > 3 {
		return x, false
	}
	oid := cryptobyte.String(parts[0].raw)
	if !oid.ReadASN1ObjectIdentifier(&x.oid) {
		return x, false
	}
	if len(parts) == 3 {
		if parts[1].tag != tag.BOOLEAN || len(parts[1].content) != 1 {
			return x, false
		}
		x.critical = parts[1].content
	}
	last := parts[len(parts)-1]
	x.known, x.value = certificate.ExtensionOf(x.oid), last.content
	return x, last.tag == tag.OCTET_STRING
}

// keyBits are the bits of a SubjectPublicKeyInfo's key; nil when it is none.
func keyBits(spki []byte) []byte {
	content, ok := only(spki, tag.SEQUENCE)
	if !ok {
		return nil
	}
	algorithm, bits, ok := pair(content)
	if !ok || algorithm.tag != tag.SEQUENCE || bits.tag != tag.BIT_STRING || len(bits.content) < 2 || bits.content[0] != 0 {
		return nil
	}
	return bits.content[1:]
}
