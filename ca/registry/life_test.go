package registry_test

import (
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// fates are the state and reason of signature, authentication and phone
// certificate after an event.
type fates [3]certificate.Reason

const untouched certificate.Reason = 0xFF

func TestEvents(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-018", "SPEC-CA-LIFECYCLE-040", "SPEC-CA-LIFECYCLE-041", "SPEC-CA-LIFECYCLE-042", "SPEC-CA-LIFECYCLE-043", "SPEC-CA-LIFECYCLE-045")
	const (
		changed, superseded, compromised, ceased = certificate.AffiliationChanged, certificate.Superseded, certificate.KeyCompromise, certificate.CessationOfOperation
	)
	for name, test := range map[string]struct {
		event func(w *world, h holder) error
		want  fates
	}{
		"change": {func(w *world, h holder) error {
			return w.ChangeAttributes(ctx, h.person, attributes("別名　花子"), cause)
		}, fates{changed, untouched, untouched}},
		"new card": {func(w *world, h holder) error {
			_, err := w.IssueCard(ctx, h.person, w.clock.now().AddDate(10, 0, 0), cause)
			return err
		}, fates{superseded, superseded, ceased}},
		"loss":       {func(w *world, h holder) error { return w.LoseCard(ctx, h.card, cause) }, fates{compromised, compromised, ceased}},
		"death":      {func(w *world, h holder) error { return w.Die(ctx, h.person, cause) }, fates{ceased, ceased, ceased}},
		"emigration": {func(w *world, h holder) error { return w.Emigrate(ctx, h.person, cause) }, fates{ceased, ceased, ceased}},
		"new signature certificate": {func(w *world, h holder) error {
			w.cardCertificate(h.card, certificate.CardSignature)
			return nil
		}, fates{superseded, untouched, untouched}},
		"new authentication certificate": {func(w *world, h holder) error {
			w.cardCertificate(h.card, certificate.CardAuthentication)
			return nil
		}, fates{untouched, superseded, ceased}},
		"hold": {func(w *world, h holder) error { return w.HoldCard(ctx, h.card, cause) },
			fates{certificate.CertificateHold, certificate.CertificateHold, untouched}},
		"revocation": {func(w *world, h holder) error {
			_, err := w.Revoke(ctx, certificate.AuthenticationAuthority, h.authentication.Serial, compromised, cause)
			return err
		}, fates{untouched, compromised, ceased}},
	} {
		for _, phone := range []certificate.State{certificate.Active, certificate.Pending} {
			t.Run(name+" "+phone.String(), func(t *testing.T) {
				w := memory(t)
				h := w.holder()
				c := w.pending(h, sim1)
				if phone == certificate.Active {
					_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
					w.ok(err)
				}
				s := w.snapshot()
				defer s.Close()
				before := s.Anchor().Number
				w.ok(test.event(w, h))
				for i, cert := range []record.Certificate{h.signature, h.authentication, c} {
					state, reason := certificate.Revoked, test.want[i]
					switch {
					case reason == certificate.CertificateHold:
						state = certificate.Suspended
					case reason == untouched && i == 2:
						state, reason = phone, 0
					case reason == untouched:
						state, reason = certificate.Active, 0
					}
					w.wantState(cert, state, reason)
				}
				after := w.snapshot()
				defer after.Close()
				if n := after.Anchor().Number - before; n > 2 { // reservation and completion at most
					t.Errorf("%d commits", n)
				}
				w.check()
			})
		}
	}
}

func TestAfterLeaving(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-043", "SPEC-CA-LIFECYCLE-015", "SPEC-CA-LIFECYCLE-050")
	w := memory(t)
	h := w.holder()
	w.ok(w.Emigrate(ctx, h.person, cause))
	_, err := w.IssueCard(ctx, h.person, w.clock.now().AddDate(1, 0, 0), cause)
	w.refused(err, registry.NotResident)
	w.refused(w.ChangeAttributes(ctx, h.person, attributes("別名"), cause), registry.NotResident)
	w.ok(w.Die(ctx, h.person, cause))
	w.refused(w.Emigrate(ctx, h.person, cause), registry.NotResident)
	_, err = w.RegisterApplication(ctx, w.request(h.signature.Serial, sim1), cause)
	w.refused(err, registry.NotResident)
}

func TestChangedHolder(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-042", "SPEC-CA-LIFECYCLE-020")
	w := memory(t)
	h := w.holder()
	o := w.order(w.apply(h, sim1))
	c := w.reserve(o)
	signatureAgain, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	w.ok(w.ChangeAttributes(ctx, h.person, attributes("別名　花子"), cause))
	_, err = w.Complete(ctx, completionOf(&c), cause)
	w.refused(err, registry.HolderChanged)
	_, err = w.Complete(ctx, completionOf(&signatureAgain.Certificate), cause)
	w.refused(err, registry.HolderChanged)
	_, err = w.RegisterApplication(ctx, w.request(h.signature.Serial, sim1), cause)
	w.refused(err, registry.HolderChanged)
	h.signature = w.cardCertificate(h.card, certificate.CardSignature)
	c = w.enrolled(h, sim1)
	if c.AttributesVersion != 2 {
		t.Errorf("attributes version %d", c.AttributesVersion)
	}
	w.check()
}

func TestHold(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-036", "SPEC-CA-LIFECYCLE-044", "SPEC-CA-LIFECYCLE-045", "SPEC-CA-LIFECYCLE-015")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	w.ok(w.HoldCard(ctx, h.card, cause))
	_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.CardOnHold)
	w.wantState(c, certificate.Pending, 0)
	_, err = w.Resume(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.refused(err, registry.CardOnHold)
	_, err = w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.refused(err, registry.CardOnHold)
	w.ok(w.LiftCard(ctx, h.card, cause))
	for _, cert := range []record.Certificate{h.signature, h.authentication} {
		w.wantState(cert, certificate.Active, 0)
	}
	_, err = w.Suspend(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.ok(err)
	if got := w.listed(certificate.SignatureAuthority, tokyo.Partition()); got[h.signature.Serial] != certificate.CertificateHold {
		t.Errorf("list %v", got)
	}
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.CardOnHold)
	_, err = w.Resume(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.ok(err)
	if got := w.listed(certificate.SignatureAuthority, tokyo.Partition()); len(got) != 0 {
		t.Errorf("list %v after the lift", got)
	}
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	_, err = w.Suspend(ctx, c.Authority, c.Serial, cause)
	w.ok(err)
	again, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	if again.State != certificate.Suspended {
		t.Error("a receipt has lifted a suspension")
	}
	w.enrolled(h, sim2)
	w.wantState(c, certificate.Revoked, certificate.Superseded)
	w.check()
}

func (w *world) listed(au certificate.Authority, partition string) map[uint64]certificate.Reason {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	list, last := map[uint64]certificate.Reason{}, uint64(0)
	w.ok(s.Revoked(au, partition, func(serial uint64, _ time.Time, reason certificate.Reason) error {
		if serial <= last {
			w.t.Fatalf("serial %d after %d", serial, last)
		}
		list[serial], last = reason, serial
		return nil
	}))
	return list
}

func TestRevocation(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-047", "SPEC-CA-LIFECYCLE-048", "SPEC-CA-LIFECYCLE-049")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	for _, reason := range []certificate.Reason{certificate.CertificateHold, certificate.RemoveFromCRL, certificate.AACompromise, certificate.CACompromise, 7, 11} {
		_, err := w.Revoke(ctx, certificate.SignatureAuthority, h.signature.Serial, reason, cause)
		w.refused(err, registry.ReasonNotAdmitted)
	}
	first, err := w.Revoke(ctx, certificate.SignatureAuthority, h.signature.Serial, certificate.KeyCompromise, cause)
	w.ok(err)
	w.wantState(c, certificate.Revoked, certificate.CessationOfOperation)
	w.clock.advance(time.Hour)
	again, err := w.Revoke(ctx, certificate.SignatureAuthority, h.signature.Serial, certificate.Superseded, cause)
	w.ok(err)
	if again != first {
		t.Errorf("revoked %+v, then %+v", first, again)
	}
	_, err = w.Resume(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.refused(err, registry.NotSuspended)
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending)
	_, err = w.Revoke(ctx, certificate.AuthenticationAuthority, 7, certificate.KeyCompromise, cause)
	w.refused(err, registry.UnknownCertificate)
	w.check()
}

// TestSuspendedParent: a receipt waits while the authentication certificate alone
// is suspended.
func TestSuspendedParent(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-036")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	_, err := w.Suspend(ctx, certificate.AuthenticationAuthority, h.authentication.Serial, cause)
	w.ok(err)
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.CardOnHold)
	w.wantState(c, certificate.Pending, 0)
}

// TestSupersededSignature: who revokes a signature certificate as superseded does
// not distrust what was signed with it.
func TestSupersededSignature(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-049")
	for reason, want := range map[certificate.Reason]certificate.State{certificate.Superseded: certificate.Pending,
		certificate.AffiliationChanged: certificate.Pending, certificate.Unspecified: certificate.Revoked} {
		w := memory(t)
		h := w.holder()
		c := w.pending(h, sim1)
		_, err := w.Revoke(ctx, certificate.SignatureAuthority, h.signature.Serial, reason, cause)
		w.ok(err)
		if got := w.state(c); got != want {
			t.Errorf("after %s the pending certificate is %s, want %s", reason, got, want)
		}
	}
}

// once carries out what was carried out before, and wants nothing of it.
func (w *world) once(what string, do func() error) {
	w.t.Helper()
	before := w.anchor()
	w.ok(do())
	if w.anchor() != before {
		w.t.Fatalf("%s: carried out twice", what)
	}
	w.check()
}

func called(name string) registry.Cause { return registry.Cause{Actor: registry.Operator, Call: name} }

// A call that is made again changes nothing, whatever has changed since; one about
// another subject is another request.
func TestCallsAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-089", "SPEC-CA-LIFECYCLE-092")
	w := memory(t)
	h, other := w.holder(), w.holder()
	c, c2 := w.enrolled(h, sim1), w.enrolled(other, sim2)
	turn, turn2 := registry.Turn{Phone: c.Phone}, registry.Turn{Phone: c2.Phone}
	change := func(id record.PersonID, name string, by registry.Cause) error {
		return w.ChangeAttributes(ctx, id, attributes(name), by)
	}
	for name, test := range map[string]struct{ do, undo, other func(by registry.Cause) error }{
		"change": {func(by registry.Cause) error { return change(h.person, "別名", by) }, func(by registry.Cause) error { return change(h.person, "印鑑", by) },
			func(by registry.Cause) error { return change(other.person, "別名", by) }},
		"hold": {func(by registry.Cause) error { return w.HoldCard(ctx, h.card, by) }, func(by registry.Cause) error { return w.LiftCard(ctx, h.card, by) },
			func(by registry.Cause) error { return w.HoldCard(ctx, other.card, by) }},
		"suspend": {func(by registry.Cause) error { return w.SuspendPhone(ctx, turn, by) }, func(by registry.Cause) error { return w.ResumePhone(ctx, turn, by) },
			func(by registry.Cause) error { return w.SuspendPhone(ctx, turn2, by) }},
	} {
		w.ok(test.do(called(name)))
		w.ok(test.undo(cause))
		w.once(name, func() error { return test.do(called(name)) })
		w.refused(test.other(called(name)), registry.DifferentRequest)
		w.ok(test.do(cause))
		w.once(name+" as it is", func() error { return test.do(cause) })
		w.ok(test.undo(cause))
	}
	id, err := w.IssueCard(ctx, h.person, w.Now().AddDate(10, 0, 0), called("card"))
	w.ok(err)
	w.once("card", func() error {
		again, err := w.IssueCard(ctx, h.person, w.Now().AddDate(10, 0, 0), called("card"))
		if again != id {
			t.Error("another card")
		}
		return err
	})
	w.check()
}

// A hold is of what is active on a card in force, and its end of what is suspended.
func TestHoldOfPart(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-004", "SPEC-CA-LIFECYCLE-040", "SPEC-CA-LIFECYCLE-045")
	w := memory(t)
	h, lost := w.holder(), w.holder()
	_, err := w.Revoke(ctx, h.signature.Authority, h.signature.Serial, certificate.KeyCompromise, cause)
	w.ok(err)
	w.ok(w.HoldCard(ctx, h.card, cause))
	w.wantState(h.signature, certificate.Revoked, certificate.KeyCompromise)
	w.wantState(h.authentication, certificate.Suspended, certificate.CertificateHold)
	w.ok(w.LiftCard(ctx, h.card, cause))
	w.wantState(h.signature, certificate.Revoked, certificate.KeyCompromise)

	w.ok(w.HoldCard(ctx, lost.card, cause))
	w.ok(w.LoseCard(ctx, lost.card, cause)) // while it is held
	w.wantState(lost.authentication, certificate.Revoked, certificate.KeyCompromise)
	w.refused(w.HoldCard(ctx, lost.card, cause), registry.CardNotInForce)
	w.refused(w.LiftCard(ctx, lost.card, cause), registry.CardNotInForce)
	replaced := w.holder()
	w.newCard(&holder{person: replaced.person})
	w.refused(w.LoseCard(ctx, replaced.card, cause), registry.CardNotInForce)
	w.clock.seconds.Store(h.authentication.NotAfter.Unix() + 1)
	w.ok(w.HoldCard(ctx, h.card, cause))
	w.wantState(h.authentication, certificate.Active, 0)
	w.check()
}

// The revocation of a certificate ends the application that rests on it, and no other.
func TestRevocationAndApplications(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-047", "SPEC-CA-LIFECYCLE-048", "SPEC-CA-LIFECYCLE-049", "SPEC-CA-LIFECYCLE-084")
	w := memory(t)
	revoke := func(c record.Certificate) {
		t.Helper()
		_, err := w.Revoke(ctx, c.Authority, c.Serial, certificate.KeyCompromise, cause)
		w.ok(err)
		w.once("revocation", func() error {
			_, err := w.Revoke(ctx, c.Authority, c.Serial, certificate.Superseded, cause)
			return err
		})
	}
	place := func(app record.Application) error {
		_, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: app.SIM, Instance: aid}, cause)
		return err
	}
	h := w.holder()
	phone := w.enrolled(h, sim1)
	h.signature = w.cardCertificate(h.card, certificate.CardSignature)
	if phone.Serial != h.signature.Serial {
		t.Fatalf("serial numbers %d and %d, want the same of both authorities", phone.Serial, h.signature.Serial)
	}
	app := w.apply(h, sim2)
	revoke(phone)
	w.ok(place(app)) // it rests on neither the earlier phone's certificate nor on one of the other authority
	revoke(phone)

	pending := w.complete(w.reserve(w.order(app)))
	revoke(w.cardCertificate(h.card, certificate.CardSignature)) // not what the application was signed with
	w.once("revocation of what is superseded", func() error {
		_, err := w.Revoke(ctx, h.signature.Authority, h.signature.Serial, certificate.KeyCompromise, cause)
		return err
	})
	w.wantState(pending, certificate.Pending, 0)
	revoke(pending)
	w.refused(place(app), registry.ApplicationClosed)

	other := w.holder()
	app = w.apply(other, sim1)
	w.ok(w.RevokePhone(ctx, registry.Turn{Phone: pending.Phone}, certificate.KeyCompromise, cause)) // another person's
	revoke(other.signature)
	w.refused(place(app), registry.ApplicationClosed)
	w.check()
}
