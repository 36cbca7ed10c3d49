package lint

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// otherName is one otherName with a text.
type otherName struct {
	oid  asn1.ObjectIdentifier
	text string
}

// otherNames reads GeneralNames that are otherNames of UTF8Strings.
func otherNames(value []byte) (list []otherName, ok bool) {
	content, ok := only(value, tag.SEQUENCE)
	if !ok {
		return nil, false
	}
	var room [6]element
	items, ok := elements(room[:0], content)
	for _, item := range items {
		var pair [2]element
		parts, good := elements(pair[:0], item.content)
		if !good || item.tag != constructed(0) || len(parts) != 2 {
			return nil, false
		}
		var n otherName
		s := cryptobyte.String(parts[0].raw)
		text, good := only(parts[1].raw, constructed(0), tag.UTF8String)
		if !good || !s.ReadASN1ObjectIdentifier(&n.oid) {
			return nil, false
		}
		n.text = string(text)
		list = append(list, n)
	}
	return list, ok
}

// order is that of the attributes in the published certificates.
var order = []int{1, 4, 3, 5, 2, 6}

func holderAltName(v *view, c *Context) (list []otherName, applies, ok bool) {
	value, found := v.find(certificate.SubjectAltName)
	if !found || c.Kind != certificate.CardSignature {
		return nil, false, false
	}
	list, ok = otherNames(value)
	if !ok || len(list) != len(order) {
		return nil, true, false
	}
	for i, n := range list {
		if !n.oid.Equal(asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 5, order[i]}) {
			return nil, true, false
		}
	}
	return list, true, true
}

// personForm is which values a holder has, and in which order.
// Spec: SPEC-CERT-PROFILE-019.
func personForm(v *view, c *Context) string {
	if _, applies, ok := holderAltName(v, c); applies && !ok {
		return "want six otherNames with a UTF8String: name, birth, sex, address, substitutes in name and in address"
	}
	return ""
}

// personValues are a holder's values. Spec: SPEC-CERT-PROFILE-030.
func personValues(v *view, c *Context) string {
	list, _, ok := holderAltName(v, c)
	if !ok {
		return ""
	}
	birth, err := certificate.ParseBirth(list[1].text)
	if err != nil {
		return err.Error()
	}
	if c.Birth.Valid() && birth.Date != c.Birth {
		return "want the date of birth that the end of validity follows from"
	}
	p := certificate.Person{Name: list[0].text, Birth: birth, Address: list[3].text, NameSubstitutes: list[4].text, AddressSubstitutes: list[5].text}
	if len(list[2].text) == 1 {
		p.Sex = certificate.Sex(list[2].text[0])
	}
	if err := p.Check(); err != nil {
		return err.Error()
	}
	return ""
}
