package personalise

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
)

// A key that is wiped is the next caller's all the same, ready to sign.
func TestSeededKeyWiped(t *testing.T) {
	first, err := SeededKey(1, "wiped")
	if err != nil {
		t.Fatal(err)
	}
	modulus := first.N.String()
	for _, n := range append(first.Primes, first.N, first.D, first.Precomputed.Dp, first.Precomputed.Dq, first.Precomputed.Qinv) {
		clear(n.Bits())
	}
	second, err := SeededKey(1, "wiped")
	if err != nil || second.N.String() != modulus || second.Validate() != nil {
		t.Fatalf("%v, another key", err)
	}
	digest := sha256.Sum256(nil)
	signature, err := rsa.SignPKCS1v15(nil, second, crypto.SHA256, digest[:])
	if err != nil || rsa.VerifyPKCS1v15(&second.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		t.Errorf("%v", err)
	}
}
