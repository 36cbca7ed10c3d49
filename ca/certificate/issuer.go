package certificate

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"inkan/ca/keys"
	profile "inkan/core/jpki/certificate"
)

// Issuer is one generation of one authority. It does not change and may be used
// by several goroutines when its Signer may. NewIssuer makes it.
type Issuer struct {
	Authority   profile.Authority
	Certificate *x509.Certificate    // as the standard library has it
	Profile     *profile.Certificate // as the service has it
	Signer      crypto.Signer

	subject   []byte // DER of the name, issuer of what it signs
	keyIDPart []byte // DER of the authority key identifier
}

// NewIssuer takes an authority's own certificate and the key of it.
func NewIssuer(der []byte, signer crypto.Signer) (*Issuer, error) {
	p, err := profile.Parse(der)
	if err != nil {
		return nil, err
	}
	if !p.Kind.CA() {
		return nil, fmt.Errorf("certificate: an issuer needs an authority's certificate, got one for %s", p.Kind)
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := x.CheckSignatureFrom(x); err != nil {
		return nil, fmt.Errorf("certificate: authority's own signature: %w", err)
	}
	key, ok := signer.Public().(*rsa.PublicKey)
	if !ok || !key.Equal(p.PublicKey) {
		return nil, errors.New("certificate: the issuer's key is not that of its certificate")
	}
	return &Issuer{Authority: p.Authority, Certificate: x, Profile: p, Signer: signer,
		subject: p.Subject.AppendDER(nil), keyIDPart: authorityKeyIdentifier(p)}, nil
}

// verifier is the key by which a signature is to be verified; nil: the signer, which has
// the certified key, has done so. Spec: SPEC-CERT-PROFILE-033.
func (i *Issuer) verifier() *rsa.PublicKey {
	if keys.VerifiesItself(i.Signer) && i.Profile.PublicKey.Equal(i.Signer.Public()) {
		return nil
	}
	return i.Profile.PublicKey
}
