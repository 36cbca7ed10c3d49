package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/spec/req"
)

func TestSignsOnlyOneWay(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-010")
	for _, role := range []keys.Role{keys.AuthenticationCA, keys.Request} {
		t.Run(role.String(), func(t *testing.T) { signsOneWay(t, testkeys.Signer(role, 1)) })
	}
}

func signsOneWay(t *testing.T, key crypto.Signer) {
	digest := sha256.Sum256([]byte("message"))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.VerifySignature(key.Public(), digest[:], signature); err != nil {
		t.Error(err)
	}
	other := sha256.Sum256([]byte("another"))
	if keys.VerifySignature(key.Public(), other[:], signature) == nil || keys.VerifySignature("word", digest[:], signature) == nil {
		t.Error("a signature of another digest, or by no key, verifies")
	}
	again, _ := key.Sign(nil, digest[:], crypto.SHA256)
	if string(again) != string(signature) {
		t.Error("two signatures of one digest differ")
	}
	for name, c := range map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"PSS":       {digest[:], &rsa.PSSOptions{Hash: crypto.SHA256}},
		"SHA-1":     {digest[:20], crypto.SHA1},
		"SHA-384":   {make([]byte, 48), crypto.SHA384},
		"short":     {digest[:31], crypto.SHA256},
		"long":      {append(digest[:], 0), crypto.SHA256},
		"no hash":   {digest[:], crypto.Hash(0)},
		"no option": {digest[:], nil},
	} {
		if got, err := key.Sign(rand.Reader, c.digest, c.opts); !errors.Is(err, keys.ErrAlgorithm) || got != nil {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, ok := key.(crypto.Decrypter); ok {
		t.Error("a signing key decrypts")
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-011")
	signer, request := testkeys.Signer(keys.SignatureCA, 1), testkeys.Signer(keys.Request, 1)
	content, err := testkeys.Store().ContentKey(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{signer, request, content} {
		texts := []string{fmt.Sprint(key), fmt.Sprintf("%v %+v %#v %x %d %s", key, key, key, key, key, key)}
		text, err := json.Marshal(key)
		if err != nil {
			t.Error(err)
		}
		for _, s := range append(texts, string(text)) {
			if len(s) > 6*60 || strings.Contains(s, "0x") {
				t.Errorf("a key prints as %.200s", s)
			}
		}
	}
}

func TestContentKeySignsNothing(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-012")
	store := testkeys.Store()
	if key, err := store.Signer(keys.Name{Role: keys.Content, Generation: 1}); !errors.Is(err, keys.ErrNoKey) || key != nil {
		t.Errorf("%v, %v", key, err)
	}
	content, err := store.ContentKey(1)
	if err != nil || content.Version() != 1 {
		t.Fatal(content, err)
	}
	if _, ok := content.(crypto.Signer); ok {
		t.Error("a content key signs")
	}
	if _, err := store.ContentKey(9); !errors.Is(err, keys.ErrNoKey) {
		t.Error(err)
	}
}

func TestKindsOfKeys(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-003")
	rsa3072, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	odd := *testkeys.Holder(1)
	odd.E = 3
	for _, c := range []struct {
		role keys.Role
		key  crypto.PrivateKey
		want string
	}{
		{keys.SignatureCA, rsa3072, "3072"}, {keys.SignatureCA, &odd, "exponent 3"}, {keys.SignatureCA, p256, "P-256"}, {keys.Request, p384, "P-384"},
		{keys.Request, testkeys.Holder(1), "want p-256"},
		{keys.Content, p384, "P-384"}, {keys.Content, testkeys.Holder(1), "want p-256"}, {keys.Request, "word", "string"},
	} {
		set := new(keys.Set)
		err := set.Add(keys.Name{Role: c.role, Generation: 1}, c.key)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(set.Names()) != 0 {
			t.Errorf("%s: %v, want %q in it; %v", c.role, err, c.want, set.Names())
		}
		if _, err := keys.NewSigner(rsa3072); err == nil {
			t.Error("a key of 3072 bits becomes a signer")
		}
	}
}

func TestOneKeyOneName(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-001")
	set := new(keys.Set)
	first := keys.Name{Role: keys.SignatureCA, Generation: 1}
	if err := set.Add(first, testkeys.Holder(1)); err != nil {
		t.Fatal(err)
	}
	const want = "keys: signature-ca-01 and signature-ocsp-01 are the same key: one key has one purpose"
	if err := set.Add(keys.Name{Role: keys.SignatureOCSP, Generation: 1}, testkeys.Holder(1)); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := set.Add(first, testkeys.Holder(2)); err == nil {
		t.Error("a name has two keys")
	}
	if err := set.Add(keys.Name{}, testkeys.Holder(2)); err == nil {
		t.Error("a key without a name")
	}
}

func TestDeliveredKeysAreNew(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-030")
	var source keys.Source = keys.Fresh{}
	a, err := source.Next()
	if err != nil {
		t.Fatal(err)
	}
	b, err := source.Next()
	if err != nil {
		t.Fatal(err)
	}
	if a.Equal(b) || a.Validate() != nil || keys.CheckPublicKey(keys.RSA2048, &a.PublicKey) != nil || len(a.Primes) != 2 {
		t.Error("two keys are one, or of another kind")
	}
}
