package certificate

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"

	"inkan/core/jpki/certificate/cvc"
)

// TerminalIssuer signs card-verifiable certificates. NewTerminalIssuer makes it.
type TerminalIssuer struct {
	Certificate *cvc.Certificate // the terminal CA's own
	Signer      crypto.Signer
}

// NewTerminalIssuer takes the terminal CA's own certificate, self-signed or
// signed by the former generation, and the key of it.
func NewTerminalIssuer(own *cvc.Certificate, signer crypto.Signer) (*TerminalIssuer, error) {
	if own.Role != cvc.TerminalCA {
		return nil, fmt.Errorf("certificate: %s is no terminal CA", own.Holder)
	}
	key, ok := signer.Public().(*rsa.PublicKey)
	if !ok || !key.Equal(own.PublicKey) {
		return nil, errors.New("certificate: the terminal CA's key is not that of its certificate")
	}
	return &TerminalIssuer{own, signer}, nil
}

// Sign appends the certificate of a terminal, or of the next generation of the
// terminal CA; c.Authority is set to the issuer. Refused is what reaches beyond the
// issuer's own certificate. dst is returned as it was on any error.
// Spec: SPEC-CERT-PROFILE-053.
func (i *TerminalIssuer) Sign(dst []byte, c *cvc.Certificate) ([]byte, error) {
	ca := i.Certificate
	if !ca.Purposes.Has(c.Purposes) {
		return dst, fmt.Errorf("certificate: %s asks for %s, its CA has %s", c.Holder, c.Purposes, ca.Purposes)
	}
	if c.Role == cvc.Terminal && (ca.Effective.After(c.Effective) || c.Expires.After(ca.Expires)) {
		return dst, fmt.Errorf("certificate: %s would be valid when its CA is not", c.Holder)
	}
	c.Authority = ca.Holder
	return c.Sign(dst, i.Signer)
}
