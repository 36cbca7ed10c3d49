package relyingparty

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Anchors are the authorities' own certificates that a relying party trusts:
// every generation that has issued certificates still in use. They share a name;
// the key tells them apart.
type Anchors struct{ list []*x509.Certificate }

// NewAnchors takes certificates in DER, from where the relying party has reason
// to trust them. Each must be self-signed, of an authority that signs
// certificates, and have a key identifier that no other has.
// Spec: SPEC-RELYING-PARTY-010.
func NewAnchors(certificates ...[]byte) (*Anchors, error) {
	a := new(Anchors)
	for i, der := range certificates {
		c, err := x509.ParseCertificate(der)
		if err == nil {
			err = a.admit(c)
		}
		if err != nil {
			return nil, fmt.Errorf("relyingparty: trusted certificate %d: %w", i+1, err)
		}
		a.list = append(a.list, c)
	}
	if len(a.list) == 0 {
		return nil, errors.New("relyingparty: no trusted certificate")
	}
	return a, nil
}

func (a *Anchors) admit(c *x509.Certificate) error {
	switch {
	case !bytes.Equal(c.RawIssuer, c.RawSubject):
		return errors.New("not self-signed")
	case len(c.UnhandledCriticalExtensions) != 0:
		return errors.New("has an unknown critical extension")
	case len(c.SubjectKeyId) == 0:
		return errors.New("has no key identifier")
	}
	for _, other := range a.list {
		if bytes.Equal(c.SubjectKeyId, other.SubjectKeyId) {
			return errors.New("another has the same key identifier")
		}
	}
	return c.CheckSignatureFrom(c)
}

// issuer finds the generation that signed a certificate: the key identifier must
// be the one named, and serial number and name where they are named, too.
// Whether its key verifies the signature is still to be seen.
// Spec: SPEC-RELYING-PARTY-011.
func (a *Anchors) issuer(c *x509.Certificate) (*x509.Certificate, error) {
	key, err := authorityKey(c)
	if err != nil {
		return nil, failed(CertificateMalformed, err, "authority key identifier")
	}
	for _, anchor := range a.list {
		if len(key.id) == 0 || !bytes.Equal(anchor.SubjectKeyId, key.id) {
			continue
		}
		switch {
		case !bytes.Equal(anchor.RawSubject, c.RawIssuer):
			return nil, fail(IssuerUnknown, "the key that is named is another authority's")
		case key.serial != nil && key.serial.Cmp(anchor.SerialNumber) != 0:
			return nil, fail(IssuerUnknown, "the named authority's certificate has serial number %X, not %X", anchor.SerialNumber, key.serial)
		case key.issuer != nil && !bytes.Equal(key.issuer, anchor.RawIssuer):
			return nil, fail(IssuerUnknown, "the named authority's certificate has another issuer")
		}
		return anchor, nil
	}
	return nil, fail(IssuerUnknown, "no trusted authority has the key %X", key.id)
}

// validAt says whether a time lies in a certificate's validity, whose ends count.
func validAt(c *x509.Certificate, at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}
