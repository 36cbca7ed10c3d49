package ocsp

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/status"
	"inkan/ca/status/der"
	"inkan/core/jpki/certificate"
)

// answer is what is said of one certificate.
type answer struct {
	id    []byte // the CertID as it was asked
	known bool
	certificate.CertificateStatus
}

// marshal adds CertStatus. A suspended certificate is on hold, and so is a
// pending one, since the moment when it was signed. Spec: SPEC-STATUS-036,
// SPEC-STATUS-037, SPEC-STATUS-038.
func (a *answer) marshal(b *cryptobyte.Builder) {
	switch {
	case !a.known:
		b.AddASN1(tag.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
		return
	case a.State == certificate.Active:
		b.AddASN1(tag.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
		return
	}
	reason := a.Reason
	if a.State != certificate.Revoked {
		reason = certificate.CertificateHold
	}
	b.AddASN1(tag1, func(b *cryptobyte.Builder) {
		addTime(b, a.Since)
		if reason != certificate.Unspecified {
			b.AddASN1(tag0, func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(reason)) })
		}
	})
}

func addTime(b *cryptobyte.Builder, t time.Time) { b.AddBytes(der.AppendGeneralizedTime(nil, t)) }

// signed is a basic response before its signature.
type signed struct {
	answers []answer
	nonce   []byte

	producedAt, thisUpdate, nextUpdate time.Time
}

// responseData is the to-be-signed part. Spec: SPEC-STATUS-039, SPEC-STATUS-040.
func (s *signed) responseData(responderKeyID []byte) ([]byte, error) {
	b := cryptobyte.NewBuilder(make([]byte, 0, 512))
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag2, func(b *cryptobyte.Builder) { b.AddASN1OctetString(responderKeyID) }) // byKey
		addTime(b, s.producedAt)
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			for i := range s.answers {
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddBytes(s.answers[i].id)
					s.answers[i].marshal(b)
					addTime(b, s.thisUpdate)
					b.AddASN1(tag0, func(b *cryptobyte.Builder) { addTime(b, s.nextUpdate) })
				})
			}
		})
		if s.nonce != nil {
			b.AddASN1(tag1, func(b *cryptobyte.Builder) {
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { addNonce(b, s.nonce) })
			})
		}
	})
	return b.Bytes()
}

func addNonce(b *cryptobyte.Builder, nonce []byte) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(oidNonce)) })
		b.AddASN1(tag.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
	})
}

// appendSigned appends a successful response, signed by a responder, whose
// certificate goes with it.
func appendSigned(dst []byte, s *signed, keyID []byte, by *status.Responder) ([]byte, error) {
	data, err := s.responseData(keyID)
	if err != nil {
		return dst, err
	}
	digest := sha256.Sum256(data)
	signature, err := status.Sign(by.Signer, &digest)
	if err != nil {
		return dst, err
	}
	b := cryptobyte.NewBuilder(dst)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // OCSPResponse
		b.AddASN1Enum(int64(Successful))
		b.AddASN1(tag0, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // ResponseBytes
				b.AddASN1(tag.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(oidBasic)) })
				b.AddASN1(tag.OCTET_STRING, func(b *cryptobyte.Builder) {
					b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // BasicOCSPResponse
						b.AddBytes(data)
						b.AddBytes([]byte(der.SHA256WithRSA))
						b.AddASN1BitString(signature)
						b.AddASN1(tag0, func(b *cryptobyte.Builder) {
							b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(by.Certificate.Raw) })
						})
					})
				})
			})
		})
	})
	return b.Bytes()
}

// keyBits are the bits of a certificate's subject public key, which CertID and
// responder identifier hash.
func keyBits(spki []byte) ([]byte, error) {
	var info struct {
		Algorithm asn1.RawValue
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		return nil, err
	}
	return info.Bits.Bytes, nil
}

// responderID is the responder's identifier by key: SHA-1 of its bits.
func responderID(spki []byte) ([]byte, error) {
	bits, err := keyBits(spki)
	if err != nil {
		return nil, err
	}
	id := sha1.Sum(bits)
	return id[:], nil
}
