package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
)

// What is wrong with signed data that is well formed.
var (
	ErrSignerCertificate = errors.New("cms: not exactly one certificate is the one that the signer is named by")
	ErrSignerKey         = errors.New("cms: the signer's certificate has no RSA key of 2048 bits or more")
	ErrContentType       = errors.New("cms: the attribute contentType is not the content's type")
	ErrDigest            = errors.New("cms: the attribute messageDigest is not the content's digest")
	ErrSigningCert       = errors.New("cms: the attribute signingCertificateV2 is of another certificate")
	ErrSignature         = errors.New("cms: the signature does not verify")
)

// Verify checks attributes and signature, and returns the certificate that the
// signature is of. Nothing is said about the certificate itself: neither its
// issuer, nor its validity, nor its status was looked at.
// Spec: SPEC-APPLICATION-014, SPEC-APPLICATION-015.
func (s *SignedData) Verify() (*x509.Certificate, error) {
	c, err := s.signer()
	if err != nil {
		return nil, err
	}
	public, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok || public.Size() < minModulusBytes {
		return nil, ErrSignerKey
	}
	if !s.Signer.ContentType.Equal(s.ContentType) {
		return nil, ErrContentType
	}
	if content := sha256.Sum256(s.Content); !bytes.Equal(s.Signer.MessageDigest, content[:]) {
		return nil, ErrDigest
	}
	if !s.Signer.Certificate.of(c) {
		return nil, ErrSigningCert
	}
	digest := sha256.Sum256(s.Signer.signed)
	if rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], s.Signer.signature) != nil {
		return nil, ErrSignature
	}
	return c, nil
}

// signer is the one certificate that the signer is named by.
func (s *SignedData) signer() (found *x509.Certificate, err error) {
	for _, c := range s.Certificates {
		if !s.Signer.names(c) {
			continue
		}
		if found != nil {
			return nil, ErrSignerCertificate
		}
		found = c
	}
	if found == nil {
		return nil, ErrSignerCertificate
	}
	return found, nil
}

// of reports whether it is the identification of a certificate; an absent one is
// of any.
func (id *CertificateID) of(c *x509.Certificate) bool {
	if id == nil {
		return true
	}
	hash := sha256.Sum256(c.Raw)
	return bytes.Equal(id.Hash, hash[:]) &&
		(id.Issuer == nil || bytes.Equal(id.Issuer, c.RawIssuer) && sameInteger(c, id.Serial))
}
