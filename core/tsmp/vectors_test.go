package tsmp

import (
	"crypto"
	"crypto/ed25519"
	"testing"

	"inkan/core/tsmp/jws"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is a signed message, or with Body a body of a function by itself.
type vector struct {
	vectors.Header
	Function Function    `json:"function"`
	Answer   bool        `json:"answer,omitempty"` // an answer, as against a request
	KeyID    string      `json:"kid,omitempty"`
	Seed     vectors.Hex `json:"ed25519Seed,omitempty"` // private key, if of Ed25519
	Scalar   vectors.Hex `json:"p256Scalar,omitempty"`  // if of P-256
	Payload  string      `json:"payload,omitempty"`
	Signed   string      `json:"signed,omitempty"`
	Body     string      `json:"body,omitempty"`
	Path     string      `json:"path,omitempty"` // of the fault, with Fail "malformed"
}

func (v *vector) signer() crypto.Signer {
	if v.Seed != nil {
		return ed25519.NewKeyFromSeed(v.Seed)
	}
	return ecdsaKey(v.Scalar)
}

func (v *vector) typ() string {
	if v.Answer {
		return AnswerType
	}
	return RequestType
}

func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-020", "SPEC-TSM-PROTOCOL-006")
	for _, v := range vectors.Load[vector](t, "tsm-protocol.json") {
		d, ok := Lookup(v.Function)
		if !ok {
			t.Fatal(v.Function)
		}
		body := d.Request()
		if v.Answer {
			body = d.Answer()
		}
		if v.Body != "" {
			err := DecodeBody([]byte(v.Body), body)
			switch {
			case v.Fail == "malformed":
				wantFault(t, v.Name, err, v.Path)
			case err != nil || string(encoded(t, body)) != v.Body:
				t.Errorf("%s: %v", v.Name, err)
			}
			continue
		}
		signed, err := jws.Sign(v.signer(), v.KeyID, v.typ(), []byte(v.Payload))
		if err != nil || string(signed) != v.Signed {
			t.Errorf("%s: %v, signed\n%s", v.Name, err, signed)
		}
		keys := Keys{v.KeyID: {ID: v.KeyID, Party: "p", Role: RoleCA, Public: v.signer().Public()}}
		o, err := open(keys, v.typ(), []byte(v.Signed))
		if err != nil || string(o.payload) != v.Payload {
			t.Fatalf("%s: %v", v.Name, err)
		}
		again, err := reencode(o.payload, v.Answer, body)
		if err != nil || string(again) != v.Payload {
			t.Errorf("%s: %v\n%s\n%s", v.Name, err, v.Payload, again)
		}
	}
}

// reencode reads a payload with its body and writes it again.
func reencode(payload []byte, answer bool, body Body) ([]byte, error) {
	if !answer {
		r, err := parseRequest(payload)
		if err != nil {
			return nil, err
		}
		if err := r.readBody(body); err != nil {
			return nil, err
		}
		return r.payload(body)
	}
	a, err := parseAnswer(payload)
	if err != nil {
		return nil, err
	}
	if a.Status != Success {
		return a.payload(nil)
	}
	if err := a.readBody(body); err != nil {
		return nil, err
	}
	return a.payload(body)
}

// TestVectorOfEach: each body has a vector.
func TestVectorOfEach(t *testing.T) {
	have := map[string]bool{}
	for _, v := range vectors.Load[vector](t, "tsm-protocol.json") {
		have[v.Name] = true
	}
	for _, d := range Definitions() {
		for _, what := range []string{" request", " answer"} {
			if name := "inkan/" + string(d.Function) + what; !have[name] {
				t.Errorf("no vector %s", name)
			}
		}
	}
}
