package cvc

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"inkan/core/jpki/certificate"
)

// Reason is why a certificate is not believed.
type Reason uint8

// The reasons.
const (
	ForeignAuthority Reason = iota + 1 // signed by another key than the CA's at hand
	WrongRole                          // a CA's where a terminal's is wanted, or the reverse
	OutOfDate                          // the day is outside the certificate's or the CA's validity
	BadSignature
)

// Untrusted is the error of Verify.
type Untrusted struct {
	Holder Reference
	Reason Reason
}

// Error says which certificate and why.
func (e *Untrusted) Error() string {
	texts := [...]string{ForeignAuthority: "its authority is another", WrongRole: "its role is another", OutOfDate: "not valid on that day", BadSignature: "the signature does not verify"}
	return fmt.Sprintf("cvc: certificate of %s: %s", e.Holder, texts[e.Reason])
}

// CheckSignature verifies the signature with a key. c comes from Decode or Sign.
func (c *Certificate) CheckSignature(key *rsa.PublicKey) error {
	digest := sha256.Sum256(c.Body)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], c.Signature) != nil {
		return &Untrusted{c.Holder, BadSignature}
	}
	return nil
}

// Verify decides whether the terminal that a certificate names may be believed
// on a day, and for which purposes: those that c and the CA have in common. The CA's own
// certificate is taken for true. The error is *Untrusted.
// Spec: SPEC-CERT-PROFILE-054, SPEC-CERT-PROFILE-055, SPEC-CERT-PROFILE-056.
func Verify(c, ca *Certificate, day certificate.Date) (Purposes, error) {
	if ca.Role != TerminalCA {
		return 0, &Untrusted{ca.Holder, WrongRole}
	}
	if c.Role != Terminal {
		return 0, &Untrusted{c.Holder, WrongRole}
	}
	return c.verify(ca, day)
}

// VerifyNext decides whether a certificate is of the CA's next generation, signed
// with the former's key; the error is *Untrusted. The purposes are those that both
// have. Spec: SPEC-CERT-PROFILE-056.
func VerifyNext(c, ca *Certificate, day certificate.Date) (Purposes, error) {
	if ca.Role != TerminalCA {
		return 0, &Untrusted{ca.Holder, WrongRole}
	}
	if c.Role != TerminalCA {
		return 0, &Untrusted{c.Holder, WrongRole}
	}
	return c.verify(ca, day)
}

func (c *Certificate) verify(ca *Certificate, day certificate.Date) (Purposes, error) {
	if c.Authority != ca.Holder {
		return 0, &Untrusted{c.Holder, ForeignAuthority}
	}
	for _, one := range []*Certificate{ca, c} {
		if !one.ValidOn(day) {
			return 0, &Untrusted{one.Holder, OutOfDate}
		}
	}
	if err := c.CheckSignature(ca.PublicKey); err != nil {
		return 0, err
	}
	return c.Purposes & ca.Purposes, nil
}

// ValidOn reports whether a day is within the validity, both ends included.
func (c *Certificate) ValidOn(day certificate.Date) bool {
	return !c.Effective.After(day) && !day.After(c.Expires)
}
