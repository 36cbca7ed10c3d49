package ca

import (
	"bytes"
	"crypto/x509"
	"testing"

	"inkan/ca/keys/testkeys"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// From the application to the login's certificate, and a second phone in the
// first one's place.
func TestIssue(t *testing.T) {
	req.Covers(t, "SPEC-CA-030", "SPEC-CA-040", "SPEC-CA-042")
	w := newWorld(t)
	d, app, answer := w.activated(1, 3)
	if w.state(app.Phone) != profile.Active || answer.Superseded != (tsmp.PhoneID{}) || !answer.ActivatedAt.Equal(w.now) {
		t.Fatalf("%v, %+v", w.state(app.Phone), answer)
	}
	c, err := x509.ParseCertificate(d.item(perso.ItemCertificate))
	w.ok(err)
	w.ok(c.CheckSignatureFrom(w.ca.Issuers(profile.AuthenticationAuthority).All()[0].Certificate))
	if !d.key.PublicKey.Equal(c.PublicKey) || !c.NotAfter.Equal(app.NotAfter) {
		t.Errorf("certificate for %v until %s, want the card's key until %s", c.PublicKey, c.NotAfter, app.NotAfter)
	}
	if end := string(d.item(perso.ItemValidity)); end != c.NotAfter.Format("20060102150405Z") {
		t.Errorf("end %s, want %s", end, c.NotAfter)
	}
	if d.order.CAKeyVersion != 2 || d.order.Counter != 1 || d.order.Origin != jpki.OriginOnCard || d.order.SIM != [16]byte{0x98, 0x18, 1} {
		t.Errorf("order %+v", d.order)
	}

	_, second, answer := w.activated(2, 4)
	if answer.Superseded != app.Phone || w.state(app.Phone) != profile.Revoked || w.state(second.Phone) != profile.Active {
		t.Errorf("superseded %s, %v, %v", answer.Superseded, w.state(app.Phone), w.state(second.Phone))
	}
	if second.Pseudonym != app.Pseudonym {
		t.Error("another pseudonym for the same person")
	}
}

// The code for the PIN reaches the card and the UI app, and both have the same.
func TestCode(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-050", "SPEC-CA-042")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	app, err := w.ca.VerifyApplication(t.Context(), w.call(), w.signed(a, code))
	w.ok(err)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	answer, err := w.ca.Issue(t.Context(), w.call(), q)
	w.ok(err)
	d.takeEnvelope(answer.Envelopes[0])
	hash, codes, err := a.OpenReply(w.reply(1), answer.HolderCode)
	w.ok(err)
	if len(codes) != 1 || codes[0].Role != jpki.Auth || !bytes.Equal(codes[0].Code[:], d.item(perso.ItemCode)) || hash != d.order.Hash() {
		t.Errorf("UI app %v, card %d bytes", codes, len(d.item(perso.ItemCode)))
	}
}

// The same statements give the same bytes until the receipt, under any call;
// other ones are refused.
func TestIssueAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-043")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	first, err := w.ca.Issue(t.Context(), w.call(), q)
	w.ok(err)
	again, err := w.ca.Issue(t.Context(), w.call(), q)
	w.ok(err)
	if !bytes.Equal(first.Envelopes[0], again.Envelopes[0]) || !bytes.Equal(first.HolderCode, again.HolderCode) {
		t.Error("another envelope or reply for the same statements")
	}
	_, err = w.ca.Issue(t.Context(), w.call(), &tsmp.IssueRequest{OrderID: q.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: q.KeyStatements})
	w.refused(err, tsmp.CodeStatementMismatch) // ECDSA is random: the attestation is another
	d.takeEnvelope(first.Envelopes[0])
	_, err = w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.ok(err)
	_, err = w.ca.Issue(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeOrderClosed)
}

// A delivered key arrives whole, and is nowhere in the registry.
func TestDelivered(t *testing.T) {
	req.Covers(t, "SPEC-CA-041", "SPEC-CA-044")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginDelivered)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	_, err := w.ca.Issue(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeKeyStatements)
	q.KeyStatements = nil
	answer, err := w.ca.Issue(t.Context(), w.call(), q)
	w.ok(err)
	d.takeEnvelope(answer.Envelopes[0])
	c, err := x509.ParseCertificate(d.item(perso.ItemCertificate))
	w.ok(err)
	key := testkeys.Holder(8)
	if !key.PublicKey.Equal(c.PublicKey) || !bytes.Equal(d.item(perso.ItemP), key.Primes[0].Bytes()) && !bytes.Equal(d.item(perso.ItemP), key.Primes[1].Bytes()) {
		t.Error("the delivered key is not the certificate's")
	}
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	w.ok(s.Scan(nil, nil, func(k, v []byte) error {
		for _, p := range key.Primes {
			if bytes.Contains(v, p.Bytes()) {
				t.Errorf("a prime of the key is in the registry under %X", k)
			}
		}
		return nil
	}))
	_, err = w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.ok(err)
}
