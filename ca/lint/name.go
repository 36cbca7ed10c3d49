package lint

import (
	"bytes"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// attribute is one attribute of a name, with how it stands there.
type attribute struct {
	oid   []byte // content of the object identifier
	tag   tag.Tag
	value []byte
	alone bool // in its relative name
}

// is reports whether the attribute is of a type of X.520.
func (a *attribute) is(t certificate.AttributeType) bool {
	return len(a.oid) == 3 && a.oid[0] == 0x55 && a.oid[1] == 4 && a.oid[2] == byte(t)
}

// nameRoom has room for the attributes of every name of the profile.
type nameRoom [6]attribute

func isName(b []byte) bool {
	var room nameRoom
	_, ok := readName(room[:0], b)
	return ok
}

// readName reads any name and appends its attributes to list: what it says is for
// one lint, how for another.
func readName(list []attribute, b []byte) (_ []attribute, ok bool) {
	sets, ok := only(b, tag.SEQUENCE)
	if !ok {
		return nil, false
	}
	for len(sets) > 0 {
		var set element
		if set, sets, ok = take(sets); !ok || set.tag != tag.SET || len(set.content) == 0 {
			return nil, false
		}
		pairs, alone := set.content, true
		for len(pairs) > 0 {
			var one element
			if one, pairs, ok = take(pairs); !ok || one.tag != tag.SEQUENCE {
				return nil, false
			}
			alone = alone && len(pairs) == 0
			oid, value, ok := pair(one.content)
			if !ok || oid.tag != tag.OBJECT_IDENTIFIER {
				return nil, false
			}
			list = append(list, attribute{oid.content, value.tag, value.content, alone})
		}
	}
	return list, true
}

// says reports whether a name has these attributes in this order, whatever the
// types of its strings.
func says(der []byte, want certificate.Name) bool {
	var room nameRoom
	list, ok := readName(room[:0], der)
	if !ok || len(list) != len(want) {
		return false
	}
	for i := range list {
		if !list[i].is(want[i].Type) || string(list[i].value) != want[i].Value {
			return false
		}
	}
	return true
}

// directoryName is the one directoryName of GeneralNames.
func directoryName(value []byte) (name []byte, ok bool) {
	return only(value, tag.SEQUENCE, constructed(4))
}

// places are where names stand, and how they are come by.
var places = []struct {
	name string
	get  func(*view) []byte
}{
	{"issuer", func(v *view) []byte { return v.issuer }},
	{"subject", func(v *view) []byte { return v.subject }},
	{"issuerAltName", inExtension(certificate.IssuerAltName, directoryName)},
	{"subjectAltName", inExtension(certificate.SubjectAltName, directoryName)},
	{"cRLDistributionPoints", inExtension(certificate.CRLDistributionPoints, pointName)},
	{"authorityKeyIdentifier", inExtension(certificate.AuthorityKeyIdentifier, func(value []byte) ([]byte, bool) {
		_, name, _, ok := readAuthorityKey(value)
		return name, ok
	})},
}

// inExtension gets the name out of an extension, nil where there is none.
func inExtension(e certificate.Extension, get func([]byte) ([]byte, bool)) func(*view) []byte {
	return func(v *view) []byte {
		value, _ := v.find(e)
		name, _ := get(value)
		return name
	}
}

// nameForm is how names are written. Spec: SPEC-CERT-PROFILE-004.
func nameForm(v *view, _ *Context) string {
	for _, place := range places {
		var room nameRoom
		list, _ := readName(room[:0], place.get(v))
		for i := range list {
			want := tag.UTF8String
			if list[i].is(certificate.Country) {
				want = tag.PrintableString
			}
			if list[i].tag != want {
				return place.name + ": string types: want PrintableString for the country and UTF8String else"
			}
			if !list[i].alone {
				return place.name + ": want each attribute a relative name of its own"
			}
		}
	}
	return ""
}

// issuerNames are the authorities' names in DER.
var issuerNames = func() map[certificate.Authority][]byte {
	all := map[certificate.Authority][]byte{}
	for _, a := range certificate.Authorities() {
		all[a] = a.Name().AppendDER(nil)
	}
	return all
}()

// issuer is the issuer's name. Spec: SPEC-CERT-PROFILE-005.
func issuer(v *view, c *Context) string {
	if want := issuerNames[c.Authority]; len(want) == 0 || !bytes.Equal(v.issuer, want) {
		return "want the name of the authority " + c.Authority.String()
	}
	if c.Issuer != nil && (!c.Issuer.Kind.CA() || c.Issuer.Authority != c.Authority) {
		return "the issuing certificate is not the authority's"
	}
	return ""
}
