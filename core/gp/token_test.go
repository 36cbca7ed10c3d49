package gp_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// countingSource is a deterministic entropy.Source.
type countingSource struct{ next byte }

func (s *countingSource) Fill(dst []byte) {
	for i := range dst {
		dst[i] = s.next
		s.next++
	}
}

// contentKeys makes signer and verifier of a vector's key.
func contentKeys(t testing.TB, scheme string, key []byte) (gp.ContentSigner, gp.ContentVerifier) {
	t.Helper()
	switch scheme {
	case "aes", "des":
		kt := keys.AES
		if scheme == "des" {
			kt = keys.DES
		}
		m, err := gp.NewContentMAC(kt, key)
		if err != nil {
			t.Fatal(err)
		}
		return m, m
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gp.NewContentSigner(parsed.(crypto.Signer), &countingSource{})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := gp.NewContentVerifier(parsed.(crypto.Signer).Public())
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

var schemes = map[string]gp.SignatureScheme{"rsa-pkcs1": gp.SchemeRSAPKCS1, "rsa-pss": gp.SchemeRSAPSS,
	"ecdsa": gp.SchemeECDSA, "aes": gp.SchemeAES, "des": gp.SchemeDES}

// randomized: the published signature is one of many, so ours differs.
func randomized(s gp.SignatureScheme) bool { return s == gp.SchemeRSAPSS || s == gp.SchemeECDSA }

type tokenVector struct {
	vectors.Header
	INS    vectors.Hex `json:"ins"`
	P1     vectors.Hex `json:"p1"`
	P2     vectors.Hex `json:"p2"`
	Data   vectors.Hex `json:"data"`
	Scheme string      `json:"scheme"`
	Key    vectors.Hex `json:"key"`
	Token  vectors.Hex `json:"token"`
	Whole  int         `json:"whole"`
}

func (v *tokenVector) command() apdu.Command {
	return apdu.Command{CLA: 0x80, INS: v.INS[0], P1: v.P1[0], P2: v.P2[0], Data: v.Data}
}

// fixedSigner gives a ready signature.
type fixedSigner struct {
	gp.ContentSigner
	signature []byte
}

func (s fixedSigner) AppendSignature(dst, _ []byte) ([]byte, error) {
	return append(dst, s.signature...), nil
}

// credulous is a verifier that takes anything.
type credulous struct{ gp.ContentVerifier }

func (credulous) Verify(_, _ []byte) bool { return true }

func TestTokenVectors(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-035", "SPEC-GP-CONTENT-045")
	for _, v := range vectors.Load[tokenVector](t, "gp-content-token.json") {
		t.Run(v.Name, func(t *testing.T) {
			signer, verifier := contentKeys(t, v.Scheme, v.Key)
			if signer.Scheme() != schemes[v.Scheme] || verifier.Scheme() != schemes[v.Scheme] {
				t.Fatalf("scheme %v", signer.Scheme())
			}
			published, err := gp.AddToken(v.command(), fixedSigner{signer, v.Token})
			if err != nil || v.Whole != 0 && len(published.Data) != v.Whole {
				t.Fatalf("%d bytes, %v", len(published.Data), err)
			}
			if v.INS[0] == gp.InsDelete && v.Data[0] == 0 {
				// The published test tokenizes one byte that is no object.
				if published.Data[1] != 0x9E {
					t.Error("no tag 9E")
				}
			} else {
				checkToken(t, &published, verifier, &v)
			}
			own, err := gp.AddToken(v.command(), signer)
			if err != nil {
				t.Fatal(err)
			}
			if !randomized(signer.Scheme()) && !bytes.Equal(own.Data, published.Data) {
				t.Errorf("AddToken = %X, want %X", own.Data, published.Data)
			}
			signer2, _ := contentKeys(t, v.Scheme, v.Key)
			if again, _ := gp.AddToken(v.command(), signer2); !bytes.Equal(again.Data, own.Data) {
				t.Error("signing twice from the same seed differs")
			}
		})
	}
}

// checkToken: the command verifies, and no change of any part of it does.
func checkToken(t *testing.T, c *apdu.Command, verifier gp.ContentVerifier, v *tokenVector) {
	t.Helper()
	body, token, err := gp.SplitToken(c)
	if err != nil || !bytes.Equal(body, v.Data) || !bytes.Equal(token, v.Token) {
		t.Fatalf("SplitToken = %X, %X, %v", body, token, err)
	}
	if ok, err := gp.VerifyToken(c, verifier); !ok || err != nil {
		t.Fatal("does not verify", err)
	}
	step := max(1, len(c.Data)/40)
	for i := 0; i < len(c.Data); i += step {
		bad := *c
		bad.Data = bytes.Clone(c.Data)
		bad.Data[i] ^= 0x01
		if ok, _ := gp.VerifyToken(&bad, verifier); ok {
			t.Fatalf("byte %d changed and it verifies", i)
		}
	}
	for n := 0; n < len(c.Data); n += step {
		bad := *c
		bad.Data = c.Data[:n]
		if ok, _ := gp.VerifyToken(&bad, verifier); ok {
			t.Fatalf("cut at %d and it verifies", n)
		}
	}
	bad := *c
	bad.P2 ^= 0x40
	if ok, _ := gp.VerifyToken(&bad, verifier); ok {
		t.Fatal("P2 changed and it verifies")
	}
}

func TestTokenRefuses(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-044", "SPEC-GP-CONTENT-046")
	_, verifier := contentKeys(t, "aes", make([]byte, 16))
	for name, c := range map[string]apdu.Command{
		"no token field":         {CLA: 0x80, INS: 0xE6, P1: 0x0C, Data: []byte{0, 0, 0, 0, 0}},
		"byte after the token":   {CLA: 0x80, INS: 0xE6, P1: 0x0C, Data: []byte{0, 0, 0, 0, 0, 1, 0xAA, 0}},
		"object after the token": {CLA: 0x80, INS: 0xE4, Data: []byte{0x4F, 1, 1, 0x9E, 1, 1, 0x4F, 1, 1}},
		"two tokens":             {CLA: 0x80, INS: 0xE4, Data: []byte{0x9E, 1, 1, 0x9E, 1, 1}},
		"empty 9E":               {CLA: 0x80, INS: 0xE4, Data: []byte{0x4F, 1, 1, 0x9E, 0}},
		"another instruction":    {CLA: 0x80, INS: 0xE8, Data: []byte{0, 0, 0, 0, 0}},
	} {
		ok, err := gp.VerifyToken(&c, verifier)
		var fault *wire.DecodeError
		if ok || !errors.As(err, &fault) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	// A well-formed command without token is no error, but does not verify,
	// even if the verifier takes anything.
	for _, c := range []apdu.Command{
		{CLA: 0x80, INS: 0xE6, P1: 0x02, Data: []byte{0, 0, 0, 0, 0}},
		{CLA: 0x80, INS: 0xE4, Data: []byte{0x4F, 1, 1}},
	} {
		if ok, err := gp.VerifyToken(&c, credulous{verifier}); ok || err != nil {
			t.Error(ok, err)
		}
	}
	if _, err := gp.AddToken(apdu.Command{INS: 0xE8}, fixedSigner{}); err == nil {
		t.Error("token for LOAD")
	}
	if _, err := gp.AddToken(apdu.Command{INS: 0xE6, Data: make([]byte, 65535)}, fixedSigner{signature: []byte{1}}); err == nil {
		t.Error("token without room")
	}
}

func TestSchemesRefuse(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-036")
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1022), E: 65537}
	for _, key := range []crypto.PublicKey{short, &ecdsa.PublicKey{Curve: elliptic.P224()}, "no key"} {
		if _, err := gp.NewContentVerifier(key); err == nil {
			t.Errorf("%T accepted", key)
		}
	}
	for _, c := range []struct {
		t keys.Type
		n int
	}{{keys.AES, 15}, {keys.DES, 8}, {keys.DES, 24}, {keys.PSKTLS, 16}} {
		if _, err := gp.NewContentMAC(c.t, make([]byte, c.n)); err == nil {
			t.Errorf("%v of %d bytes accepted", c.t, c.n)
		}
	}
	m, _ := gp.NewContentMAC(keys.AES, bytes.Repeat([]byte{0xA5}, 16))
	if s := fmt.Sprintf("%v %+v %#v %x", m, m, m, m); bytes.Contains([]byte(s), []byte("165")) || bytes.Contains([]byte(s), []byte("a5")) {
		t.Error("prints its key:", s)
	}
}

func TestSymmetricSignaturesAllocateOnlyTheirResult(t *testing.T) {
	m, _ := gp.NewContentMAC(keys.AES, make([]byte, 16))
	message, out := make([]byte, 100), make([]byte, 0, 16)
	if n := testing.AllocsPerRun(100, func() { m.AppendSignature(out, message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSplitToken(f *testing.F) {
	for _, v := range vectors.Load[tokenVector](f, "gp-content-token.json") {
		c, _ := gp.AddToken(v.command(), fixedSigner{signature: v.Token})
		f.Add(c.INS, c.P1, c.P2, c.Data)
	}
	f.Fuzz(func(t *testing.T, ins, p1, p2 byte, data []byte) {
		c := apdu.Command{CLA: 0x80, INS: ins, P1: p1, P2: p2, Data: data}
		body, token, err := gp.SplitToken(&c)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) {
				t.Fatal(err)
			}
			return
		}
		if len(body)+len(token) > len(data) || !bytes.HasPrefix(data, body) || !bytes.HasSuffix(data, token) {
			t.Fatalf("%X: %X, %X", data, body, token)
		}
		if len(token) == 0 || len(data) > 60000 {
			return
		}
		again, err := gp.AddToken(apdu.Command{CLA: 0x80, INS: ins, P1: p1, P2: p2, Data: body}, fixedSigner{signature: token})
		if err != nil {
			t.Fatal(err)
		}
		if b2, t2, err := gp.SplitToken(&again); err != nil || !bytes.Equal(b2, body) || !bytes.Equal(t2, token) {
			t.Fatal("round trip", err)
		}
	})
}
