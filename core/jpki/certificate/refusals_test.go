package certificate_test

import (
	"slices"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate/dertree"
)

// refusal is a deviation of a certificate, and the field in which Parse says it is.
type refusal struct {
	of, what, path string
	change         func(*dertree.Node)
}

// set changes the last byte of a value.
func set(b byte, path ...int) func(*dertree.Node) {
	return func(n *dertree.Node) { v := n.At(path...).Value; v[len(v)-1] = b }
}

// setContent changes the last byte of a value in an extension.
func setContent(b byte, extension int, path ...int) func(*dertree.Node) {
	return func(n *dertree.Node) { v := n.Content(extension).At(path...).Value; v[len(v)-1] = b }
}

// give replaces a value.
func give(value string, path ...int) func(*dertree.Node) {
	return func(n *dertree.Node) { n.At(path...).Value = []byte(value) }
}

const (
	phone     = "phone authentication"
	signature = "card signature"
	authority = "auth generation 2"
	responder = "auth responder"
)

var refusals = []refusal{
	{phone, "version 2", "version", set(1, dertree.Version, 0)},
	{phone, "serial number 0", "serialNumber", give("\x00", dertree.Serial)},
	{phone, "negative serial number", "serialNumber", give("\x80", dertree.Serial)},
	{phone, "serial number with a zero too many", "serialNumber", give("\x00\x01", dertree.Serial)},
	{phone, "serial number of nine bytes", "serialNumber", give("123456789", dertree.Serial)},
	{phone, "another algorithm", "signature", set(5, dertree.Signature, 0)},
	{phone, "no parameters", "signature/parameters", func(n *dertree.Node) { n.At(dertree.Signature).Drop(1, 2) }},
	{phone, "parameters with content", "signature/parameters", give("\x00", dertree.Signature, 1)},
	{phone, "issuer in another string type", "issuer/O", func(n *dertree.Node) { n.At(dertree.Issuer, 1, 0, 1).Tag = tag.PrintableString }},
	{phone, "two attributes in one relative name", "issuer", func(n *dertree.Node) { n.At(dertree.Issuer, 0).Repeat(0) }},
	{phone, "another issuer", "issuer", set('x', dertree.Issuer, 3, 0, 1)},
	{phone, "attribute that no name has", "subject", set(8, dertree.Subject, 1, 0, 0)},
	{phone, "an empty attribute", "subject/CN", give("", dertree.Subject, 1, 0, 1)},
	{phone, "a subject that is not UTF-8", "subject/CN", set(0xFF, dertree.Subject, 1, 0, 1)},
	{phone, "offset from UTC", "validity/notBefore", give("261128120405+0900", dertree.Validity, 0)},
	{phone, "30 February", "validity/notBefore", give("260230120405Z", dertree.Validity, 0)},
	{phone, "GeneralizedTime before 2050", "validity/notAfter", func(n *dertree.Node) {
		at := n.At(dertree.Validity, 1)
		at.Tag, at.Value = tag.GeneralizedTime, append([]byte("20"), at.Value...)
	}},
	{phone, "ends before it begins", "validity/notAfter", give("261128030404Z", dertree.Validity, 1)},
	{phone, "three times", "validity", func(n *dertree.Node) { n.At(dertree.Validity).Repeat(0) }},
	{phone, "key of another algorithm", "subjectPublicKeyInfo/algorithm", set(10, dertree.Key, 0, 0)},
	{phone, "key with unused bits", "subjectPublicKeyInfo/subjectPublicKey", func(n *dertree.Node) { n.At(dertree.Key, 1).Value[0] = 1 }},
	{phone, "exponent 65539", "subjectPublicKeyInfo/subjectPublicKey/publicExponent", set(3, dertree.Key, 1)},
	{phone, "even modulus", "subjectPublicKeyInfo/subjectPublicKey/modulus", func(n *dertree.Node) { v := n.At(dertree.Key, 1).Value; v[len(v)-6] &^= 1 }},
	{phone, "extension that no table has", "extensions", set(54, dertree.Extensions, 0, 1, 0)},
	{phone, "extension twice", "extensions/keyUsage", func(n *dertree.Node) { n.At(dertree.Extensions, 0).Repeat(0) }},
	{phone, "critical FALSE", "extensions/keyUsage/critical", set(0, dertree.Extensions, 0, 0, 1)},
	{phone, "no authority key identifier", "extensions", func(n *dertree.Node) { n.At(dertree.Extensions, 0).Drop(6, 7) }},
	{phone, "a basicConstraints too", "extensions", addExtension("\x55\x1D\x13", "\x30\x00")},
	{phone, "an id-pkix-ocsp-nocheck too", "extensions", addExtension("\x2B\x06\x01\x05\x05\x07\x30\x01\x05", "\x05\x00")},
	{phone, "a subjectAltName too", "extensions", addExtension("\x55\x1D\x11", "\x30\x00")},
	{phone, "no policy", "extensions", func(n *dertree.Node) { n.At(dertree.Extensions, 0).Drop(2, 3) }},
	{phone, "a policy of nobody", "certificatePolicies", setContent(99, 2, 0, 0)},
	{phone, "a policy of the other authority", "extensions", func(n *dertree.Node) { v := n.Content(2).At(0, 0).Value; v[len(v)-2], v[len(v)-1] = 1, 20 }},
	{phone, "two policies", "certificatePolicies", func(n *dertree.Node) { n.Content(2).Repeat(0) }},
	{phone, "another practice statement", "certificatePolicies/qualifier", setContent('m', 2, 0, 1, 0, 1)},
	{phone, "another key usage", "keyUsage", setContent(0xC0, 0)},
	{phone, "another purpose", "extKeyUsage", setContent(1, 1, 0)},
	{phone, "another issuerAltName", "issuerAltName", setContent(0x80, 3, 0, 0, 3, 0, 1)},
	{phone, "a distribution point of another service", "cRLDistributionPoints", setContent('X', 4, 0, 0, 0, 0, 0, 1, 0, 1)},
	{phone, "the CA list as distribution point", "cRLDistributionPoints", func(n *dertree.Node) { n.Content(4).At(0, 0, 0, 0).Children[0] = n.At(dertree.Issuer) }},
	{phone, "two distribution points", "cRLDistributionPoints", func(n *dertree.Node) { n.Content(4).Repeat(0) }},
	{phone, "caIssuers", "authorityInfoAccess", setContent(2, 5, 0, 0)},
	{phone, "a blank in a URI", "authorityInfoAccess", setContent(' ', 5, 0, 1)},
	{phone, "key identifier of 21 bytes", "authorityKeyIdentifier/keyIdentifier", func(n *dertree.Node) { v := n.Content(6).At(0); v.Value = append(v.Value, 0) }},
	{phone, "no serial number of the issuer", "authorityKeyIdentifier/authorityCertSerialNumber", func(n *dertree.Node) { n.Content(6).Drop(2, 3) }},
	{phone, "another name of the issuer", "authorityKeyIdentifier/authorityCertIssuer", setContent('x', 6, 1, 0, 0, 1, 0, 1)},
	{phone, "another key's identifier", "subjectKeyIdentifier", func(n *dertree.Node) { n.Content(7).Value[0] ^= 1 }},
	{phone, "identifier of the subject too short", "subject", give("997794E9AGCI013221003A", dertree.Subject, 1, 0, 1)},
	{phone, "subject of a signature certificate", "subject", func(n *dertree.Node) { n.At(dertree.Subject).Repeat(1) }},
	{phone, "a field more", "tbsCertificate", func(n *dertree.Node) { n.Repeat(0) }},
	{phone, "unique identifier", "extensions", func(n *dertree.Node) {
		n.Children = slices.Insert(n.Children, dertree.Extensions, dertree.Leaf(tag.Tag(1).ContextSpecific(), "\x00\x01"))
	}},
	{signature, "municipality of another list", "subject", set('a', dertree.Subject, 2, 0, 1)},
	{signature, "CN of 27 digits", "subject", give("202611281204051322111782388", dertree.Subject, 3, 0, 1)},
	{signature, "birth in the place of sex", "subjectAltName", func(n *dertree.Node) { n.Content(1).Swap(1, 2) }},
	{signature, "seven values", "subjectAltName", func(n *dertree.Node) { n.Content(1).Repeat(0) }},
	{signature, "sex 3", "subjectAltName", setContent('3', 1, 2, 1, 0)},
	{signature, "another era", "subjectAltName", func(n *dertree.Node) { n.Content(1).At(1, 1, 0).Value[0] = '5' }},
	{signature, "name that is not UTF-8", "subjectAltName", setContent(0xFF, 1, 0, 1, 0)},
	{authority, "another subject", "subject", set('x', dertree.Subject, 3, 0, 1)},
	{authority, "a path length", "basicConstraints", func(n *dertree.Node) {
		c := n.Content(2)
		c.Children = append(c.Children, dertree.Leaf(tag.INTEGER, "\x00"))
	}},
	{authority, "another name in Japanese", "subjectAltName", setContent(0x80, 1, 0, 0, 3, 0, 1)},
	{authority, "a municipality's list", "cRLDistributionPoints", func(n *dertree.Node) {
		name := n.Content(3).At(0, 0, 0, 0).Children
		name[0] = &dertree.Node{Tag: tag.SEQUENCE, Children: append(slices.Clone(name[0].Children[:3]),
			rdn(11, "CRL Distribution Points"), rdn(11, "Tokyo-to"), rdn(3, "Kiyose-shi CRLDP"))}
	}},
	{responder, "not NULL", "id-pkix-ocsp-nocheck", func(n *dertree.Node) { n.Content(2).Value = []byte{0} }},
	{responder, "clientAuth", "extKeyUsage", setContent(2, 1, 0)},
	{responder, "another subject", "subject", set('x', dertree.Subject, 3, 0, 1)},
}

// rdn is a relative name of one attribute.
func rdn(attribute byte, value string) *dertree.Node {
	return &dertree.Node{Tag: tag.SET, Children: []*dertree.Node{{Tag: tag.SEQUENCE, Children: []*dertree.Node{
		dertree.Leaf(tag.OBJECT_IDENTIFIER, "\x55\x04"+string(rune(attribute))), dertree.Leaf(tag.UTF8String, value)}}}}
}

// addExtension adds one at the end that is not critical.
func addExtension(oid, value string) func(*dertree.Node) {
	return func(n *dertree.Node) {
		list := n.At(dertree.Extensions, 0)
		list.Children = append(list.Children, &dertree.Node{Tag: tag.SEQUENCE, Children: []*dertree.Node{
			dertree.Leaf(tag.OBJECT_IDENTIFIER, oid), dertree.Leaf(tag.OCTET_STRING, value)}})
	}
}
