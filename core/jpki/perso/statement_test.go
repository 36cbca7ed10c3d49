package perso

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"testing"

	"inkan/core/jpki"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// failures are the errors of statements by the vectors' class of failure.
var failures = map[string]error{"": nil, "header": ErrHeader, "attestation": ErrAttestation, "point": ErrPoint, "role": ErrRole,
	"proof": ErrProof, "modulus": ErrModulus, "receipt": ErrReceipt}

// TestStatementVectors verifies statements of all types with an attestation.
func TestStatementVectors(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-070", "SPEC-PERSO-071", "SPEC-PERSO-072", "SPEC-PERSO-083")
	for _, v := range load(t, "statement") {
		t.Run(v.Name, func(t *testing.T) {
			public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), v.Authority)
			if err != nil {
				t.Fatal(err)
			}
			err = v.verify(t, Card{AID: v.aid(t), Authority: ECDSAAuthority{public}})
			if want, known := failures[v.Fail]; !known || !errors.Is(err, want) || (err == nil) != (v.Fail == "") {
				t.Errorf("%v, want %v", err, want)
			}
			if v.Fail != "" {
				return
			}
			if err := v.verify(t, Card{AID: v.aid(t)}); !errors.Is(err, ErrAttestation) {
				t.Errorf("without an authority: %v", err)
			}
			if err := v.verify(t, Card{AID: jpki.AIDModule, Authority: ECDSAAuthority{public}}); !errors.Is(err, ErrAttestation) {
				t.Errorf("for another instance: %v", err)
			}
		})
	}
}

// verify decodes, encodes again and verifies the vector's statement.
func (v *vector) verify(t *testing.T, card Card) error {
	t.Helper()
	o := v.order(t)
	again := func(b []byte, err error) {
		t.Helper()
		if err != nil || !bytes.Equal(b, v.Bytes) {
			t.Fatalf("%v, encoded again %X", err, b)
		}
	}
	switch StatementType(v.Bytes[0]) {
	case StatementOrder:
		s, err := DecodeOrderStatement(v.Bytes)
		again(s.Append(nil), err)
		key := &pointOnly{1, o.CAPoint}
		_, err = Open(o, card, &s, key)
		return err
	case StatementKey:
		s, err := DecodeKeyStatement(v.Bytes)
		again(s.Append(nil), err)
		return card.VerifyKey(o, &s)
	case StatementSuspend, StatementResume:
		s, err := DecodePhaseStatement(v.Bytes)
		again(s.Append(nil), err)
		return card.VerifyPhase(o, &s)
	default:
		s, err := DecodeEraseStatement(v.Bytes)
		again(s.Append(nil), err)
		return card.VerifyErase(o, &s)
	}
}

// pointOnly is a content key whose private part is not here, as with an HSM: it
// answers a Z of its own.
type pointOnly struct {
	version byte
	point   Point
}

func (k *pointOnly) Version() byte { return k.version }
func (k *pointOnly) Point() Point  { return k.point }
func (k *pointOnly) ECDH(point []byte) ([]byte, error) {
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		panic("an invalid point reaches the HSM")
	}
	return make([]byte, 32), nil
}

func TestReceiptVectors(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-073")
	for _, v := range load(t, "receipt") {
		t.Run(v.Name, func(t *testing.T) {
			s := v.session(t)
			r, err := DecodeReceipt(v.Bytes)
			if err != nil || !bytes.Equal(r.Append(nil), v.Bytes) {
				t.Fatalf("%v %X", err, r.Append(nil))
			}
			sign := Hash{}
			if s.order.Roles.Has(jpki.Sign) {
				sign = CertificateHash(v.SignCertificate)
			}
			err = s.VerifyReceipt(&r, CertificateHash(v.Certificate), sign)
			if want := failures[v.Fail]; !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%v, want %v", err, want)
			}
			if v.Fail != "" {
				return
			}
			card := r
			card.MAC = [16]byte{}
			if s.cipher.SealReceipt(&card); card != r {
				t.Errorf("the card's side computes %X", card.MAC)
			}
			if s.VerifyReceipt(&r, Hash{}, sign) == nil || s.VerifyReceipt(&r, CertificateHash(v.Certificate), Hash{1}) == nil {
				t.Error("hashes that are not of the roles")
			}
		})
	}
}

func TestStateVector(t *testing.T) {
	v := load(t, "state")[0]
	s, err := DecodeStateStatement(v.Bytes)
	if err != nil || !bytes.Equal(s.Append(nil), v.Bytes) {
		t.Fatalf("%v %X", err, s.Append(nil))
	}
	if s.Phase != jpki.Ordered || s.Purpose != jpki.PurposeIssue || s.Sequence != 2 || s.Highest != 7 || s.Order != v.order(t).ID ||
		s.Content.Of(jpki.Auth) != ContentComplete || s.Content.Of(jpki.Sign) != 0 {
		t.Errorf("%+v", s)
	}
}

// Statements cut anywhere, or with a byte too many, are malformed.
func TestStatementsTruncated(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors.Load[vector](t, "perso.json") {
		decode := decoderOf(v.Kind, v.Bytes)
		if decode == nil || v.Kind == "envelope" || v.Fail != "" || seen[v.Kind+string(v.Bytes[:1])] {
			continue
		}
		seen[v.Kind+string(v.Bytes[:1])] = true
		for n := range v.Bytes {
			checkMalformed(t, v.Name, decode, v.Bytes[:n])
		}
		checkMalformed(t, v.Name, decode, append(bytes.Clone(v.Bytes), 0))
	}
	if len(seen) != len(statementDecoders) {
		t.Errorf("%d kinds", len(seen))
	}
}

func checkMalformed(t *testing.T, name string, decode func([]byte) ([]byte, error), b []byte) {
	t.Helper()
	_, err := decode(b)
	var fault *wire.DecodeError
	if !errors.As(err, &fault) {
		t.Errorf("%s with %d bytes: %v", name, len(b), err)
	}
}

// decoderOf is the decoder of a kind of bytes, which also encodes again.
func decoderOf(kind string, b []byte) func([]byte) ([]byte, error) {
	if kind == "envelope" {
		return func(b []byte) ([]byte, error) {
			e, err := DecodeEnvelope(b)
			return append(append([]byte{e.Sequence, byte(e.Type)}, e.Ciphertext...), e.MAC...), err
		}
	}
	if kind == "groups" || len(b) == 0 {
		return nil
	}
	return statementDecoders[StatementType(b[0])]
}

var statementDecoders = map[StatementType]func([]byte) ([]byte, error){
	StatementOrder:   func(b []byte) ([]byte, error) { s, err := DecodeOrderStatement(b); return s.Append(nil), err },
	StatementKey:     func(b []byte) ([]byte, error) { s, err := DecodeKeyStatement(b); return s.Append(nil), err },
	StatementReceipt: func(b []byte) ([]byte, error) { s, err := DecodeReceipt(b); return s.Append(nil), err },
	StatementSuspend: func(b []byte) ([]byte, error) { s, err := DecodePhaseStatement(b); return s.Append(nil), err },
	StatementResume:  func(b []byte) ([]byte, error) { s, err := DecodePhaseStatement(b); return s.Append(nil), err },
	StatementErase:   func(b []byte) ([]byte, error) { s, err := DecodeEraseStatement(b); return s.Append(nil), err },
	StatementState:   func(b []byte) ([]byte, error) { s, err := DecodeStateStatement(b); return s.Append(nil), err },
}
