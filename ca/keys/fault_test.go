package keys_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"reflect"
	"testing"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/spec/req"
)

// TestFaultDoesNotLeave changes one bit of an exponent that crypto/rsa computes
// with, as a fault would: it gives an error and no signature.
func TestFaultDoesNotLeave(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-013")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := keys.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	if !keys.VerifiesItself(signer) {
		t.Fatal("a key in memory does not verify itself")
	}
	if keys.VerifiesItself(struct{ crypto.Signer }{signer}) || keys.VerifiesItself(key) {
		t.Error("what stands before a key, or another kind of key, is taken for one that verifies itself")
	}
	digest := sha256.Sum256([]byte("message"))
	for _, name := range []string{"dP", "dQ"} {
		exponent := computed(t, key, name)
		exponent[len(exponent)/2] ^= 1
		if signature, err := signer.Sign(nil, digest[:], crypto.SHA256); err == nil || signature != nil {
			t.Errorf("%s with a wrong bit: %d bytes, %v", name, len(signature), err)
		}
		exponent[len(exponent)/2] ^= 1
		if _, err := signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
			t.Errorf("%s mended: %v", name, err)
		}
	}
}

// TestPartsOfTwoKeys: what a key computes and verifies with is that of its public key,
// or it is no signer.
func TestPartsOfTwoKeys(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-014")
	for name, change := range map[string]func(key, other *rsa.PrivateKey){
		"public key":   func(key, other *rsa.PrivateKey) { key.PublicKey = other.PublicKey },
		"what is kept": func(key, other *rsa.PrivateKey) { key.Precomputed = other.Precomputed },
		"all but the public key": func(key, other *rsa.PrivateKey) {
			key.D, key.Primes, key.Precomputed = other.D, other.Primes, other.Precomputed
		},
		"nothing kept": func(key, other *rsa.PrivateKey) { key.D, key.Precomputed = other.D, rsa.PrecomputedValues{} },
	} {
		key, other := *testkeys.Holder(1), testkeys.Holder(2)
		change(&key, other)
		if _, err := keys.NewSigner(&key); err == nil {
			t.Errorf("%s of another key: a signer", name)
		}
		if err := new(keys.Set).Add(keys.Name{Role: keys.SignatureCA, Generation: 1}, &key); err == nil {
			t.Errorf("%s of another key: in the set", name)
		}
	}
}

// computed is a part of the key as crypto/rsa keeps it for itself.
func computed(t *testing.T, key *rsa.PrivateKey, name string) []byte {
	t.Helper()
	kept := reflect.ValueOf(&key.Precomputed).Elem().FieldByName("fips")
	if kept.Kind() != reflect.Pointer || kept.IsNil() {
		t.Fatal("crypto/rsa keeps its numbers elsewhere: this test has to follow")
	}
	part := kept.Elem().FieldByName(name)
	if !part.IsValid() || part.Kind() != reflect.Slice || part.Len() == 0 {
		t.Fatalf("crypto/rsa keeps %s elsewhere: this test has to follow", name)
	}
	return part.Bytes()
}
