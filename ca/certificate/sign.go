package certificate

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/lint"
	profile "inkan/core/jpki/certificate"
)

// Refused is the error of Sign for a certificate with findings. The key has not
// been used.
type Refused struct {
	Findings []lint.Finding
}

// Error lists all findings.
func (e *Refused) Error() string {
	texts := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		texts[i] = f.String()
	}
	return "certificate: not signed: " + strings.Join(texts, "; ")
}

// Sign appends the certificate of a request, in DER: the TBSCertificate, all
// lints, then the key, then the signature's own check, which a
// key in memory has made by itself. Its error is *Refused when
// lints have findings. dst is returned as it was on any error.
// Spec: SPEC-CERT-PROFILE-031, SPEC-CERT-PROFILE-033.
func (i *Issuer) Sign(dst []byte, r *Request) (der []byte, err error) {
	tbs, err := i.TBS(nil, r)
	if err != nil {
		return dst, err
	}
	c := r.context(i.Authority)
	c.Issuer = i.Profile
	return sign(dst, tbs, c, i.Signer, i.verifier())
}

// SelfSign appends the certificate of an authority's new generation, signed with
// the key that it is about. Request and errors are those of Sign, of kind
// SignatureCA or AuthenticationCA.
func SelfSign(dst []byte, r *Request, signer crypto.Signer) (der []byte, err error) {
	if !r.Kind.CA() {
		return dst, fmt.Errorf("certificate: a certificate for %s is not signed with its own key", r.Kind)
	}
	a := r.Kind.Authority()
	tbs, err := appendTBS(nil, r, a, nil)
	if err != nil {
		return dst, err
	}
	return sign(dst, tbs, r.context(a), signer, r.PublicKey)
}

// context is what the lints compare the certificate with.
func (r *Request) context(a profile.Authority) *lint.Context {
	return &lint.Context{Kind: r.Kind, Authority: a, PublicKey: r.PublicKey, Municipality: r.Municipality, Birth: r.Birth, Within: r.Within}
}

// sign has tbs judged and signs it; public verifies the signature, none where the
// signer does.
func sign(dst, tbs []byte, c *lint.Context, signer crypto.Signer, public *rsa.PublicKey) ([]byte, error) {
	if findings := lint.Check(tbs, c); findings != nil {
		return dst, &Refused{findings}
	}
	digest := sha256.Sum256(tbs)
	signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return dst, fmt.Errorf("certificate: signing: %w", err)
	}
	if public != nil && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) != nil {
		return dst, errors.New("certificate: signing: the signer's signature does not verify with the issuer's key")
	}
	b := cryptobyte.NewBuilder(slices.Grow(dst, len(tbs)+len(signature)+32)) // two headers and the algorithm
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		addAlgorithm(b, profile.OIDSHA256WithRSA)
		b.AddASN1BitString(signature)
	})
	out, err := b.Bytes()
	if err != nil {
		return dst, err
	}
	return out, nil
}
