package perso

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/wire"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Kind            string        `json:"kind"` // envelope, statement, receipt, state, groups
	AID             vectors.Hex   `json:"aid"`
	Order           vectors.Hex   `json:"order"`
	OrderHash       vectors.Hex   `json:"orderHash"`
	CAScalar        vectors.Hex   `json:"caScalar"`
	EphemeralScalar vectors.Hex   `json:"ephemeralScalar"`
	EphemeralPoint  vectors.Hex   `json:"ephemeralPoint"`
	Z               vectors.Hex   `json:"z"`
	Info            vectors.Hex   `json:"info"`
	KEnc            vectors.Hex   `json:"kenc"`
	KMAC            vectors.Hex   `json:"kmac"`
	Challenge       vectors.Hex   `json:"challenge"`
	Plain           vectors.Hex   `json:"plain"`
	IV              vectors.Hex   `json:"iv"`
	Ciphertext      vectors.Hex   `json:"ciphertext"`
	MAC             vectors.Hex   `json:"mac"`
	Authority       vectors.Hex   `json:"authority"` // point
	Signed          vectors.Hex   `json:"signed"`    // what the attestation signs
	Certificate     vectors.Hex   `json:"certificate"`
	SignCertificate vectors.Hex   `json:"signCertificate"`
	Blocks          []vectors.Hex `json:"blocks"`
	Bytes           vectors.Hex   `json:"bytes"`
}

func load(t testing.TB, kind string) (some []vector) {
	t.Helper()
	for _, v := range vectors.Load[vector](t, "perso.json") {
		if v.Kind == kind {
			some = append(some, v)
		}
	}
	if some == nil {
		t.Fatalf("no vector of kind %s", kind)
	}
	return some
}

// order decodes the vector's order, and checks that it is encoded alike.
func (v *vector) order(t testing.TB) *Order {
	t.Helper()
	o, err := DecodeOrder(v.Order)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := o.Append(nil); err != nil || !bytes.Equal(b, v.Order) {
		t.Fatalf("encoded %X, %v", b, err)
	}
	return &o
}

func (v *vector) aid(t testing.TB) gp.AID {
	t.Helper()
	aid, err := gp.NewAID(v.AID)
	if err != nil || aid != jpki.AIDInstance {
		t.Fatalf("%v %v", aid, err)
	}
	return aid
}

func (v *vector) contentKey(t testing.TB) *SoftwareKey {
	t.Helper()
	k, err := NewSoftwareKey(1, v.CAScalar)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// session opens a session with the vector's card.
func (v *vector) session(t testing.TB) *Session {
	t.Helper()
	o := v.order(t)
	s := OrderStatement{Header: Header{StatementOrder, o.Hash(), o.Counter}, Point: Point(v.EphemeralPoint)}
	copy(s.Challenge[:], v.Challenge)
	c, err := Open(o, Card{AID: v.aid(t), Unattested: true}, &s, v.contentKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEnvelopeVectors seals and opens, with every intermediate value.
func TestEnvelopeVectors(t *testing.T) {
	for _, v := range load(t, "envelope") {
		t.Run(v.Name, func(t *testing.T) {
			o := v.order(t)
			if h := o.Hash(); !bytes.Equal(h[:], v.OrderHash) {
				t.Fatalf("order hash %X", h)
			}
			z, err := v.contentKey(t).ECDH(v.EphemeralPoint)
			if err != nil || !bytes.Equal(z, v.Z) {
				t.Fatalf("Z %X %v", z, err)
			}
			point := Point(v.EphemeralPoint)
			keys := DeriveKeys(z, v.aid(t), o.Hash(), &point)
			if !bytes.Equal(keys.Enc[:], v.KEnc) || !bytes.Equal(keys.MAC[:], v.KMAC) {
				t.Fatalf("keys %X %X", keys.Enc, keys.MAC)
			}
			c := NewCipher(&keys)
			sequence, kind, items, err := c.Open(v.Bytes)
			if v.Fail != "" {
				checkFail(t, err, v.Fail)
				return
			}
			if err != nil || kind != o.Purpose || !bytes.Equal(AppendItems(nil, items), v.Plain) {
				t.Fatalf("%v %v", items, err)
			}
			if iv := c.vector(sequence, kind); !bytes.Equal(iv, v.IV) {
				t.Errorf("IV %X", iv)
			}
			sealed, err := v.session(t).Seal([]byte{0xAA}, sequence, items)
			if err != nil || !bytes.Equal(sealed[1:], v.Bytes) {
				t.Errorf("sealed %X, %v", sealed, err)
			}
		})
	}
}

func checkFail(t *testing.T, err error, class string) {
	t.Helper()
	if class == "MAC" {
		if !errors.Is(err, ErrEnvelope) {
			t.Errorf("%v, want %v", err, ErrEnvelope)
		}
		return
	}
	var fault *wire.DecodeError
	if !errors.As(err, &fault) || fault.Path != class {
		t.Errorf("%v, want a fault at %q", err, class)
	}
}
