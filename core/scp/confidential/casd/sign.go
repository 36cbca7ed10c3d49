package casd

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"inkan/core/gp"
)

// Why a certificate that is well formed is not believed.
var (
	ErrMaker     = errors.New("casd: the maker is not known")
	ErrSignature = errors.New("casd: the signature is not the maker's")
	ErrCard      = errors.New("casd: the certificate is another card's")
	ErrPeriod    = errors.New("casd: the certificate is not in force")
)

// Maker is a maker of cards whose certificates are believed.
type Maker struct {
	Name []byte // object 42
	Key  *ecdsa.PublicKey
}

// Sign signs a certificate by the maker's key, an ECDSA key on P-256: the same
// certificate has the same signature (RFC 6979).
func (c *Certificate) Sign(key crypto.Signer) error {
	message, err := c.appendSigned(nil)
	if err != nil {
		return err
	}
	signer, err := gp.NewContentSigner(key, nil)
	if err != nil {
		return err
	}
	if c.Signature, err = signer.AppendSignature(nil, message); err == nil && len(c.Signature) != signatureLen {
		err = fmt.Errorf("casd: signature of %d bytes: want a key on P-256", len(c.Signature))
	}
	return err
}

// Verify tells why the certificate is not to be believed of a card at a time: ErrMaker,
// ErrSignature, ErrCard, ErrPeriod. Spec: SPEC-INSTANCE-011.
func (c *Certificate) Verify(makers []Maker, card [CardLen]byte, now time.Time) error {
	message, err := c.appendSigned(nil)
	if err != nil {
		return err
	}
	known, verified := false, false
	for _, m := range makers {
		if !bytes.Equal(m.Name, c.Maker) {
			continue
		}
		verifier, err := gp.NewContentVerifier(m.Key)
		if err != nil {
			return err
		}
		known, verified = true, verified || len(c.Signature) == signatureLen && verifier.Verify(message, c.Signature)
	}
	switch {
	case !known:
		return ErrMaker
	case !verified:
		return ErrSignature
	case c.Card != card:
		return ErrCard
	case now.Before(c.Effective) || !now.Before(c.Expires.AddDate(0, 0, 1)):
		return fmt.Errorf("%w: from %s to %s", ErrPeriod, c.Effective.Format(time.DateOnly), c.Expires.Format(time.DateOnly))
	}
	return nil
}

// KeyHash is how a certificate names the key that attests: SHA-256 of its
// SubjectPublicKeyInfo.
func KeyHash(key *ecdsa.PublicKey) ([sha256.Size]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return sha256.Sum256(der), err
}
