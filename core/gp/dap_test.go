package gp_test

import (
	"bytes"
	"slices"
	"testing"

	"inkan/core/gp"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type dapVector struct {
	vectors.Header
	Content   vectors.Hex `json:"content"`
	Hash      vectors.Hex `json:"hash"`
	Scheme    string      `json:"scheme"`
	Key       vectors.Hex `json:"key"`
	Signature vectors.Hex `json:"signature"`
}

func TestDAPVectors(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-023")
	for _, v := range vectors.Load[dapVector](t, "gp-content-dap.json") {
		t.Run(v.Name, func(t *testing.T) {
			h, ok := gp.HashOfSize(len(v.Hash))
			if !ok {
				t.Fatal("no hash of this size")
			}
			hash, err := gp.LoadFileHash(h, v.Content)
			if err != nil || !bytes.Equal(hash, v.Hash) {
				t.Fatalf("hash %X, %v", hash, err)
			}
			signer, verifier := contentKeys(t, v.Scheme, v.Key)
			published := gp.DAPBlock{SecurityDomain: gp.AIDCASD, Signature: v.Signature}
			if !published.Verify(hash, verifier) {
				t.Fatal("published signature does not verify")
			}
			own, err := gp.SignDAP(gp.AIDCASD, hash, signer)
			if err != nil || !own.Verify(hash, verifier) || len(own.Signature) != len(v.Signature) {
				t.Fatal("own signature", err)
			}
			if !randomized(signer.Scheme()) && !bytes.Equal(own.Signature, v.Signature) {
				t.Error("signature differs")
			}
			for i := range hash {
				hash[i] ^= 1
				if own.Verify(hash, verifier) {
					t.Fatalf("hash byte %d changed and it verifies", i)
				}
				hash[i] ^= 1
			}
			for i := range own.Signature {
				own.Signature[i] ^= 0x80
				if own.Verify(hash, verifier) {
					t.Fatalf("signature byte %d changed and it verifies", i)
				}
				own.Signature[i] ^= 0x80
			}
			for _, bad := range [][]byte{nil, own.Signature[1:], append(bytes.Clone(own.Signature), 0), append([]byte{0}, own.Signature...), slices.Insert(bytes.Clone(own.Signature), len(own.Signature)/2, 0)} {
				d := gp.DAPBlock{Signature: bad}
				if d.Verify(hash, verifier) {
					t.Fatalf("signature of %d bytes verifies", len(bad))
				}
			}
		})
	}
}

func TestDAPNeedsAHash(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-021", "SPEC-GP-CONTENT-022")
	signer, verifier := contentKeys(t, "aes", make([]byte, 16))
	for n := range 70 {
		_, known := gp.HashOfSize(n)
		hash := make([]byte, n)
		d, err := gp.SignDAP(gp.AIDCASD, hash, signer)
		if err != nil { // what a signer that does not look would have made
			d.Signature, _ = signer.AppendSignature(nil, hash)
		}
		if known != (n == 20 || n == 32 || n == 48 || n == 64) || (err == nil) != known || d.Verify(hash, verifier) != known {
			t.Errorf("hash of %d bytes: %v", n, err)
		}
	}
}
