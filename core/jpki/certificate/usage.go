package certificate

import (
	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// KeyUsage is the DER of the keyUsage extension's value.
// Spec: SPEC-CERT-PROFILE-017.
func (k Kind) KeyUsage() []byte {
	switch k {
	case CardSignature, PhoneSignature:
		return []byte{3, 2, 6, 0xC0}
	case SignatureCA, AuthenticationCA:
		return []byte{3, 2, 1, 6}
	}
	return []byte{3, 2, 7, 0x80}
}

// extKeyUsage is the DER of the extKeyUsage extension's value.
func (k Kind) extKeyUsage() []byte {
	oid := OIDClientAuth
	if k == OCSPResponder {
		oid = OIDOCSPSigning
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid) })
	return b.BytesOrPanic()
}

// cpsQualifier is the DER of the policy qualifiers.
func cpsQualifier() []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(OIDCPS)
			b.AddASN1(tag.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(CPSURI)) })
		})
	})
	return b.BytesOrPanic()
}
