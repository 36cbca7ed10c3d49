package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// ErrAlgorithm says that a key was asked for a signature that this service does
// not make.
var ErrAlgorithm = errors.New("keys: a key of this service signs a SHA-256 digest by PKCS #1 v1.5 or ECDSA, as its kind is, nothing else")

// signer is an RSA key in memory. It does not show the key, and it does not
// decrypt. Signatures are deterministic, and it may be used concurrently.
type signer struct{ key *rsa.PrivateKey }

// NewSigner puts an RSA key behind crypto.Signer. It fails for another length
// than 2048 bits or another exponent than 65537, and for a key whose parts do not
// belong together: crypto/rsa computes, and verifies, with numbers that it has kept.
// Spec: SPEC-CA-KEYS-003, SPEC-CA-KEYS-014.
func NewSigner(key *rsa.PrivateKey) (crypto.Signer, error) {
	if err := CheckPublicKey(RSA2048, &key.PublicKey); err != nil {
		return nil, err
	}
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("keys: the parts of the key do not belong together: %w", err)
	}
	return signer{key}, nil
}

// VerifiesItself tells whether a signer verifies each signature with its public key
// before it gives it away, so that a fault in the computing does not leave: an RSA key in
// memory does, as crypto/rsa raises what it made to the public exponent, and compares. It
// goes by the type, which nothing that is put around such a key has.
// Spec: SPEC-CA-KEYS-013.
func VerifiesItself(s crypto.Signer) bool {
	_, ok := s.(signer)
	return ok
}

// Public returns the *rsa.PublicKey.
func (s signer) Public() crypto.PublicKey { return &s.key.PublicKey }

// Sign makes a PKCS #1 v1.5 signature of a SHA-256 digest; it fails with
// ErrAlgorithm for anything else. Randomness is not used. Spec: SPEC-CA-KEYS-010.
func (s signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := CheckSignature(digest, opts); err != nil {
		return nil, err
	}
	return rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest)
}

// CheckSignature says whether a signature is of the one form that keys of this
// service make: of a SHA-256, without PSS. Any crypto.Signer that stands for such a
// key calls it first. Spec: SPEC-CA-KEYS-010.
func CheckSignature(digest []byte, opts crypto.SignerOpts) error {
	if _, pss := opts.(*rsa.PSSOptions); pss || opts == nil || opts.HashFunc() != crypto.SHA256 || len(digest) != sha256.Size {
		return ErrAlgorithm
	}
	return nil
}

// Format prints that it is a key, whatever the verb. Spec: SPEC-CA-KEYS-011.
func (s signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, "RSA key of the certificate authority") }

// MarshalText is what Format prints.
func (s signer) MarshalText() ([]byte, error) { return fmt.Append(nil, s), nil }

// requestSigner is a key of P-256 in memory: what signer is for RSA. Signatures
// are those of RFC 6979, in DER.
type requestSigner struct{ key *ecdsa.PrivateKey }

// Public returns the *ecdsa.PublicKey.
func (s requestSigner) Public() crypto.PublicKey { return &s.key.PublicKey }

// Sign makes an ECDSA signature of a SHA-256 digest; it fails with ErrAlgorithm for
// anything else. Randomness is not used. Spec: SPEC-CA-KEYS-010.
func (s requestSigner) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := CheckSignature(digest, opts); err != nil {
		return nil, err
	}
	return s.key.Sign(nil, digest, crypto.SHA256)
}

// Format prints that it is a key, whatever the verb. Spec: SPEC-CA-KEYS-011.
func (s requestSigner) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "P-256 key of the certificate authority")
}

// MarshalText is what Format prints.
func (s requestSigner) MarshalText() ([]byte, error) { return fmt.Append(nil, s), nil }

// VerifySignature checks a signature of a SHA-256 digest in the form that keys of
// this service make, under a public key of one.
func VerifySignature(public crypto.PublicKey, digest, signature []byte) error {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature)
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digest, signature) {
			return nil
		}
		return errors.New("keys: the signature does not verify")
	}
	return fmt.Errorf("keys: a %T signs nothing here", public)
}

// Fingerprint is SHA-256 over the DER of a public key's SubjectPublicKeyInfo.
type Fingerprint [sha256.Size]byte

// FingerprintOf returns the fingerprint of a public key as crypto/x509 writes it.
func FingerprintOf(public crypto.PublicKey) (Fingerprint, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Fingerprint{}, fmt.Errorf("keys: fingerprint: %w", err)
	}
	return sha256.Sum256(der), nil
}

// String is 64 lower-case hexadecimal digits, as sha256sum prints them.
func (f Fingerprint) String() string { return fmt.Sprintf("%x", f[:]) }

// MarshalText is String.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what String writes.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(f)) || bytes.ContainsAny(text, "ABCDEF") {
		return fmt.Errorf("keys: a fingerprint has 64 lower-case hexadecimal digits, not %d characters", len(text))
	}
	if _, err := hex.Decode(f[:], text); err != nil {
		return errors.New("keys: a fingerprint has hexadecimal digits only")
	}
	return nil
}

// CheckPublicKey says whether a public key is of a kind. Spec: SPEC-CA-KEYS-003.
func CheckPublicKey(want Algorithm, public crypto.PublicKey) error {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if want == RSA2048 && key.E == 65537 && key.N.BitLen() == 2048 {
			return nil
		}
		return fmt.Errorf("keys: want %s, got RSA of %d bits with exponent %d", want, key.N.BitLen(), key.E)
	case *ecdsa.PublicKey:
		if want == P256 && key.Curve == elliptic.P256() {
			return nil
		}
		return fmt.Errorf("keys: want %s, got a key on %s", want, key.Curve.Params().Name)
	}
	return fmt.Errorf("keys: want %s, got a %T", want, public)
}
