package security

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"inkan/sim/vm"
)

// Signatures in the VM against the bare Go call with its key prepared: compare
// BenchmarkSign with BenchmarkBareSign (at most 1.10 times), BenchmarkRaw with
// BenchmarkBareSign (at most 1.3 times).

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
