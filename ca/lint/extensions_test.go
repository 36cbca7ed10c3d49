package lint_test

import (
	"crypto/sha256"
	"slices"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/dertree"
)

var extensionFaults = []fault{
	{"keyUsage", profile.CardAuthentication, "nonRepudiation too", func(s *subject) { s.tbs.Content(0).Value = []byte{6, 0xC0} }},
	{"keyUsage", profile.CardSignature, "unused bits not counted", func(s *subject) { s.tbs.Content(0).Value = []byte{0, 0xC0} }},
	{"keyUsage", profile.AuthenticationCA, "no cRLSign", func(s *subject) { s.tbs.Content(0).Value = []byte{2, 4} }},
	{"extKeyUsage", profile.PhoneAuthentication, "serverAuth", func(s *subject) { s.tbs.Content(1).At(0).Value[7] = 1 }},
	{"extKeyUsage", profile.OCSPResponder, "two purposes", func(s *subject) { s.tbs.Content(1).Repeat(0) }},
	{"basicConstraints", profile.SignatureCA, "a path length", func(s *subject) {
		n := s.tbs.Content(2)
		n.Children = append(n.Children, dertree.Leaf(tag.INTEGER, "\x00"))
	}},
	{"basicConstraints", profile.SignatureCA, "cA left out", func(s *subject) { s.tbs.Content(2).Drop(0, 1) }},
	{"ocspNoCheck", profile.OCSPResponder, "not NULL", func(s *subject) { s.tbs.Content(2).Tag = tag.OCTET_STRING }},
	{"extensionOrder", profile.CardAuthentication, "two exchanged", func(s *subject) {
		s.tbs.At(dertree.Extensions, 0).Swap(6, 7)
	}},
	{"extensionOrder", profile.CardAuthentication, "none of the last", func(s *subject) { s.tbs.At(dertree.Extensions, 0).Drop(7, 8) }},
	{"extensionOrder", profile.OCSPResponder, "one twice", func(s *subject) { s.tbs.At(dertree.Extensions, 0).Repeat(4) }},
	{"extensionOrder", profile.CardSignature, "one that is not known", func(s *subject) {
		n := s.tbs.At(dertree.Extensions, 0)
		n.Children = append(n.Children, &dertree.Node{Tag: tag.SEQUENCE, Children: []*dertree.Node{dertree.Leaf(tag.OBJECT_IDENTIFIER, "\x2A\x03\x04"), dertree.Leaf(tag.OCTET_STRING, "\x05\x00")}})
	}},
	{"criticality", profile.CardAuthentication, "keyUsage not critical", func(s *subject) { s.tbs.Extension(0).Drop(1, 2) }},
	{"criticality", profile.CardAuthentication, "policies not critical", func(s *subject) { s.tbs.Extension(2).Drop(1, 2) }},
	{"criticality", profile.OCSPResponder, "FALSE written out", func(s *subject) {
		n := s.tbs.Extension(4)
		n.Children = slices.Insert(n.Children, 1, dertree.Leaf(tag.BOOLEAN, "\x00"))
	}},
	{"criticality", profile.SignatureCA, "TRUE that is not FF", func(s *subject) { s.tbs.Extension(0).At(1).Value[0] = 1 }},
}

var valueFaults = []fault{
	{"policy", profile.PhoneAuthentication, "the card's", func(s *subject) {
		n := s.tbs.Content(2).At(0, 0)
		n.Value[len(n.Value)-1] = 30
	}},
	{"qualifier", profile.CardAuthentication, "none", func(s *subject) { s.tbs.Content(2).At(0).Drop(1, 2) }},
	{"qualifier", profile.CardAuthentication, "another address", func(s *subject) { s.tbs.Content(2).At(0, 1, 0, 1).Value[0] = 'H' }},
	{"qualifier", profile.CardSignature, "user notice", func(s *subject) { s.tbs.Content(2).At(0, 1, 0, 0).Value[7] = 2 }},
	{"issuerAltName", profile.CardAuthentication, "the other authority's", func(s *subject) {
		s.tbs.Content(3).At(0, 0, 2, 0, 1).Value = []byte(profile.SignatureAuthority.JapaneseName()[2].Value)
	}},
	{"issuerAltName", profile.CardSignature, "two names", func(s *subject) { s.tbs.Content(3).Repeat(0) }},
	{"authorityAltName", profile.SignatureCA, "another unit", func(s *subject) { s.tbs.Content(1).At(0, 0, 3, 0, 1).Value[2] ^= 1 }},
	{"cRLDistributionPoints", profile.CardAuthentication, "another municipality", func(s *subject) { s.tbs.Content(4).At(0, 0, 0, 0, 0, 5, 0, 1).Value[0] = 'L' }},
	{"cRLDistributionPoints", profile.CardSignature, "a URL", func(s *subject) {
		n := s.tbs.Content(4).At(0, 0, 0)
		n.Children = []*dertree.Node{dertree.Leaf(tag.Tag(6).ContextSpecific(), "http://crl.inkan.example/crl/sign/Tokyo-to/Kiyose-shi.crl")}
	}},
	{"cRLDistributionPoints", profile.AuthenticationCA, "two points", func(s *subject) { s.tbs.Content(3).Repeat(0) }},
	{"authorityInfoAccess", profile.CardAuthentication, "another address", func(s *subject) { s.tbs.Content(5).At(0, 1).Value[0] = 'H' }},
	{"authorityInfoAccess", profile.CardAuthentication, "caIssuers", func(s *subject) { s.tbs.Content(5).At(0, 0).Value[7] = 2 }},
	{"authorityKeyIdentifier", profile.CardAuthentication, "another key", func(s *subject) { s.tbs.Content(6).At(0).Value[0] ^= 1 }},
	{"authorityKeyIdentifier", profile.CardSignature, "key identifier alone", func(s *subject) { s.tbs.Content(5).Drop(1, 3) }},
	{"authorityKeyIdentifier", profile.OCSPResponder, "another serial number", func(s *subject) { s.tbs.Content(3).At(2).Value[3] ^= 1 }},
	{"authorityKeyIdentifier", profile.PhoneAuthentication, "another name", func(s *subject) { s.tbs.Content(6).At(1, 0, 0, 1, 0, 1).Value[0]++ }},
	{"subjectKeyIdentifier", profile.SignatureCA, "other bytes", func(s *subject) { s.tbs.Content(4).Value[19] ^= 1 }},
	{"subjectKeyIdentifier", profile.PhoneAuthentication, "SHA-256", func(s *subject) {
		sum := sha256.Sum256(s.tbs.At(dertree.Key, 1).Value[1:])
		s.tbs.Content(7).Value = sum[:]
	}},
	{"personForm", profile.CardSignature, "birth after address", func(s *subject) {
		s.tbs.Content(1).Swap(1, 3)
	}},
	{"personForm", profile.CardSignature, "five values", func(s *subject) { s.tbs.Content(1).Drop(5, 6) }},
	{"personForm", profile.CardSignature, "PrintableString", func(s *subject) { s.tbs.Content(1).At(2, 1, 0).Tag = tag.PrintableString }},
	{"personValues", profile.CardSignature, "era of another time", func(s *subject) { s.tbs.Content(1).At(1, 1, 0).Value[0] = '3' }},
	{"personValues", profile.CardSignature, "another birthday", func(s *subject) { s.tbs.Content(1).At(1, 1, 0).Value[8] = '8' }},
	{"personValues", profile.CardSignature, "sex 3", func(s *subject) { s.tbs.Content(1).At(2, 1, 0).Value[0] = '3' }},
	{"personValues", profile.CardSignature, "a substitute digit less", func(s *subject) { n := s.tbs.Content(1).At(4, 1, 0); n.Value = n.Value[1:] }},
	{"personValues", profile.CardSignature, "an empty address", func(s *subject) { s.tbs.Content(1).At(3, 1, 0).Value = nil }},
	{"personValues", profile.CardSignature, "not UTF-8", func(s *subject) { s.tbs.Content(1).At(0, 1, 0).Value[0] = 0xFF }},
}
