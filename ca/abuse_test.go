package ca

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// A service manager that comes by another one's signed application, with the code,
// gets nothing of it: no identifier by which the two could compare what they have.
func TestApplicationOfAnother(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-090", "SPEC-CA-013")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	q := w.signed(a, code)
	first, err := w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.ok(err)
	answer, err := w.ca.VerifyApplication(t.Context(), w.other(), q)
	if err == nil {
		t.Errorf("another service manager has %s about phone %s", answer.ApplicationID, answer.Phone)
	}
	w.refused(err, tsmp.CodeApplicationReplayed)
	again, err := w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.ok(err)
	if *again != *first {
		t.Errorf("%+v, then %+v", first, again)
	}
}

// Recorded is recorded: a call that was carried out before its process ended is
// answered when it is sent again after the time for signing, or the card is lost.
func TestRecordedApplication(t *testing.T) {
	req.Covers(t, "SPEC-CA-025", "SPEC-TSM-PROTOCOL-043")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	call, q := w.call(), w.signed(a, code)
	first, err := w.ca.VerifyApplication(t.Context(), call, q)
	w.ok(err)
	w.now = w.now.Add(application.MaxAge + time.Minute)
	again, err := w.ca.VerifyApplication(t.Context(), call, q)
	if err != nil || *again != *first {
		t.Errorf("%+v, later %+v, %v", first, again, err)
	}
	_, err = w.ca.VerifyApplication(t.Context(), w.call(), &tsmp.VerifyApplicationRequest{Application: q.Application, Code: application.NewCode(w.seed).Plain()})
	w.refused(err, tsmp.CodeApplicationCode)
	other, code := w.fields(application.Issue, 2)
	other.Time = w.now.Add(-application.MaxAge - time.Second)
	w.refused(w.verify(other, code), tsmp.CodeApplicationStale)
}

// Who has a lift that was signed before the holder lost the phone keeps it for
// nothing.
func TestLiftBeforeSuspension(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-091", "SPEC-CA-063")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	lift, err := w.signedFor(application.SuspensionLift, app.Phone, nil)
	w.ok(err)
	early, _ := w.fields(application.SuspensionLift, 1)
	early.Instance = app.Phone
	w.now = w.now.Add(time.Minute)
	desk := w.call()
	desk.Sender, desk.Role = "desk.inkan.example", tsmp.RoleHelpDesk
	_, err = w.ca.Suspend(t.Context(), desk, &tsmp.SuspendRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundHotline, Case: "lost"}})
	w.ok(err)
	resume := func(id tsmp.ApplicationID) error {
		_, err := w.ca.Resume(t.Context(), w.call(), &tsmp.ResumeRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: id}})
		return err
	}
	w.refused(resume(lift.ApplicationID), tsmp.CodeApplicationUsed)
	held, err := w.ca.VerifyApplication(t.Context(), w.call(), w.signed(early, application.Code{})) // signed before, brought after
	w.ok(err)
	w.refused(resume(held.ApplicationID), tsmp.CodeApplicationUsed)
	if w.state(app.Phone) != profile.Suspended {
		t.Fatalf("%v: lifted by what was signed before", w.state(app.Phone))
	}
	good, err := w.signedFor(application.SuspensionLift, app.Phone, nil)
	w.ok(err)
	w.ok(resume(good.ApplicationID))
}

// A call whose answer was lost is sent again after the next change of the same
// instance: it does not change it back.
func TestOldCallAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-092", "SPEC-TSM-PROTOCOL-043")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	by := func(role tsmp.Role, name tsmp.PartyID) *tsmp.Call {
		c := w.call()
		c.Sender, c.Role = name, role
		return c
	}
	hotline, authority := tsmp.Cause{Ground: tsmp.GroundHotline, Case: "1"}, tsmp.Cause{Ground: tsmp.GroundAuthority, Case: "2"}
	suspend, resume := by(tsmp.RoleHelpDesk, "desk.inkan.example"), by(tsmp.RoleMunicipality, "kiyose.inkan.example")
	suspended := func(c *tsmp.Call) error {
		_, err := w.ca.Suspend(t.Context(), c, &tsmp.SuspendRequest{Phone: app.Phone, Cause: hotline})
		return err
	}
	resumed := func() error {
		_, err := w.ca.Resume(t.Context(), resume, &tsmp.ResumeRequest{Phone: app.Phone, Cause: authority})
		return err
	}
	w.ok(suspended(suspend))
	w.ok(resumed())
	w.ok(suspended(suspend))
	if w.state(app.Phone) != profile.Active {
		t.Errorf("%v: suspended twice by one call", w.state(app.Phone))
	}
	w.ok(suspended(by(tsmp.RoleHelpDesk, "desk.inkan.example")))
	w.ok(resumed())
	if w.state(app.Phone) != profile.Suspended {
		t.Errorf("%v: a second suspension lifted by the first one's lift", w.state(app.Phone))
	}
	card := registry.Cause{Actor: registry.Municipality, Call: "kiyose/hold"}
	w.ok(w.reg.HoldCard(t.Context(), w.card, card))
	w.ok(w.reg.LiftCard(t.Context(), w.card, registry.Cause{Actor: registry.Municipality, Call: "kiyose/lift"}))
	w.ok(w.reg.HoldCard(t.Context(), w.card, card))
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	if c, err := s.Card(w.card); err != nil || c.State != 1 {
		t.Errorf("card %v, %v: held twice by one call", c.State, err)
	}
}

// A refusal of a function that answers with envelopes is a refusal for good, like
// any other: the same bytes do not get through later.
func TestRefusedIssueStaysRefused(t *testing.T) {
	req.Covers(t, "SPEC-CA-017", "SPEC-TSM-PROTOCOL-041")
	w := newWorld(t)
	caller, handler := w.pair()
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	call := w.call()
	call.Function = tsmp.Issue
	request, err := caller.Seal(call, &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}})
	w.ok(err)
	city := registry.Cause{Actor: registry.Municipality}
	w.ok(w.reg.HoldCard(t.Context(), w.card, city))
	first, err := handler.Handle(t.Context(), request)
	w.ok(err)
	w.ok(w.reg.LiftCard(t.Context(), w.card, city))
	w.now = w.now.Add(2 * time.Hour)
	handler.Journal = w.ca.NewJournal()
	again, err := handler.Handle(t.Context(), request)
	w.ok(err)
	if !bytes.Equal(first, again) {
		_, _, one := caller.Open(request, first)
		_, _, two := caller.Open(request, again)
		t.Errorf("answered %v, later %v", one, two)
	}
}

// The service manager's own applet beside the real one, attested by the real card,
// gets no certificate: what it generates need not stay inside.
func TestForeignApplet(t *testing.T) {
	req.Covers(t, "SPEC-CA-032")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	q := tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, 1}, InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: d.keyID()}
	foreign := q
	foreign.InstanceAID = []byte{0xA0, 0, 0, 0, 1, 2}
	_, err := w.ca.PlaceOrder(t.Context(), w.call(), &foreign)
	w.refused(err, tsmp.CodeAIDNotPermitted)
	w.config.LoadFiles = []perso.Hash{{2}}
	w.ca, err = New(w.config)
	w.ok(err)
	_, err = w.ca.PlaceOrder(t.Context(), w.call(), &q)
	w.refused(err, tsmp.CodeLoadFile)
	q.LoadFileHash = perso.Hash{2}
	_, err = w.ca.PlaceOrder(t.Context(), w.call(), &q)
	w.ok(err)
}

// attesting is an inventory that says which SIMs attest.
type attesting struct{ *world }

func (a attesting) Attests(sim [16]byte) bool { return sim[2] == 1 }

// Where cards without authority are admitted, a service manager cannot pass off
// one that has an authority as one of them.
func TestAttestationIsNotLeftOut(t *testing.T) {
	req.Covers(t, "SPEC-CA-033")
	w := newWorld(t)
	w.config.Unattested, w.config.Attestation = true, attesting{w}
	var err error
	w.ca, err = New(w.config)
	w.ok(err)
	for sim, code := range map[byte]tsmp.Code{1: tsmp.CodeUnknownAttestation, 2: ""} {
		app := w.apply(sim, jpki.OriginOnCard)
		d := newDouble(t, sim, testkeys.Holder(3))
		_, err := w.ca.PlaceOrder(t.Context(), w.call(), &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, sim},
			InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}})
		if code == "" {
			w.ok(err)
		} else {
			w.refused(err, code)
		}
	}
}

// In one process, without a handler in between, a service manager has no more
// grounds than by message.
func TestGroundsInProcess(t *testing.T) {
	req.Covers(t, "SPEC-CA-066")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	_, err := w.ca.Suspend(t.Context(), w.call(), &tsmp.SuspendRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundService, Case: "1"}})
	w.ok(err)
	for name, cause := range map[string]tsmp.Cause{
		"no application": {Ground: tsmp.GroundApplication},
		"authority":      {Ground: tsmp.GroundAuthority, Case: "1"},
		"none":           {},
	} {
		if _, err := w.ca.Resume(t.Context(), w.call(), &tsmp.ResumeRequest{Phone: app.Phone, Cause: cause}); err == nil || w.state(app.Phone) != profile.Suspended {
			t.Errorf("%s: resumed, %v", name, err)
		}
		if _, err := w.ca.Revoke(t.Context(), w.call(), &tsmp.RevokeRequest{Phone: app.Phone, Cause: cause}); err == nil {
			t.Errorf("%s: revoked", name)
		}
	}
}

// Whoever changes a reservation in the store does not get the change signed: what
// a certificate rests on is read anew.
func TestReservationIsNotBelieved(t *testing.T) {
	req.Covers(t, "SPEC-CA-045")
	w := newWorld(t)
	city := registry.Cause{Actor: registry.Municipality}
	var err error
	w.card, err = w.reg.IssueCard(t.Context(), w.person, w.now.AddDate(2, 0, 0), city)
	w.ok(err)
	w.signature, w.signer = w.certificateFor(profile.CardSignature, 6), 6
	w.authentication = w.certificateFor(profile.CardAuthentication, 7)
	d, _, _ := w.activated(1, 3)
	c, err := x509.ParseCertificate(d.item(perso.ItemCertificate))
	w.ok(err)
	row := registryRow(w, c.SerialNumber.Uint64())
	issuer := w.ca.Issuers(profile.AuthenticationAuthority).All()[0]
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	card, err := s.Card(w.card)
	w.ok(err)
	holder, err := s.Person(w.person)
	w.ok(err)
	for _, end := range []time.Time{row.NotAfter, row.NotAfter.Add(time.Second), time.Date(2031, 4, 1, 14, 59, 59, 0, time.UTC)} {
		longer := *row
		longer.NotAfter = end
		r := registry.Reservation{Certificate: longer, Holder: holder, Within: card.NotAfter}
		_, err = issuer.Sign(nil, w.ca.request(&r, &testkeys.Holder(3).PublicKey))
		var refused *certificate.Refused
		if beyond := end.After(row.NotAfter); beyond != errors.As(err, &refused) {
			t.Errorf("to %s, the card ends %s: %v", end, row.NotAfter, err)
		}
	}
}

// One application is not a source of certificates without end.
func TestOrdersWithoutEnd(t *testing.T) {
	req.Covers(t, "SPEC-CA-034", "SPEC-CA-LIFECYCLE-093")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	q := &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, 1}, InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: d.keyID()}
	var last *tsmp.Call
	for n := range MaxOrders {
		last = w.call()
		if _, err := w.ca.PlaceOrder(t.Context(), last, q); err != nil {
			t.Fatalf("order %d: %v", n+1, err)
		}
	}
	_, err := w.ca.PlaceOrder(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeRateLimited)
	_, err = w.ca.PlaceOrder(t.Context(), last, q) // the same call again is no other order
	w.ok(err)
}

// What a responder's key was once given is not given for another generation, nor
// after its revocation.
func TestResponderOfAnother(t *testing.T) {
	req.Covers(t, "SPEC-CA-004", "SPEC-CA-003")
	w := newWorld(t)
	operator := registry.Cause{Actor: registry.Operator}
	known := &registry.Refusal{Code: registry.KeyKnown}
	first := w.ca.Issuers(profile.AuthenticationAuthority).All()[0]
	key := testkeys.Signer(keys.AuthenticationOCSP, 1)
	c, err := NewResponder(t.Context(), w.reg, first, 1, key, w.now, operator)
	w.ok(err)
	again, err := NewResponder(t.Context(), w.reg, first, 1, key, w.now, operator)
	w.ok(err)
	if !again.Equal(c) {
		t.Error("another certificate for the same key")
	}
	w.now = w.now.AddDate(0, 0, 1)
	second, err := NewGeneration(t.Context(), w.reg, profile.AuthenticationAuthority, 2, testkeys.Signer(keys.AuthenticationCA, 2), w.now, operator)
	w.ok(err)
	if got, err := NewResponder(t.Context(), w.reg, second, 2, key, w.now, operator); !errors.Is(err, known) {
		t.Errorf("the second generation's responder has %v, %v", got != nil, err)
	}
	_, err = w.reg.Revoke(t.Context(), profile.AuthenticationAuthority, c.SerialNumber.Uint64(), profile.KeyCompromise, operator)
	w.ok(err)
	if got, err := NewResponder(t.Context(), w.reg, first, 1, key, w.now, operator); !errors.Is(err, known) {
		t.Errorf("a revoked responder has %v, %v", got != nil, err)
	}
}
