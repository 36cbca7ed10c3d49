package lint_test

import (
	"crypto/sha256"
	"slices"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	profile "inkan/core/jpki/certificate"
)

// drop removes the children from i to j.
func (n *node) drop(i, j int) { n.children = slices.Delete(n.children, i, j) }

var extensionFaults = []fault{
	{"keyUsage", profile.CardAuthentication, "nonRepudiation too", func(s *subject) { s.tbs.content(0).value = []byte{6, 0xC0} }},
	{"keyUsage", profile.CardSignature, "unused bits not counted", func(s *subject) { s.tbs.content(0).value = []byte{0, 0xC0} }},
	{"keyUsage", profile.AuthenticationCA, "no cRLSign", func(s *subject) { s.tbs.content(0).value = []byte{2, 4} }},
	{"extKeyUsage", profile.PhoneAuthentication, "serverAuth", func(s *subject) { s.tbs.content(1).at(0).value[7] = 1 }},
	{"extKeyUsage", profile.OCSPResponder, "two purposes", func(s *subject) {
		n := s.tbs.content(1)
		n.children = append(n.children, n.children[0])
	}},
	{"basicConstraints", profile.SignatureCA, "a path length", func(s *subject) {
		n := s.tbs.content(2)
		n.children = append(n.children, leaf(tag.INTEGER, "\x00"))
	}},
	{"basicConstraints", profile.SignatureCA, "cA left out", func(s *subject) { s.tbs.content(2).drop(0, 1) }},
	{"ocspNoCheck", profile.OCSPResponder, "not NULL", func(s *subject) { s.tbs.content(2).tag = tag.OCTET_STRING }},
	{"extensionOrder", profile.CardAuthentication, "two exchanged", func(s *subject) {
		n := s.tbs.at(fieldExtensions, 0).children
		n[6], n[7] = n[7], n[6]
	}},
	{"extensionOrder", profile.CardAuthentication, "none of the last", func(s *subject) { s.tbs.at(fieldExtensions, 0).drop(7, 8) }},
	{"extensionOrder", profile.OCSPResponder, "one twice", func(s *subject) {
		n := s.tbs.at(fieldExtensions, 0)
		n.children = append(n.children, n.children[4])
	}},
	{"extensionOrder", profile.CardSignature, "one that is not known", func(s *subject) {
		n := s.tbs.at(fieldExtensions, 0)
		n.children = append(n.children, &node{tag: tag.SEQUENCE, children: []*node{leaf(tag.OBJECT_IDENTIFIER, "\x2A\x03\x04"), leaf(tag.OCTET_STRING, "\x05\x00")}})
	}},
	{"criticality", profile.CardAuthentication, "keyUsage not critical", func(s *subject) { s.tbs.extension(0).drop(1, 2) }},
	{"criticality", profile.CardAuthentication, "policies not critical", func(s *subject) { s.tbs.extension(2).drop(1, 2) }},
	{"criticality", profile.OCSPResponder, "FALSE written out", func(s *subject) {
		n := s.tbs.extension(4)
		n.children = slices.Insert(n.children, 1, leaf(tag.BOOLEAN, "\x00"))
	}},
	{"criticality", profile.SignatureCA, "TRUE that is not FF", func(s *subject) { s.tbs.extension(0).at(1).value[0] = 1 }},
}

var valueFaults = []fault{
	{"policy", profile.PhoneAuthentication, "the card's", func(s *subject) {
		n := s.tbs.content(2).at(0, 0)
		n.value[len(n.value)-1] = 30
	}},
	{"qualifier", profile.CardAuthentication, "none", func(s *subject) { s.tbs.content(2).at(0).drop(1, 2) }},
	{"qualifier", profile.CardAuthentication, "another address", func(s *subject) { s.tbs.content(2).at(0, 1, 0, 1).value[0] = 'H' }},
	{"qualifier", profile.CardSignature, "user notice", func(s *subject) { s.tbs.content(2).at(0, 1, 0, 0).value[7] = 2 }},
	{"issuerAltName", profile.CardAuthentication, "the other authority's", func(s *subject) {
		s.tbs.content(3).at(0, 0, 2, 0, 1).value = []byte(profile.SignatureAuthority.JapaneseName()[2].Value)
	}},
	{"issuerAltName", profile.CardSignature, "two names", func(s *subject) {
		n := s.tbs.content(3)
		n.children = append(n.children, n.children[0])
	}},
	{"authorityAltName", profile.SignatureCA, "another unit", func(s *subject) { s.tbs.content(1).at(0, 0, 3, 0, 1).value[2] ^= 1 }},
	{"cRLDistributionPoints", profile.CardAuthentication, "another municipality", func(s *subject) { s.tbs.content(4).at(0, 0, 0, 0, 0, 5, 0, 1).value[0] = 'L' }},
	{"cRLDistributionPoints", profile.CardSignature, "a URL", func(s *subject) {
		n := s.tbs.content(4).at(0, 0, 0)
		n.children = []*node{leaf(tag.Tag(6).ContextSpecific(), "http://crl.inkan.example/crl/sign/Tokyo-to/Kiyose-shi.crl")}
	}},
	{"cRLDistributionPoints", profile.AuthenticationCA, "two points", func(s *subject) {
		n := s.tbs.content(3)
		n.children = append(n.children, n.children[0])
	}},
	{"authorityInfoAccess", profile.CardAuthentication, "another address", func(s *subject) { s.tbs.content(5).at(0, 1).value[0] = 'H' }},
	{"authorityInfoAccess", profile.CardAuthentication, "caIssuers", func(s *subject) { s.tbs.content(5).at(0, 0).value[7] = 2 }},
	{"authorityKeyIdentifier", profile.CardAuthentication, "another key", func(s *subject) { s.tbs.content(6).at(0).value[0] ^= 1 }},
	{"authorityKeyIdentifier", profile.CardSignature, "key identifier alone", func(s *subject) { s.tbs.content(5).drop(1, 3) }},
	{"authorityKeyIdentifier", profile.OCSPResponder, "another serial number", func(s *subject) { s.tbs.content(3).at(2).value[3] ^= 1 }},
	{"authorityKeyIdentifier", profile.PhoneAuthentication, "another name", func(s *subject) { s.tbs.content(6).at(1, 0, 0, 1, 0, 1).value[0]++ }},
	{"subjectKeyIdentifier", profile.SignatureCA, "other bytes", func(s *subject) { s.tbs.content(4).value[19] ^= 1 }},
	{"subjectKeyIdentifier", profile.PhoneAuthentication, "SHA-256", func(s *subject) {
		sum := sha256.Sum256(s.tbs.at(fieldKey, 1).value[1:])
		s.tbs.content(7).value = sum[:]
	}},
	{"personForm", profile.CardSignature, "birth after address", func(s *subject) {
		n := s.tbs.content(1).children
		n[1], n[3] = n[3], n[1]
	}},
	{"personForm", profile.CardSignature, "five values", func(s *subject) { s.tbs.content(1).drop(5, 6) }},
	{"personForm", profile.CardSignature, "PrintableString", func(s *subject) { s.tbs.content(1).at(2, 1, 0).tag = tag.PrintableString }},
	{"personValues", profile.CardSignature, "era of another time", func(s *subject) { s.tbs.content(1).at(1, 1, 0).value[0] = '3' }},
	{"personValues", profile.CardSignature, "another birthday", func(s *subject) { s.tbs.content(1).at(1, 1, 0).value[8] = '8' }},
	{"personValues", profile.CardSignature, "sex 3", func(s *subject) { s.tbs.content(1).at(2, 1, 0).value[0] = '3' }},
	{"personValues", profile.CardSignature, "a substitute digit less", func(s *subject) { n := s.tbs.content(1).at(4, 1, 0); n.value = n.value[1:] }},
	{"personValues", profile.CardSignature, "an empty address", func(s *subject) { s.tbs.content(1).at(3, 1, 0).value = nil }},
	{"personValues", profile.CardSignature, "not UTF-8", func(s *subject) { s.tbs.content(1).at(0, 1, 0).value[0] = 0xFF }},
}
