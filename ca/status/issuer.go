package status

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
)

// Issuer is one generation of an authority, as much of it as publication needs.
type Issuer struct {
	Authority   certificate.Authority
	Generation  int               // from 1
	Certificate *x509.Certificate // the authority's own, of this generation
	Signer      crypto.Signer     // its key: signs lists; nil where no lists are made

	// Responder answers OCSP for certificates that this generation signed, by
	// delegation from it; nil where the generation has no responder.
	Responder *Responder
}

// Responder is an OCSP responder's certificate and key.
type Responder struct {
	Certificate *x509.Certificate
	Signer      crypto.Signer
}

// KeyID is the subject key identifier of the issuer's certificate, which lists
// and certificates name as authority key identifier.
func (i *Issuer) KeyID() []byte { return i.Certificate.SubjectKeyId }

// String names the generation: "auth generation 2".
func (i *Issuer) String() string { return fmt.Sprintf("%s generation %d", i.Authority, i.Generation) }

// ValidAt reports whether t lies in the certificate's validity.
func (i *Issuer) ValidAt(t time.Time) bool {
	return !t.Before(i.Certificate.NotBefore) && !t.After(i.Certificate.NotAfter)
}

// Check reports what makes the issuer unusable: its certificate's name, key
// identifier or permission to sign lists, a key that is not the certificate's,
// or a responder that this generation did not delegate to.
// Spec: SPEC-STATUS-001, SPEC-STATUS-002.
func (i *Issuer) Check() error {
	fail := func(text string, args ...any) error {
		return fmt.Errorf("status: %s: %w", i, fmt.Errorf(text, args...))
	}
	if i.Authority != certificate.SignatureAuthority && i.Authority != certificate.AuthenticationAuthority {
		return fail("no authority of this service")
	}
	switch {
	case i.Generation < 1:
		return fail("want a generation from 1 on")
	case i.Certificate == nil:
		return fail("has no certificate")
	case !bytes.Equal(i.Certificate.RawSubject, i.Authority.Name().AppendDER(nil)):
		return fail("its certificate's subject is not the authority's name")
	case len(i.KeyID()) != 20:
		return fail("want a subject key identifier of 20 bytes, got %d", len(i.KeyID()))
	case i.Certificate.KeyUsage&x509.KeyUsageCRLSign == 0:
		return fail("its certificate lacks the key usage cRLSign")
	}
	if i.Signer != nil {
		if err := checkKey(i.Certificate, i.Signer); err != nil {
			return fail("%w", err)
		}
	}
	if i.Responder != nil {
		if err := i.checkResponder(); err != nil {
			return fail("OCSP responder: %w", err)
		}
	}
	return nil
}

func (i *Issuer) checkResponder() error {
	c := i.Responder.Certificate
	if c == nil || i.Responder.Signer == nil {
		return errors.New("want a certificate and its key")
	}
	if err := c.CheckSignatureFrom(i.Certificate); err != nil {
		return fmt.Errorf("its certificate is not of this generation: %w", err)
	}
	delegated := false
	for _, use := range c.ExtKeyUsage {
		delegated = delegated || use == x509.ExtKeyUsageOCSPSigning
	}
	if !delegated {
		return errors.New("its certificate lacks the extended key usage OCSPSigning")
	}
	return checkKey(c, i.Responder.Signer)
}

// checkKey compares a key with its certificate: RSA, the only kind in use.
func checkKey(c *x509.Certificate, key crypto.Signer) error {
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("want an RSA key, got %T", key.Public())
	}
	if !public.Equal(c.PublicKey) {
		return errors.New("the key is not the certificate's")
	}
	return nil
}

// SignatureSize is the length in bytes of what Sign makes.
func SignatureSize(key crypto.Signer) (int, error) {
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return 0, fmt.Errorf("status: want an RSA key, got %T", key.Public())
	}
	return public.Size(), nil
}

// Sign is the RSA PKCS #1 v1.5 signature of a SHA-256 digest.
func Sign(key crypto.Signer, digest *[sha256.Size]byte) ([]byte, error) {
	want, err := SignatureSize(key)
	if err != nil {
		return nil, err
	}
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("status: signing: %w", err)
	}
	if len(signature) != want {
		return nil, fmt.Errorf("status: signing: want a signature of %d bytes, got %d", want, len(signature))
	}
	return signature, nil
}
