package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Message is what is to be signed, and by whom.
type Message struct {
	ContentType asn1.ObjectIdentifier // nil: OIDData
	Content     []byte
	Certificate *x509.Certificate // the signer's, with an RSA key of 2048 bits or more
	Signer      crypto.Signer
	// Others are more certificates to be sent along, such as the issuer's.
	Others []*x509.Certificate
	Time   time.Time // signing time, whole seconds
}

// Sign is the DER of a ContentInfo with SignedData. The Signer signs once, a
// SHA-256 with crypto.SHA256 as options. Spec: SPEC-APPLICATION-010.
func Sign(m *Message) ([]byte, error) {
	public, ok := m.Certificate.PublicKey.(*rsa.PublicKey)
	if !ok || public.Size() < minModulusBytes || !public.Equal(m.Signer.Public()) {
		return nil, errors.New("cms: the signer's key is not the RSA key of 2048 bits or more of the certificate")
	}
	if y := m.Time.UTC().Year(); m.Time.Nanosecond() != 0 || y < 1950 || y > 9999 {
		return nil, errors.New("cms: a signing time has whole seconds, in the years 1950 to 9999")
	}
	contentType := m.ContentType
	if contentType == nil {
		contentType = OIDData
	}
	attributes, err := signedAttributes(contentType, m)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(attributes)
	signature, err := m.Signer.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature); err != nil {
		return nil, errors.New("cms: the signer gave a signature that does not verify")
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(OIDSignedData)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { m.signedData(b, contentType, attributes, signature) })
		})
	})
	return b.Bytes()
}

const minModulusBytes = 256

func explicit(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

// signedData is RFC 5652 §5.1. The version is 3 for another content type than
// data, and 1 for data.
func (m *Message) signedData(b *cryptobyte.Builder, contentType asn1.ObjectIdentifier, attributes, signature []byte) {
	b.AddASN1Int64(versionOf(contentType))
	b.AddASN1(tag.SET, addSHA256)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(contentType)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(m.Content) })
	})
	b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(certificateSet(m.Certificate, m.Others)) })
	b.AddASN1(tag.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(m.Certificate.RawIssuer)
				b.AddASN1BigInt(m.Certificate.SerialNumber)
			})
			addSHA256(b)
			// The same bytes as were signed, under the implicit tag (RFC 5652 §5.4).
			b.AddBytes(append([]byte{0xA0}, attributes[1:]...))
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidRSAEncryption)
				b.AddASN1NULL()
			})
			b.AddASN1OctetString(signature)
		})
	})
}

func versionOf(contentType asn1.ObjectIdentifier) int64 {
	if contentType.Equal(OIDData) {
		return 1
	}
	return 3
}

// addSHA256 is the algorithm without parameters (RFC 5754 §2).
func addSHA256(b *cryptobyte.Builder) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidSHA256) })
}

// certificateSet is the content of a SET OF of all certificates, each once.
func certificateSet(first *x509.Certificate, others []*x509.Certificate) []byte {
	all := [][]byte{first.Raw}
	for _, c := range others {
		all = append(all, c.Raw)
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(slices.CompactFunc(all, bytes.Equal), nil)
}

// signedAttributes is the SET OF that is signed, under its own tag.
func signedAttributes(contentType asn1.ObjectIdentifier, m *Message) ([]byte, error) {
	digest := sha256.Sum256(m.Content)
	all := make([][]byte, 0, 4)
	var fault error
	add := func(id asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) {
		var b cryptobyte.Builder
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			b.AddASN1(tag.SET, value)
		})
		der, err := b.Bytes()
		all, fault = append(all, der), errors.Join(fault, err)
	}
	add(OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(contentType) })
	add(OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest[:]) })
	add(OIDSigningTime, func(b *cryptobyte.Builder) { addTime(b, m.Time.UTC()) })
	add(OIDSigningCertificateV2, func(b *cryptobyte.Builder) { addSigningCertificate(b, m.Certificate) })
	slices.SortFunc(all, bytes.Compare)
	var b cryptobyte.Builder
	b.AddASN1(tag.SET, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(all, nil)) })
	set, err := b.Bytes()
	return set, errors.Join(fault, err)
}

// addTime is UTCTime until 2049 (RFC 5652 §11.3).
func addTime(b *cryptobyte.Builder, t time.Time) {
	if t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// addSigningCertificate is RFC 5035 §3, with the default algorithm, SHA-256.
func addSigningCertificate(b *cryptobyte.Builder, c *x509.Certificate) {
	hash := sha256.Sum256(c.Raw)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(hash[:]) })
		})
	})
}
