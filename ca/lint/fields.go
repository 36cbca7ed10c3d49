package lint

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"regexp"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// version is 3. Spec: SPEC-CERT-PROFILE-001.
func version(v *view, _ *Context) string {
	if !bytes.Equal(v.version, []byte{0xA0, 3, 2, 1, 2}) {
		return "want 3"
	}
	return ""
}

// serial is in the service's range. Spec: SPEC-CERT-PROFILE-002.
func serial(v *view, _ *Context) string {
	if len(v.serial) == 4 {
		if n := uint64(binary.BigEndian.Uint32(v.serial)); n >= certificate.FirstSerial && n <= certificate.MaxSerial {
			return ""
		}
	}
	return fmt.Sprintf("want %#x to %#x in four bytes", certificate.FirstSerial, certificate.MaxSerial)
}

// algorithm is the one signature algorithm. Spec: SPEC-CERT-PROFILE-003.
func algorithm(v *view, _ *Context) string {
	if !bytes.Equal(v.algorithm, signatureAlgorithm) {
		return "want sha256WithRSAEncryption with parameters NULL"
	}
	return ""
}

var (
	signatureAlgorithm = algorithmIdentifier(certificate.OIDSHA256WithRSA)
	keyAlgorithm       = algorithmIdentifier(certificate.OIDRSAEncryption)
)

func algorithmIdentifier(oid asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1NULL()
	})
	return b.BytesOrPanic()
}

// key is the key asked for. Spec: SPEC-CERT-PROFILE-014.
func key(v *view, c *Context) string {
	k := c.PublicKey
	if k == nil || k.N == nil {
		return "no key was asked for"
	}
	if k.E != certificate.KeyExponent || k.N.BitLen() != certificate.KeyBits || k.N.Bit(0) == 0 {
		return "want an odd modulus of 2048 bits and exponent 65537"
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(keyAlgorithm)
		b.AddASN1(tag.BIT_STRING, func(b *cryptobyte.Builder) {
			b.AddUint8(0)
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1BigInt(k.N)
				b.AddASN1Int64(int64(k.E))
			})
		})
	})
	if !bytes.Equal(v.key, b.BytesOrPanic()) {
		return "want the key asked for, with parameters NULL"
	}
	return ""
}

var identifier = regexp.MustCompile(`^[0-9A-Z]{14}$`)

// authenticationSubject is the subject of authentication certificates.
// Spec: SPEC-CERT-PROFILE-007.
func authenticationSubject(v *view, c *Context) string {
	if !c.Kind.Holder() || c.Kind.Authority() != certificate.AuthenticationAuthority {
		return ""
	}
	var room nameRoom
	list, _ := readName(room[:0], v.subject)
	if len(list) == 2 && len(list[1].value) > certificate.IdentifierLen {
		id := string(list[1].value[:certificate.IdentifierLen])
		want, err := certificate.AuthenticationSubject(id, c.Municipality)
		if err == nil && identifier.MatchString(id) && says(v.subject, want) {
			return ""
		}
	}
	return "want C=JP and CN of 14 characters 0-9 A-Z, the municipality's five digits, 003A"
}

// signatureSubject is the subject of signature certificates.
// Spec: SPEC-CERT-PROFILE-029.
func signatureSubject(v *view, c *Context) string {
	if c.Kind != certificate.CardSignature {
		return ""
	}
	notBefore, ok := when(v.notBefore)
	var n uint64
	for _, b := range v.serial {
		n = n<<8 | uint64(b)
	}
	want, err := certificate.SignatureSubject(c.Municipality, notBefore, n)
	if ok && (err != nil || !says(v.subject, want)) {
		return "want C=JP, L and L of the municipality, CN of notBefore in JST, five digits, nine of the serial number"
	}
	return ""
}

// serviceSubject is the subject of authorities and responders.
// Spec: SPEC-CERT-PROFILE-036.
func serviceSubject(v *view, c *Context) string {
	want := c.Authority.Name()
	switch {
	case c.Kind == certificate.OCSPResponder:
		want = c.Authority.ResponderName()
	case !c.Kind.CA():
		return ""
	}
	if !says(v.subject, want) {
		return "want " + want.String()
	}
	return ""
}

// phoneSignature refuses the kind that is not issued. Spec: SPEC-CERT-PROFILE-034.
func phoneSignature(_ *view, c *Context) string {
	if c.Kind == certificate.PhoneSignature {
		return "phone signature certificates are not issued"
	}
	return ""
}
