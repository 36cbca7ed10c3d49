package jws_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"inkan/core/tsmp/jws"
	"inkan/core/wire"
	"inkan/spec/req"
)

func keys(t testing.TB) (ed ed25519.PrivateKey, ec *ecdsa.PrivateKey) {
	t.Helper()
	seed := bytes.Repeat([]byte{7}, 32)
	ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed), ec
}

func sign(t testing.TB, signer crypto.Signer) []byte {
	t.Helper()
	b, err := jws.Sign(signer, "key-1", "test+json", []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSignAndVerify(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-020", "SPEC-TSM-PROTOCOL-023")
	ed, ec := keys(t)
	for _, signer := range []crypto.Signer{ed, ec} {
		b := sign(t, signer)
		if !bytes.Equal(b, sign(t, signer)) {
			t.Errorf("%T: signed twice, not the same", signer)
		}
		m, err := jws.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if string(m.Payload) != `{"a":1}` || m.KeyID != "key-1" || m.Type != "test+json" {
			t.Errorf("%+v", m)
		}
		if err := m.Verify(signer.Public()); err != nil {
			t.Error(err)
		}
	}
	// A key of the other kind.
	for _, pair := range [][2]crypto.Signer{{ed, ec}, {ec, ed}} {
		m, err := jws.Parse(sign(t, pair[0]))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Verify(pair[1].Public()); !errors.Is(err, jws.ErrSignature) {
			t.Errorf("%s under a key of the other kind: %v", m.Algorithm, err)
		}
	}
}

// TestEveryByte: no byte can be changed, and none can be left out.
func TestEveryByte(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-021", "SPEC-TSM-PROTOCOL-022")
	ed, ec := keys(t)
	for _, signer := range []crypto.Signer{ed, ec} {
		b := sign(t, signer)
		accepted := func(c []byte) bool {
			m, err := jws.Parse(c)
			return err == nil && m.Verify(signer.Public()) == nil
		}
		for i := range b {
			if accepted(b[:i]) {
				t.Fatalf("cut at %d: accepted", i)
			}
			for bit := range 8 {
				c := bytes.Clone(b)
				c[i] ^= 1 << bit
				if accepted(c) {
					t.Fatalf("byte %d, bit %d: accepted", i, bit)
				}
			}
		}
		if accepted(append(bytes.Clone(b), 'A')) {
			t.Error("one more: accepted")
		}
	}
}

func TestHeader(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-021")
	tail := "." + base64.RawURLEncoding.EncodeToString([]byte("{}")) + "." + strings.Repeat("A", 86)
	for header, path := range map[string]string{
		`{"alg":"EdDSA","kid":"k","typ":"t"}`:              "",
		`{"typ":"t","kid":"k","alg":"ES256"}`:              "",
		`{"alg":"none","kid":"k","typ":"t"}`:               "header/alg",
		`{"alg":"HS256","kid":"k","typ":"t"}`:              "header/alg",
		`{"alg":1,"kid":"k","typ":"t"}`:                    "header/alg",
		`{"kid":"k","typ":"t"}`:                            "header/alg",
		`{"alg":"EdDSA","typ":"t"}`:                        "header/kid",
		`{"alg":"EdDSA","kid":"","typ":"t"}`:               "header/kid",
		`{"alg":"EdDSA","kid":"a b","typ":"t"}`:            "header/kid",
		`{"alg":"EdDSA","kid":"k"}`:                        "header/typ",
		`{"alg":"EdDSA","kid":"k","typ":""}`:               "header/typ",
		`{"alg":"EdDSA","kid":"k","typ":"t","crit":["b"]}`: "header/",
		`{"alg":"EdDSA","kid":"k","typ":"t","jwk":{}}`:     "header/",
		`{"alg":"EdDSA","kid":"k","typ":"t","typ":"t"}`:    "header/typ",
		`{"alg":"EdDSA"`:                                   "header",
		`[]`:                                               "header/alg",
	} {
		_, err := jws.Parse([]byte(base64.RawURLEncoding.EncodeToString([]byte(header)) + tail))
		var fault *wire.DecodeError
		if path == "" && err != nil || path != "" && (!errors.As(err, &fault) || fault.Path != path) {
			t.Errorf("%s: %v, want a fault at %s", header, err, path)
		}
	}
	for _, b := range []string{"", "a", "a.b", "a.b.c.d", "...", strings.Repeat("A", 600) + tail, "e30=" + tail, string(bytes.Repeat([]byte{'A'}, jws.MaxMessage+1))} {
		var fault *wire.DecodeError
		if _, err := jws.Parse([]byte(b)); !errors.As(err, &fault) || fault.Offset > len(b) {
			t.Errorf("%.20q: %v", b, err)
		}
	}
}

// oddSigner gives something else than a signature.
type oddSigner struct {
	crypto.Signer
	out string
	err error
}

func (o oddSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	b, err := hex.DecodeString(o.out)
	return b, errors.Join(err, o.err)
}

func TestSignRefuses(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-023")
	ed, ec := keys(t)
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(make([]byte, 47), 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, sign := range map[string]func() ([]byte, error){
		"P-384":        func() ([]byte, error) { return jws.Sign(p384, "k", "t", nil) },
		"no key ID":    func() ([]byte, error) { return jws.Sign(ed, "", "t", nil) },
		"key ID":       func() ([]byte, error) { return jws.Sign(ed, strings.Repeat("k", 65), "t", nil) },
		"too long":     func() ([]byte, error) { return jws.Sign(ed, "k", "t", make([]byte, jws.MaxMessage)) },
		"not DER":      func() ([]byte, error) { return jws.Sign(oddSigner{ec, "00", nil}, "k", "t", nil) },
		"zero":         func() ([]byte, error) { return jws.Sign(oddSigner{ec, "3006020100020101", nil}, "k", "t", nil) },
		"signer fails": func() ([]byte, error) { return jws.Sign(oddSigner{ec, "", io.ErrUnexpectedEOF}, "k", "t", nil) },
	} {
		if b, err := sign(); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
	if _, err := jws.AlgorithmOf(nil); err == nil {
		t.Error("no key has an algorithm")
	}
}

// FuzzParse: what is accepted is within its form; what is refused is a fault
// within the input.
func FuzzParse(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-021")
	ed, ec := keys(f)
	f.Add(sign(f, ed))
	f.Add(sign(f, ec))
	f.Add([]byte("e30.e30.e30"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := jws.Parse(b)
		var fault *wire.DecodeError
		switch {
		case err != nil && (!errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b)):
			t.Fatal(err)
		case err != nil:
			return
		}
		if m.KeyID == "" || m.Type == "" || m.Algorithm != jws.EdDSA && m.Algorithm != jws.ES256 {
			t.Fatalf("%+v", m)
		}
		if known := sign(t, ed); m.Verify(ed.Public()) == nil && !bytes.Equal(b, known) {
			t.Fatalf("a second message under a signature: %s", b)
		}
	})
}
