package relyingparty

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"time"

	"inkan/core/jpki/certificate"
)

// Verified is a certificate that was accepted, apart from its revocation.
type Verified struct {
	Kind        certificate.Kind
	Certificate *x509.Certificate
	Issuer      *x509.Certificate // the generation that signed it
	Key         *rsa.PublicKey
	Account     AccountKey
}

// purpose is what a kind of certificate must say of its key.
type purpose struct {
	usage    x509.KeyUsage
	extended []x509.ExtKeyUsage // exactly these; none is no extension
}

var purposes = map[certificate.Kind]purpose{
	certificate.CardAuthentication:  {x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
	certificate.PhoneAuthentication: {x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
	certificate.CardSignature:       {x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, nil},
}

// check verifies a certificate at a time: issuer by key, signature, validity of
// both, key, purpose, and that it is of one of the kinds that are accepted. What
// is wrong with the certificate itself is told before what depends on time.
// Spec: SPEC-RELYING-PARTY-011, SPEC-RELYING-PARTY-012,
// SPEC-RELYING-PARTY-013, SPEC-RELYING-PARTY-014, SPEC-RELYING-PARTY-015,
// SPEC-RELYING-PARTY-016, SPEC-RELYING-PARTY-017.
func (a *Anchors) check(der []byte, at time.Time, accepted []certificate.Kind) (*Verified, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, failed(CertificateMalformed, err, "certificate")
	}
	if c.SerialNumber.Sign() <= 0 {
		return nil, fail(CertificateMalformed, "the serial number is not positive")
	}
	issuer, err := a.issuer(c)
	if err != nil {
		return nil, err
	}
	if err := signedBy(c, issuer); err != nil {
		return nil, failed(CertificateForged, err, "the issuer's key does not verify the certificate")
	}
	v := &Verified{Certificate: c, Issuer: issuer, Account: keyOf(c)}
	if v.Key, err = acceptedKey(c); err != nil {
		return nil, err
	}
	if len(c.UnhandledCriticalExtensions) != 0 {
		return nil, fail(ExtensionUnknown, "critical extension %s", c.UnhandledCriticalExtensions[0])
	}
	if v.Kind, err = kind(c, accepted); err != nil {
		return nil, err
	}
	if err := fits(c, purposes[v.Kind]); err != nil {
		return nil, err
	}
	switch {
	case !validAt(issuer, at):
		return nil, fail(AuthorityNotValid, "the authority's certificate is valid from %s to %s", text(issuer.NotBefore), text(issuer.NotAfter))
	case at.Before(c.NotBefore):
		return nil, fail(CertificateNotYetValid, "valid from %s", text(c.NotBefore))
	case at.After(c.NotAfter):
		return nil, fail(CertificateExpired, "valid until %s", text(c.NotAfter))
	}
	return v, nil
}

func text(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// signedBy verifies a certificate's signature: RSA with SHA-256 only, over what
// both algorithm fields name alike (crypto/x509 compares them).
func signedBy(c, issuer *x509.Certificate) error {
	if c.SignatureAlgorithm != x509.SHA256WithRSA {
		return x509.ErrUnsupportedAlgorithm
	}
	return c.CheckSignatureFrom(issuer)
}

// Limits of a holder's key.
const (
	minKeyBits = 2048
	maxKeyBits = 4096
	exponent   = 65537
)

func acceptedKey(c *x509.Certificate) (*rsa.PublicKey, error) {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fail(KeyNotAccepted, "want an RSA key, got %s", c.PublicKeyAlgorithm)
	}
	if bits := key.N.BitLen(); bits < minKeyBits || bits > maxKeyBits || key.E != exponent {
		return nil, fail(KeyNotAccepted, "RSA of %d bits with exponent %d", bits, key.E)
	}
	return key, nil
}

// kind finds the one accepted kind that the certificate's policy names.
// Spec: SPEC-RELYING-PARTY-015.
func kind(c *x509.Certificate, accepted []certificate.Kind) (certificate.Kind, error) {
	if len(c.Policies) != 1 {
		return 0, fail(PolicyWrong, "want one policy, got %d", len(c.Policies))
	}
	for _, k := range accepted {
		if c.Policies[0].EqualASN1OID(k.Policy()) {
			return k, nil
		}
	}
	return 0, fail(PolicyWrong, "policy %s is none of those accepted here", c.Policies[0])
}

// fits compares key usage and its extensions with what the kind demands.
// Spec: SPEC-RELYING-PARTY-014.
func fits(c *x509.Certificate, want purpose) error {
	switch {
	case c.IsCA:
		return fail(PurposeWrong, "the certificate is an authority's")
	case c.KeyUsage != want.usage:
		return fail(PurposeWrong, "key usage %09b, want %09b", c.KeyUsage, want.usage)
	case len(c.ExtKeyUsage) != len(want.extended) || len(c.UnknownExtKeyUsage) != 0:
		return fail(PurposeWrong, "%d extended key usages, want %d", len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage), len(want.extended))
	}
	for i, usage := range want.extended {
		if c.ExtKeyUsage[i] != usage {
			return fail(PurposeWrong, "extended key usage %d, want %d", c.ExtKeyUsage[i], usage)
		}
	}
	return nil
}

// hasExtension reports whether a certificate has an extension.
func hasExtension(c *x509.Certificate, oid asn1.ObjectIdentifier) bool {
	return find(c.Extensions, oid) != nil
}

// sameKey reports whether two certificates have one key, by what is encoded.
func sameKey(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
}
