package application

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is one application with everything that follows from it; a negative one
// has its encoding only.
type vector struct {
	vectors.Header
	Purpose     Purpose     `json:"purpose,omitempty"`
	Nonce       vectors.Hex `json:"nonce,omitempty"`
	Time        time.Time   `json:"time,omitzero"`
	SIM         vectors.Hex `json:"sim,omitempty"`
	Roles       jpki.Role   `json:"roles,omitempty"`
	Origin      jpki.Origin `json:"keyOrigin,omitempty"`
	Instance    vectors.Hex `json:"instance,omitempty"`
	Code        string      `json:"code,omitempty"`
	ReplyScalar vectors.Hex `json:"replyScalar,omitempty"`
	OrderHash   vectors.Hex `json:"orderHash,omitempty"`
	Challenge   vectors.Hex `json:"challenge,omitempty"`
	AID         vectors.Hex `json:"aid,omitempty"`
	LoadFile    vectors.Hex `json:"loadFile,omitempty"`
	Authority   vectors.Hex `json:"authority,omitempty"`
	Attestation vectors.Hex `json:"attestation,omitempty"`
	Language    Language    `json:"language,omitempty"`

	Text       string      `json:"text,omitempty"`
	Commitment vectors.Hex `json:"commitment,omitempty"`
	DER        vectors.Hex `json:"der"`

	SignerKey         vectors.Hex `json:"signerKey,omitempty"`         // PKCS #8
	SignerCertificate vectors.Hex `json:"signerCertificate,omitempty"` // DER
	SigningTime       time.Time   `json:"signingTime,omitzero"`
	Signed            vectors.Hex `json:"signed,omitempty"`

	ContentKey vectors.Hex `json:"contentKey,omitempty"` // scalar of the authority's, version 1
	PINCodes   []string    `json:"pinCodes,omitempty"`   // of the roles, ascending
	ReplyOrder vectors.Hex `json:"replyOrder,omitempty"` // hash of the order that the reply is for
	Reply      vectors.Hex `json:"reply,omitempty"`
}

// application is the vector's fields.
func (v *vector) application(t testing.TB) *Application {
	t.Helper()
	a := &Application{Purpose: v.Purpose, Time: v.Time, Roles: v.Roles, Origin: v.Origin, Language: v.Language}
	copy(a.Nonce[:], v.Nonce)
	copy(a.SIM[:], v.SIM)
	copy(a.Instance[:], v.Instance)
	if v.ReplyScalar != nil {
		copy(a.ReplyKey[:], v.private(t).PublicKey().Bytes())
	}
	copy(a.Order.Hash[:], v.OrderHash)
	copy(a.Order.Challenge[:], v.Challenge)
	if v.AID != nil {
		a.Presence = &Presence{AID: v.AID, Attestation: v.Attestation}
		copy(a.Presence.LoadFile[:], v.LoadFile)
		copy(a.Presence.Authority[:], v.Authority)
	}
	if v.Code != "" {
		code, err := ParseCode(v.Code)
		if err != nil {
			t.Fatal(err)
		}
		a.Commit(code)
	}
	return a
}

func (v *vector) private(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(v.ReplyScalar)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (v *vector) signer(t testing.TB) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(v.SignerKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(v.SignerCertificate)
	if err != nil {
		t.Fatal(err)
	}
	return c, key.(*rsa.PrivateKey)
}

func (v *vector) reply(t testing.TB, a *Application) []byte {
	t.Helper()
	key, err := perso.NewSoftwareKey(1, v.ContentKey)
	if err != nil {
		t.Fatal(err)
	}
	codes := []HolderCode{}
	for i, c := range v.PINCodes {
		codes = append(codes, HolderCode{jpki.Role(i + 1), [jpki.CodeLen]byte([]byte(c))})
	}
	reply, err := a.SealReply(key, perso.Hash(v.ReplyOrder), codes)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func positive(t testing.TB) (all []vector) {
	for _, v := range vectors.Load[vector](t, "application.json") {
		if v.Fail == "" {
			all = append(all, v)
		}
	}
	return all
}

func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-020", "SPEC-APPLICATION-030", "SPEC-APPLICATION-010", "SPEC-APPLICATION-051")
	for _, v := range positive(t) {
		a := v.application(t)
		equal := func(what string, got, want []byte) {
			if !bytes.Equal(got, want) {
				t.Errorf("%s: %s %X, want %X", v.Name, what, got, want)
			}
		}
		encoded, err := a.Append(nil)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		equal("DER", encoded, v.DER)
		equal("text", []byte(a.Text(v.Language)), []byte(v.Text))
		if v.Commitment != nil {
			equal("commitment", a.Commitment[:], v.Commitment)
		}
		back, err := Parse(v.DER)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		again, err := back.Append(nil)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		equal("DER again", again, v.DER)
		if v.Signed != nil {
			signed, err := a.Sign(first(v.signer(t)), second(v.signer(t)), v.SigningTime)
			if err != nil {
				t.Fatalf("%s: %v", v.Name, err)
			}
			equal("signed", signed, v.Signed)
		}
		if v.Reply != nil {
			equal("reply", v.reply(t, a), v.Reply)
		}
	}
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// TestNegativeVectors: every class is the error that the specification names.
func TestNegativeVectors(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-021", "SPEC-APPLICATION-022", "SPEC-APPLICATION-023", "SPEC-APPLICATION-001",
		"SPEC-APPLICATION-017", "SPEC-APPLICATION-018", "SPEC-APPLICATION-020")
	count := 0
	for _, v := range vectors.Load[vector](t, "application.json") {
		if v.Fail == "" {
			continue
		}
		count++
		_, err := Parse(v.DER)
		if v.Signed != nil {
			_, err = Open(v.Signed)
		}
		var fault *wire.DecodeError
		named := map[string]error{"attributes": ErrAttributes, "signing time": ErrSigningTime}
		switch want := named[v.Fail]; {
		case want != nil:
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", v.Name, err, want)
			}
		case v.Fail == "malformed" && !errors.As(err, &fault), v.Fail == "inconsistent" && !errors.Is(err, ErrInconsistent):
			t.Errorf("%s: %v, want %s", v.Name, err, v.Fail)
		case v.Fail != "malformed" && v.Fail != "inconsistent":
			t.Errorf("%s: unknown class %s", v.Name, v.Fail)
		}
	}
	if count == 0 {
		t.Error("no negative vector")
	}
}
