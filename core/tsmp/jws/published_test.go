package jws

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

func base64url(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPublished has the signatures of RFC 7515 appendix A.3 and RFC 8037 appendix
// A.4. Their headers are not of our profile, so that it is the signatures alone
// that are compared.
func TestPublished(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-020", "SPEC-TSM-PROTOCOL-023")
	point := append(append([]byte{4}, base64url(t, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")...), base64url(t, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")...)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	input := []byte("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
	signature := base64url(t, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
	if !verify(public, ES256, input, signature) {
		t.Error("RFC 7515 A.3 does not verify")
	}
	signature[63] ^= 1
	if verify(public, ES256, input, signature) {
		t.Error("RFC 7515 A.3, changed, verifies")
	}

	key := ed25519.NewKeyFromSeed(base64url(t, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
	input = []byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
	const want = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	got, err := sign(key, EdDSA, input)
	if err != nil || base64.RawURLEncoding.EncodeToString(got) != want || !verify(key.Public(), EdDSA, input, got) {
		t.Errorf("RFC 8037 A.4: %v, %X", err, got)
	}
}

// TestOpensslVerifies: openssl takes an Ed25519 signature over header and payload
// as they are.
func TestOpensslVerifies(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-020")
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	signed, err := Sign(key, "k", "t", []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public := write("public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}))
	args := []string{"pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", write("input", m.input), "-sigfile"}
	peer.Run(t, nil, "openssl", append(args, write("good", m.signature))...)
	m.signature[0] ^= 1
	if _, _, status := peer.Try(t, nil, "openssl", append(args, write("bad", m.signature))...); status == 0 {
		t.Error("a wrong signature was accepted")
	}
}

// TestHeaderLies: a good signature under a header that names another algorithm is
// none.
func TestHeaderLies(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-023")
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	input := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"k","typ":"t"}`)) + ".e30"
	m, err := Parse([]byte(input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(input)))))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(key.Public()); err != ErrSignature {
		t.Errorf("%v, want %v", err, ErrSignature)
	}
}
