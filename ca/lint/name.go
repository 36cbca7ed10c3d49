package lint

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// attribute is one attribute of a name, with how it stands there.
type attribute struct {
	oid   asn1.ObjectIdentifier
	tag   tag.Tag
	value string
	alone bool // in its relative name
}

// readName reads any name: what it says is for one lint, how for another.
func readName(b []byte) (list []attribute, ok bool) {
	content, ok := only(b, tag.SEQUENCE)
	if !ok {
		return nil, false
	}
	sets, ok := elements(content)
	if !ok {
		return nil, false
	}
	for _, set := range sets {
		pairs, ok := elements(set.content)
		if !ok || set.tag != tag.SET || len(pairs) == 0 {
			return nil, false
		}
		for _, pair := range pairs {
			a, ok := readAttribute(pair)
			if !ok {
				return nil, false
			}
			a.alone = len(pairs) == 1
			list = append(list, a)
		}
	}
	return list, true
}

func readAttribute(pair element) (a attribute, ok bool) {
	parts, ok := elements(pair.content)
	if !ok || pair.tag != tag.SEQUENCE || len(parts) != 2 {
		return a, false
	}
	oid := cryptobyte.String(parts[0].raw)
	if !oid.ReadASN1ObjectIdentifier(&a.oid) {
		return a, false
	}
	a.tag, a.value = parts[1].tag, string(parts[1].content)
	return a, true
}

// says reports whether a name has these attributes in this order, whatever the
// types of its strings.
func says(der []byte, want certificate.Name) bool {
	list, ok := readName(der)
	if !ok || len(list) != len(want) {
		return false
	}
	for i, a := range list {
		if !a.oid.Equal(asn1.ObjectIdentifier{2, 5, 4, int(want[i].Type)}) || a.value != want[i].Value {
			return false
		}
	}
	return true
}

// directoryName is the one directoryName of GeneralNames.
func directoryName(value []byte) (name []byte, ok bool) {
	return only(value, tag.SEQUENCE, constructed(4))
}

// names are all names in a certificate, by where they stand.
func (v *view) names() map[string][]byte {
	all := map[string][]byte{"issuer": v.issuer, "subject": v.subject}
	add := func(e certificate.Extension, get func([]byte) ([]byte, bool)) {
		if value, ok := v.find(e); ok {
			if name, ok := get(value); ok {
				all[e.String()] = name
			}
		}
	}
	add(certificate.IssuerAltName, directoryName)
	add(certificate.SubjectAltName, directoryName)
	add(certificate.CRLDistributionPoints, pointName)
	add(certificate.AuthorityKeyIdentifier, func(value []byte) ([]byte, bool) {
		_, name, _, ok := readAuthorityKey(value)
		return name, ok
	})
	return all
}

// nameForm is how names are written. Spec: SPEC-CERT-PROFILE-004.
func nameForm(v *view, _ *Context) string {
	all := v.names()
	for _, where := range []string{"issuer", "subject", "issuerAltName", "subjectAltName", "cRLDistributionPoints", "authorityKeyIdentifier"} {
		list, _ := readName(all[where])
		for _, a := range list {
			want := tag.UTF8String
			if a.oid.Equal(asn1.ObjectIdentifier{2, 5, 4, int(certificate.Country)}) {
				want = tag.PrintableString
			}
			if a.tag != want {
				return where + ": string types: want PrintableString for the country and UTF8String else"
			}
			if !a.alone {
				return where + ": want each attribute a relative name of its own"
			}
		}
	}
	return ""
}

// issuer is the issuer's name. Spec: SPEC-CERT-PROFILE-005.
func issuer(v *view, c *Context) string {
	if string(v.issuer) != string(c.Authority.Name().AppendDER(nil)) {
		return "want the name of the authority " + c.Authority.String()
	}
	if c.Issuer != nil && !c.Issuer.Subject.Equal(c.Authority.Name()) {
		return "the issuing certificate has another subject"
	}
	return ""
}
