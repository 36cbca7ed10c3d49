package ocsp

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/status/der"
)

// issuerHash is what a CertID has of an issuer.
type issuerHash struct{ name, key []byte }

func hashIssuer(issuer *x509.Certificate, hash crypto.Hash) (issuerHash, error) {
	if hash != crypto.SHA1 && hash != crypto.SHA256 {
		return issuerHash{}, fmt.Errorf("ocsp: hash %s: want SHA-1 or SHA-256", hash)
	}
	bits, err := keyBits(issuer.RawSubjectPublicKeyInfo)
	if err != nil {
		return issuerHash{}, err
	}
	digest := func(b []byte) []byte {
		h := hash.New()
		h.Write(b)
		return h.Sum(nil)
	}
	return issuerHash{digest(issuer.RawSubject), digest(bits)}, nil
}

// addCertID adds the CertID of an issuer's certificate.
func addCertID(b *cryptobyte.Builder, hash crypto.Hash, h *issuerHash, serial uint64) {
	oid := oidSHA1
	if hash == crypto.SHA256 {
		oid = oidSHA256
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(oid)) })
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(h.name)
		b.AddASN1OctetString(h.key)
		b.AddBytes(der.AppendSerial(nil, serial))
	})
}

// AppendRequest appends a request for certificates of one issuer, without
// signature: what a relying party asks. The nonce may be nil; without one, with
// SHA-1 and with one serial number the answer may come from a cache.
func AppendRequest(dst []byte, issuer *x509.Certificate, hash crypto.Hash, nonce []byte, serials ...uint64) ([]byte, error) {
	h, err := hashIssuer(issuer, hash)
	if err != nil {
		return dst, err
	}
	if len(serials) < 1 || len(serials) > MaxIDs || len(nonce) > MaxNonce {
		return dst, fmt.Errorf("ocsp: request of %d certificates with a nonce of %d bytes: want 1 to %d, at most %d", len(serials), len(nonce), MaxIDs, MaxNonce)
	}
	b := cryptobyte.NewBuilder(dst)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, serial := range serials {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addCertID(b, hash, &h, serial) })
				}
			})
			if len(nonce) > 0 {
				b.AddASN1(tag2, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addNonce(b, nonce) })
				})
			}
		})
	})
	return b.Bytes()
}
