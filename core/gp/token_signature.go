package gp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/entropy"
	"inkan/core/keys"
	"inkan/core/mac"
)

// SignatureScheme says how card content is signed: load files (DAP), tokens
// and receipts use the same few ways (GP Card Specification 2.3.1 §B, §C;
// Amendment E).
type SignatureScheme byte

// Signature schemes.
const (
	SchemeRSAPKCS1 SignatureScheme = iota + 1 // RSA up to 1024 bits: RSASSA-PKCS1-v1_5 with SHA-1
	SchemeRSAPSS                              // longer RSA: RSASSA-PSS with SHA-256, salt 32 bytes
	SchemeECDSA                               // r || s; SHA-256, -384 or -512 by the curve's size
	SchemeDES                                 // 8 bytes: single-DES CBC-MAC, last block triple DES
	SchemeAES                                 // 16 bytes: AES-CMAC
)

var schemeNames = [...]string{"", "RSA PKCS#1 v1.5 SHA-1", "RSA PSS SHA-256", "ECDSA", "DES retail MAC", "AES-CMAC"}

// String is the scheme in words.
func (s SignatureScheme) String() string {
	if int(s) < len(schemeNames) && s > 0 {
		return schemeNames[s]
	}
	return "unknown scheme"
}

// pssSaltLen is the salt length of SchemeRSAPSS, bytes.
const pssSaltLen = 32

// ContentSigner makes signatures over card content.
type ContentSigner interface {
	Scheme() SignatureScheme
	// AppendSignature appends the signature of message to dst.
	AppendSignature(dst, message []byte) ([]byte, error)
}

// ContentVerifier checks them.
type ContentVerifier interface {
	Scheme() SignatureScheme
	// Verify reports whether signature is one of message.
	Verify(message, signature []byte) bool
}

// schemeOf chooses scheme and hash by the public key.
// Spec: SPEC-GP-CONTENT-030, SPEC-GP-CONTENT-031, SPEC-GP-CONTENT-032, SPEC-GP-CONTENT-036.
func schemeOf(pub crypto.PublicKey) (SignatureScheme, crypto.Hash, error) {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 1024 {
			return 0, 0, fmt.Errorf("gp: RSA key of %d bits, at least 1024", k.N.BitLen())
		}
		if k.N.BitLen() == 1024 {
			return SchemeRSAPKCS1, crypto.SHA1, nil
		}
		return SchemeRSAPSS, crypto.SHA256, nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return SchemeECDSA, crypto.SHA256, nil
		case elliptic.P384():
			return SchemeECDSA, crypto.SHA384, nil
		case elliptic.P521():
			return SchemeECDSA, crypto.SHA512, nil
		}
		return 0, 0, errors.New("gp: no signature scheme for this curve")
	}
	return 0, 0, fmt.Errorf("gp: no signature scheme for a %T", pub)
}

// digest hashes with one of the hashes that schemeOf chooses.
func digest(h crypto.Hash, message []byte) []byte {
	switch h {
	case crypto.SHA1:
		sum := sha1.Sum(message)
		return sum[:]
	case crypto.SHA256:
		sum := sha256.Sum256(message)
		return sum[:]
	case crypto.SHA384:
		sum := sha512.Sum384(message)
		return sum[:]
	}
	sum := sha512.Sum512(message)
	return sum[:]
}

type asymmetricSigner struct {
	key    crypto.Signer
	salt   entropy.Source
	scheme SignatureScheme
	hash   crypto.Hash
}

// NewContentSigner makes a signer of a private key, possibly in an HSM; the
// key's kind and size choose the scheme. salt gives the salt of SchemeRSAPSS
// and is not used by the others (ECDSA is deterministic, RFC 6979, when the
// key is in software): it may be nil for them.
func NewContentSigner(key crypto.Signer, salt entropy.Source) (ContentSigner, error) {
	scheme, hash, err := schemeOf(key.Public())
	if err != nil {
		return nil, err
	}
	if scheme == SchemeRSAPSS && salt == nil {
		return nil, errors.New("gp: RSA PSS needs an entropy source for its salt")
	}
	return &asymmetricSigner{key, salt, scheme, hash}, nil
}

// sourceReader is an entropy.Source as crypto.Signer wants it.
type sourceReader struct{ source entropy.Source }

func (r sourceReader) Read(p []byte) (int, error) {
	r.source.Fill(p)
	return len(p), nil
}

// Format prints the scheme, whatever the verb: never the key.
func (s *asymmetricSigner) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.scheme) }

func (s *asymmetricSigner) Scheme() SignatureScheme { return s.scheme }

func (s *asymmetricSigner) AppendSignature(dst, message []byte) ([]byte, error) {
	var random io.Reader
	var opts crypto.SignerOpts = s.hash
	if s.scheme == SchemeRSAPSS {
		random = sourceReader{s.salt}
		opts = &rsa.PSSOptions{SaltLength: pssSaltLen, Hash: s.hash}
	}
	signature, err := s.key.Sign(random, digest(s.hash, message), opts)
	if err != nil {
		return dst, fmt.Errorf("gp: signing with %v: %w", s.scheme, err)
	}
	if s.scheme != SchemeECDSA {
		return append(dst, signature...), nil
	}
	return appendPlainECDSA(dst, signature, fieldSize(s.key.Public().(*ecdsa.PublicKey)))
}

func fieldSize(k *ecdsa.PublicKey) int { return (k.Curve.Params().BitSize + 7) / 8 }

// appendPlainECDSA turns ECDSA-Sig-Value, which crypto.Signer gives, into r || s
// of so many bytes each. Spec: SPEC-GP-CONTENT-032.
func appendPlainECDSA(dst, der []byte, sizeBytes int) ([]byte, error) {
	var r, s big.Int
	in := cryptobyte.String(der)
	var inner cryptobyte.String
	if !in.ReadASN1(&inner, asn1.SEQUENCE) || !in.Empty() || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() ||
		r.Sign() <= 0 || s.Sign() <= 0 || r.BitLen() > 8*sizeBytes || s.BitLen() > 8*sizeBytes {
		return dst, errors.New("gp: the signer did not return an ECDSA-Sig-Value")
	}
	n := len(dst)
	dst = append(dst, make([]byte, 2*sizeBytes)...)
	r.FillBytes(dst[n : n+sizeBytes])
	s.FillBytes(dst[n+sizeBytes:])
	return dst, nil
}

type asymmetricVerifier struct {
	key    crypto.PublicKey
	scheme SignatureScheme
	hash   crypto.Hash
}

// NewContentVerifier makes a verifier of an *rsa.PublicKey or an
// *ecdsa.PublicKey; its kind and size choose the scheme.
func NewContentVerifier(key crypto.PublicKey) (ContentVerifier, error) {
	scheme, hash, err := schemeOf(key)
	if err != nil {
		return nil, err
	}
	return &asymmetricVerifier{key, scheme, hash}, nil
}

func (v *asymmetricVerifier) Scheme() SignatureScheme { return v.scheme }

func (v *asymmetricVerifier) Verify(message, signature []byte) bool {
	sum := digest(v.hash, message)
	switch k := v.key.(type) {
	case *rsa.PublicKey:
		if v.scheme == SchemeRSAPKCS1 {
			return rsa.VerifyPKCS1v15(k, v.hash, sum, signature) == nil
		}
		return rsa.VerifyPSS(k, v.hash, sum, signature, &rsa.PSSOptions{SaltLength: pssSaltLen, Hash: v.hash}) == nil
	case *ecdsa.PublicKey:
		n := fieldSize(k)
		if len(signature) != 2*n {
			return false
		}
		var r, s big.Int
		return ecdsa.Verify(k, sum, r.SetBytes(signature[:n]), s.SetBytes(signature[n:]))
	}
	return false
}

// ContentMAC is a symmetric scheme: signer and verifier under one key. Not for
// concurrent use.
type ContentMAC struct {
	retail *mac.Retail
	cmac   *mac.CMAC
}

// NewContentMAC makes SchemeAES of a 16-, 24- or 32-byte key of type AES, and
// SchemeDES of a 16-byte key of type DES. Spec: SPEC-GP-CONTENT-033, SPEC-GP-CONTENT-034.
func NewContentMAC(t keys.Type, key []byte) (*ContentMAC, error) {
	switch t {
	case keys.AES:
		c, err := mac.NewCMAC(key)
		if err != nil {
			return nil, err
		}
		return &ContentMAC{cmac: c}, nil
	case keys.DES, keys.TripleDESCBC:
		c, err := mac.NewRetail(key)
		if err != nil {
			return nil, err
		}
		return &ContentMAC{retail: c}, nil
	}
	return nil, fmt.Errorf("gp: no symmetric signature scheme for key type %v", t)
}

// Scheme is SchemeDES or SchemeAES.
func (m *ContentMAC) Scheme() SignatureScheme {
	if m.cmac != nil {
		return SchemeAES
	}
	return SchemeDES
}

// AppendSignature appends the MAC of message, 8 or 16 bytes. It never fails.
func (m *ContentMAC) AppendSignature(dst, message []byte) ([]byte, error) {
	if m.cmac != nil {
		m.cmac.Reset()
		m.cmac.Write(message)
		return m.cmac.Append(dst), nil
	}
	m.retail.Reset()
	m.retail.Write(message)
	return m.retail.Append(dst), nil
}

// Verify compares in constant time. Spec: SPEC-GP-CONTENT-035.
func (m *ContentMAC) Verify(message, signature []byte) bool {
	var buf [mac.BlockSize]byte
	want, _ := m.AppendSignature(buf[:0], message)
	return subtle.ConstantTimeCompare(want, signature) == 1
}

// Wipe lets go of the key. The ContentMAC must not be used again.
func (m *ContentMAC) Wipe() {
	if m.cmac != nil {
		m.cmac.Wipe()
	} else {
		m.retail.Wipe()
	}
}

// Format prints the scheme, whatever the verb.
func (m *ContentMAC) Format(s fmt.State, _ rune) { fmt.Fprint(s, m.Scheme()) }
