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
