package keys_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"reflect"
	"testing"

	"inkan/ca/keys"
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
	if _, ok := signer.(keys.SelfVerifying); !ok {
		t.Fatal("a key in memory does not verify itself")
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
