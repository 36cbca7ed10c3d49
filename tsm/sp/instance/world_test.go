package instance_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"fmt"
	"reflect"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/tsm/sp/instance"
)

var ctx = context.Background()

// authority answers a program's calls as the certificate authority does, and looks at
// what it is told.
type authority struct {
	order    perso.Order
	two      bool // two envelopes for each role
	size     int  // of an envelope's ciphertext
	issued   *tsmp.IssueAnswer
	receipt  []byte
	reported []byte
	calls    []tsmp.Function
}

func (c *authority) envelopes() int {
	n := 1
	if c.order.Roles == jpki.Both {
		n = 2
	}
	if c.two {
		n *= 2
	}
	return n
}

func envelope(sequence byte, purpose jpki.Purpose, size int) []byte {
	return append([]byte{sequence, byte(purpose)}, bytes.Repeat([]byte{0xC0 + sequence}, size+16)...)
}

func (c *authority) answer(t testing.TB, n *instance.Need) tsmp.Body {
	t.Helper()
	c.calls = append(c.calls, n.Function)
	if _, err := tsmp.EncodeBody(n.Request); err != nil {
		t.Fatalf("%s: %v", n.Function, err)
	}
	switch body := n.Request.(type) {
	case *tsmp.IssueRequest:
		c.look(t, body)
		a := &tsmp.IssueAnswer{HolderCode: []byte{1}, NotAfter: time.Unix(1e9, 0), PendingUntil: time.Unix(1e9, 0)}
		for i := range c.envelopes() {
			a.Envelopes = append(a.Envelopes, envelope(byte(i+1), jpki.PurposeIssue, c.size))
		}
		for _, r := range []jpki.Role{jpki.Auth, jpki.Sign} {
			if c.order.Roles.Has(r) {
				a.CACertificates = append(a.CACertificates, tsmp.CACertificate{Role: r, Certificate: bytes.Repeat([]byte{byte(r)}, 900)})
			}
		}
		c.issued = a
		return a
	case *tsmp.SealPINResetRequest:
		return &tsmp.SealPINResetAnswer{Envelope: envelope(1, jpki.PurposePINReset, c.size), HolderCode: []byte{1}}
	case *tsmp.ActivateRequest:
		c.receipt = body.Receipt
		return &tsmp.ActivateAnswer{ActivatedAt: time.Unix(1e9, 0)}
	case *tsmp.ReportEraseRequest:
		c.reported = body.Statement
		return &tsmp.ReportEraseAnswer{RecordedAt: time.Unix(1e9, 0)}
	}
	t.Fatalf("a call of %s", n.Function)
	return nil
}

// look checks the statements as far as the double's signatures say anything: parts of
// two attestations would differ within.
func (c *authority) look(t testing.TB, b *tsmp.IssueRequest) {
	t.Helper()
	s, err := perso.DecodeOrderStatement(b.OrderStatement)
	if err != nil || s.OrderHash != c.order.Hash() {
		t.Fatalf("statement 01: %v", err)
	}
	whole := func(name string, attestation []byte) {
		if n := len(attestation); n > 0 && !bytes.Equal(attestation, bytes.Repeat(attestation[:1], n)) {
			t.Errorf("%s: an attestation of parts that do not belong together", name)
		}
	}
	whole("statement 01", s.Attestation)
	want := 0
	for _, r := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if c.order.Origin != jpki.OriginOnCard || !c.order.Roles.Has(r) {
			continue
		}
		k, err := perso.DecodeKeyStatement(b.KeyStatements[want])
		if err != nil || k.Role != r {
			t.Fatalf("statement 02 of %v: %v, %v", r, k.Role, err)
		}
		whole("statement 02", k.Attestation)
		want++
	}
	if len(b.KeyStatements) != want {
		t.Errorf("%d key statements, want %d", len(b.KeyStatements), want)
	}
}

// point is the base point of P-256.
var point = func() []byte {
	one := make([]byte, 32)
	one[31] = 1
	k, err := ecdh.P256().NewPrivateKey(one)
	if err != nil {
		panic(err)
	}
	return k.PublicKey().Bytes()
}()

func order(purpose jpki.Purpose, origin jpki.Origin, roles jpki.Role, counter uint32) perso.Order {
	o := perso.Order{Purpose: purpose, Origin: origin, Roles: roles, Counter: counter, CAKeyVersion: 1}
	o.ID = perso.OrderID{byte(counter), byte(purpose), 7}
	copy(o.CAPoint[:], point)
	return o
}

func placed(t testing.TB, o *perso.Order) *tsmp.PlaceOrderAnswer {
	t.Helper()
	raw, err := o.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &tsmp.PlaceOrderAnswer{OrderID: o.ID, Order: raw}
}

func target(size int, attested bool) instance.Target {
	return instance.Target{Instance: jpki.AIDInstance, BlockBytes: size, Attested: attested}
}

// kept is a program as it comes back out of a store.
func kept(t testing.TB, p instance.Program, r instance.Resources) instance.Program {
	t.Helper()
	b, err := instance.Append(nil, p)
	if err != nil {
		t.Fatalf("%s: %v", p.Stage(), err)
	}
	again, err := instance.Parse(b, r)
	if err != nil {
		t.Fatalf("%s: %v", p.Stage(), err)
	}
	before, fault := p.Need()
	after, err := again.Need()
	if fmt.Sprint(err) != fmt.Sprint(fault) || !reflect.DeepEqual(before, after) {
		t.Fatalf("%s: it needs (%v)\n%#v\nand out of the store (%v)\n%#v", p.Stage(), fault, before, err, after)
	}
	return again
}
