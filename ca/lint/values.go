package lint

import (
	"bytes"
	"crypto/sha1"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// policies splits certificatePolicies of one policy with one qualifier.
func policies(v *view) (oid asn1.ObjectIdentifier, rest []element, found, ok bool) {
	value, found := v.find(certificate.CertificatePolicies)
	if !found {
		return nil, nil, false, false
	}
	info, ok := only(value, tag.SEQUENCE, tag.SEQUENCE)
	if !ok {
		return nil, nil, true, false
	}
	parts, ok := elements(nil, info)
	if !ok || len(parts) == 0 {
		return nil, nil, true, false
	}
	s := cryptobyte.String(parts[0].raw)
	ok = s.ReadASN1ObjectIdentifier(&oid)
	return oid, parts[1:], true, ok
}

// policy is the kind's and the only one. Spec: SPEC-CERT-PROFILE-006.
func policy(v *view, c *Context) string {
	oid, _, found, ok := policies(v)
	if found && (!ok || !oid.Equal(c.Kind.Policy())) {
		return "want the one policy " + c.Kind.Policy().String()
	}
	return ""
}

// qualifier is the pointer to the practice statement.
// Spec: SPEC-CERT-PROFILE-039.
func qualifier(v *view, _ *Context) string {
	_, rest, _, ok := policies(v)
	if !ok {
		return ""
	}
	const text = "want one qualifier, cPSuri " + certificate.CPSURI
	if len(rest) != 1 {
		return text
	}
	info, ok := only(rest[0].raw, tag.SEQUENCE, tag.SEQUENCE)
	if !ok {
		return text
	}
	id, uri, ok := pair(info)
	if !ok || !isOID(id, certificate.OIDCPS) || uri.tag != tag.IA5String || string(uri.content) != certificate.CPSURI {
		return text
	}
	return ""
}

func isOID(e element, want asn1.ObjectIdentifier) bool {
	var oid asn1.ObjectIdentifier
	s := cryptobyte.String(e.raw)
	return s.ReadASN1ObjectIdentifier(&oid) && oid.Equal(want)
}

// issuerAltName is the authority in Japanese. Spec: SPEC-CERT-PROFILE-020.
func issuerAltName(v *view, c *Context) string {
	value, found := v.find(certificate.IssuerAltName)
	name, ok := directoryName(value)
	if found && (!ok || !says(name, c.Authority.JapaneseName())) {
		return "want one directoryName, " + c.Authority.JapaneseName().String()
	}
	return ""
}

// authorityAltName is an authority's own name in Japanese.
// Spec: SPEC-CERT-PROFILE-027.
func authorityAltName(v *view, c *Context) string {
	value, found := v.find(certificate.SubjectAltName)
	name, ok := directoryName(value)
	if found && c.Kind.CA() && (!ok || !says(name, c.Authority.JapaneseName())) {
		return "want one directoryName, " + c.Authority.JapaneseName().String()
	}
	return ""
}

// pointName is the directoryName of one distribution point.
func pointName(value []byte) ([]byte, bool) {
	return only(value, tag.SEQUENCE, tag.SEQUENCE, constructed(0), constructed(0), constructed(4))
}

// distributionPoint is where revocation is published.
// Spec: SPEC-CERT-PROFILE-015.
func distributionPoint(v *view, c *Context) string {
	value, found := v.find(certificate.CRLDistributionPoints)
	if !found {
		return ""
	}
	partition := certificate.CAList
	if c.Kind.Holder() {
		partition = c.Municipality.Partition()
	}
	want, err := certificate.PartitionName(c.Authority, partition)
	if err != nil {
		return err.Error()
	}
	if name, ok := pointName(value); !ok || !says(name, want) {
		return "want one point, directoryName " + want.String()
	}
	return ""
}

// access is the pointer to OCSP. Spec: SPEC-CERT-PROFILE-021.
func access(v *view, _ *Context) string {
	value, found := v.find(certificate.AuthorityInfoAccess)
	if !found {
		return ""
	}
	description, _ := only(value, tag.SEQUENCE, tag.SEQUENCE)
	method, location, ok := pair(description)
	if !ok || !isOID(method, certificate.OIDOCSP) || location.tag != tag.Tag(6).ContextSpecific() || string(location.content) != certificate.OCSPURI {
		return "want one description, OCSP at " + certificate.OCSPURI
	}
	return ""
}

// readAuthorityKey splits an authority key identifier that has all three parts.
func readAuthorityKey(value []byte) (id, name, serial []byte, ok bool) {
	content, ok := only(value, tag.SEQUENCE)
	if !ok {
		return nil, nil, nil, false
	}
	var room [3]element
	parts, ok := elements(room[:0], content)
	if !ok || len(parts) != 3 || parts[0].tag != tag.Tag(0).ContextSpecific() ||
		parts[1].tag != constructed(1) || parts[2].tag != tag.Tag(2).ContextSpecific() {
		return nil, nil, nil, false
	}
	name, ok = only(parts[1].content, constructed(4))
	return parts[0].content, name, parts[2].content, ok
}

// authorityKey names the generation that signs. Spec: SPEC-CERT-PROFILE-022.
func authorityKey(v *view, c *Context) string {
	value, found := v.find(certificate.AuthorityKeyIdentifier)
	if !found || c.Issuer == nil {
		return ""
	}
	id, name, number, ok := readAuthorityKey(value)
	var b cryptobyte.Builder
	b.AddASN1Uint64(c.Issuer.Serial)
	if !ok || !bytes.Equal(id, c.Issuer.SubjectKeyID[:]) || !says(name, c.Authority.Name()) || !bytes.Equal(number, b.BytesOrPanic()[2:]) {
		return "want key identifier, name and serial number of the issuer"
	}
	return ""
}

// subjectKey is the key's identifier. Spec: SPEC-CERT-PROFILE-023.
func subjectKey(v *view, _ *Context) string {
	value, found := v.find(certificate.SubjectKeyIdentifier)
	id, ok := only(value, tag.OCTET_STRING)
	sum := sha1.Sum(keyBits(v.key))
	if found && (!ok || !bytes.Equal(id, sum[:])) {
		return "want SHA-1 of the public key"
	}
	return ""
}
