package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithm is a signature algorithm by its name in JOSE.
type Algorithm string

// The algorithms.
const (
	EdDSA Algorithm = "EdDSA" // with Ed25519 only
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256
)

const signatureLen = 64 // of either

// AlgorithmOf is the one algorithm of a key; an error for any other key: its type
// alone decides, so that no header can. Spec: SPEC-TSM-PROTOCOL-023.
func AlgorithmOf(public crypto.PublicKey) (Algorithm, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return EdDSA, nil
		}
	case *ecdsa.PublicKey:
		if k != nil && k.Curve == elliptic.P256() {
			return ES256, nil
		}
	}
	return "", errors.New("jws: a key is of Ed25519 or of P-256")
}

// sign signs without randomness: Ed25519 needs none, and ECDSA without a source
// is RFC 6979 (crypto/ecdsa). An HSM may do otherwise.
func sign(signer crypto.Signer, alg Algorithm, input []byte) ([]byte, error) {
	if alg == EdDSA {
		return signer.Sign(nil, input, crypto.Hash(0))
	}
	digest := sha256.Sum256(input)
	der, err := signer.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	s, in := cryptobyte.String(der), cryptobyte.String(nil)
	r, t := new(big.Int), new(big.Int)
	if !s.ReadASN1(&in, asn1.SEQUENCE) || !s.Empty() || !in.ReadASN1Integer(r) || !in.ReadASN1Integer(t) || !in.Empty() ||
		r.Sign() <= 0 || t.Sign() <= 0 || r.BitLen() > 256 || t.BitLen() > 256 {
		return nil, errors.New("jws: the signer gave no ECDSA signature")
	}
	out := make([]byte, signatureLen)
	r.FillBytes(out[:32])
	t.FillBytes(out[32:])
	return out, nil
}

func verify(public crypto.PublicKey, alg Algorithm, input, signature []byte) bool {
	if len(signature) != signatureLen {
		return false
	}
	if alg == EdDSA {
		return ed25519.Verify(public.(ed25519.PublicKey), input, signature)
	}
	digest := sha256.Sum256(input)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(public.(*ecdsa.PublicKey), digest[:], r, s)
}
