package security

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"testing"

	"inkan/sim/vm"
)

// Signatures on the card beside the bare Go call with its key prepared. What is
// promised of them is measured by inkan/bench.

func signer(b *testing.B) (c *card, ref, private vm.Ref) {
	c = newCard(b)
	_, private = c.pair("ALG_RSA_CRT", 2048)
	ref = c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+".ALG_RSA_SHA_256_PKCS1"))
	c.must(ref, initKey, words(private, int(modeSign))...)
	return c, ref, private
}

func BenchmarkSign(b *testing.B) {
	c, ref, _ := signer(b)
	args := words(c.all(make([]byte, 32)), c.array(make([]byte, 256)), 0)
	for b.Loop() {
		c.must(ref, signAll, args...)
	}
}

func BenchmarkRaw(b *testing.B) {
	c, _, private := signer(b)
	ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_RSA_NOPAD"))
	c.must(ref, initKey, words(private, int(modeDecrypt))...)
	in := make([]byte, 256)
	in[7] = 5
	args := words(c.all(in), c.array(make([]byte, 256)), 0)
	for b.Loop() {
		c.must(ref, "doFinal([BSS[BS)S", args...)
	}
}

func BenchmarkBareSign(b *testing.B) {
	c, _, private := signer(b)
	key := c.bareKey(private)
	message := make([]byte, 32)
	for b.Loop() {
		digest := sha256.Sum256(message)
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
}

// bareKey is a card's CRT key for the standard library.
func (c *card) bareKey(private vm.Ref) *rsa.PrivateKey {
	p, q := new(big.Int).SetBytes(c.get(private, "P")), new(big.Int).SetBytes(c.get(private, "Q"))
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D: new(big.Int).ModInverse(big.NewInt(65537), phi), Primes: []*big.Int{p, q}}
	key.Precompute()
	return key
}
