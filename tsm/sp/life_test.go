package sp_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

func refusalOf(err error) tsmp.Code {
	var e *tsmp.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// enrolled is a world with one issue done.
func enrolled(t *testing.T) (*world, *holder) {
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	h.enrol()
	return w, h
}

// TestPINReset: the order goes to the card first, and what is signed is its challenge.
func TestPINReset(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-025", "SPEC-SP-TSM-029")
	w, h := enrolled(t)
	news := func(want ...tsmp.News) {
		t.Helper()
		if !slices.Equal(h.carrier.news, want) {
			t.Errorf("the holder was told %v, want %v", h.carrier.news, want)
		}
	}
	if err := h.begin(tsmp.PurposePINReset, h.phone); err != nil {
		t.Fatal(err)
	}
	w.settle()
	p := h.progress()
	if p.Stage != tsmp.StageSign || p.Order == nil || p.Order.Challenge != [16]byte{7} {
		t.Fatalf("%+v", p)
	}
	news(tsmp.NewsPINResetOrdered)
	a := h.fields(tsmp.PurposePINReset, h.phone)
	a.Order = application.OrderProof{Hash: p.Order.Hash, Challenge: [16]byte{8}}
	if err := h.submit(a); refusalOf(err) != tsmp.CodeApplicationPurpose {
		t.Errorf("another challenge: %v", err)
	}
	if err := h.begin(tsmp.PurposePINReset, h.phone); err != nil { // the refusal ended the first
		t.Fatal(err)
	}
	w.settle()
	a = h.fields(tsmp.PurposePINReset, h.phone)
	a.Order = application.OrderProof{Hash: h.progress().Order.Hash, Challenge: h.progress().Order.Challenge}
	if err := h.submit(a); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if p := h.progress(); p.Stage != tsmp.StageDone || string(p.Reply) != "sealed reset" {
		t.Errorf("%+v", p)
	}
	news(tsmp.NewsPINResetOrdered, tsmp.NewsPINResetOrdered, tsmp.NewsPINResetDone)
	if !slices.Contains(w.events(), "holder-notified") {
		t.Error("it is not in the audit trail")
	}
	if w.ca.called(tsmp.SealPINReset) != 1 || !slices.Contains(h.sim().log, "CODE") {
		t.Errorf("authority %v, card %v", w.ca.calls, h.sim().log)
	}
	w.check()
}

// TestPINResetEnds: who does not sign in ten minutes begins again.
func TestPINResetEnds(t *testing.T) {
	w, h := enrolled(t)
	if err := h.begin(tsmp.PurposePINReset, h.phone); err != nil {
		t.Fatal(err)
	}
	w.pass(11 * time.Minute)
	if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeApplicationStale {
		t.Errorf("%+v", p)
	}
	if i := w.instance(h.phone); i.Busy != "" || i.Phase != tsmp.PhaseOperational {
		t.Errorf("%+v", i)
	}
	w.check()
}

// TestRevocation: the certificate first, then the card.
func TestRevocation(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-024")
	w, h := enrolled(t)
	other := w.holds(0, 7, mnoName) // another phone of the same person
	if err := other.apply(tsmp.PurposeRevocation, h.phone); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if p := other.progress(); p.Stage != tsmp.StageDone || p.Reply != nil {
		t.Errorf("%+v", p)
	}
	gone(t, w, h)
}

// gone is that nothing of an instance is left.
func gone(t *testing.T, w *world, h *holder) {
	t.Helper()
	s := h.sim()
	if s.phase != "" || s.domain != "" || s.software {
		t.Errorf("card: %+v", s)
	}
	if p := w.ca.phones[h.phone]; p.state == certificate.Active || p.open {
		t.Errorf("authority: %+v", p)
	}
	if i, found, err := w.manager.Instance(ctx, h.phone); err != nil || found && (i.State != tsmp.ServiceTerminated || i.Domain != tsmp.DomainAbsent || i.Busy != "") {
		t.Errorf("%+v %v", i, err)
	}
	w.check()
}

// TestDisposal erases with a statement, removes, and asks the authority first.
func TestDisposal(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-020", "SPEC-SP-TSM-026")
	w, h := enrolled(t)
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneDisposed}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	gone(t, w, h)
	if !w.ca.phones[h.phone].erased {
		t.Error("the authority has no statement of erasure")
	}
	if i := slices.Index(w.ca.calls, "Revoke"); i < 0 || i > slices.Index(w.ca.calls, "ReportErase") {
		t.Errorf("%v", w.ca.calls)
	}
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneDisposed}); refusalOf(err) != tsmp.CodeWrongState {
		t.Errorf("disposed again: %v", err)
	}
}

// TestLossAndLift: a loss holds certificate and card, and only a signature lifts it.
func TestLossAndLift(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-022", "SPEC-SP-TSM-023")
	w, h := enrolled(t)
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneLost}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if w.ca.phones[h.phone].state != certificate.Suspended || h.sim().phase != "suspended" || w.instance(h.phone).Phase != tsmp.PhaseHeld {
		t.Fatalf("authority %v, card %q", w.ca.phones[h.phone].state, h.sim().phase)
	}
	if err := h.apply(tsmp.PurposeSuspensionLift, h.phone); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if p := h.progress(); p.Stage != tsmp.StageDone {
		t.Errorf("%+v", p)
	}
	if w.ca.phones[h.phone].state != certificate.Active || h.sim().phase != "active" || w.instance(h.phone).Phase != tsmp.PhaseOperational {
		t.Errorf("authority %v, card %q", w.ca.phones[h.phone].state, h.sim().phase)
	}
	w.check()
}

// TestTransfer: the new one is active and the old one erased, or queued until its SIM
// can be reached.
func TestTransfer(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-021", "SPEC-SP-TSM-028")
	for _, off := range []bool{false, true} {
		w, old := enrolled(t)
		old.sim().off = off
		h := w.holds(0, 2, mvnName)
		if err := h.apply(tsmp.PurposeTransfer, old.phone); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if p := h.progress(); p.Stage != tsmp.StageDone {
			t.Fatalf("%+v", p)
		}
		if w.ca.phones[h.phone].state != certificate.Active || h.sim().phase != "active" {
			t.Error("not active")
		}
		if off {
			if i := w.instance(old.phone); i.Busy != "erase" || old.sim().phase != "active" {
				t.Errorf("%+v", i)
			}
			old.carrier.run(true)
			w.pass(3 * time.Hour)
			old.carrier.run(true)
			old.sim().off = false
			w.pass(2 * 24 * time.Hour)
		}
		gone(t, w, old)
		if !w.ca.phones[old.phone].erased {
			t.Error("erased without a statement")
		}
	}
}

// TestRenewal puts the next certificate into the same domain: nothing is loaded again.
func TestRenewal(t *testing.T) {
	w, h := enrolled(t)
	before := h.phone
	reference := w.instance(before).Reference
	h.enrol()
	if h.phone == before || w.instance(h.phone).Reference != reference {
		t.Error("another instance")
	}
	if w.ca.phones[before].state != certificate.Revoked || !w.ca.phones[before].erased || w.ca.phones[h.phone].state != certificate.Active {
		t.Error("states of the authority")
	}
	if n := h.carrier.called(tsmp.DeployService); n != 2 { // without and with the load file
		t.Errorf("%d deployments", n)
	}
	w.check()
}

// TestNotifications of the authority reach the card.
func TestNotifications(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-027")
	w, h := enrolled(t)
	tell := func(e tsmp.Event, s certificate.State, erase bool) {
		c := w.ca.stateOf(h.phone).Certificates[0]
		c.State, c.Reason = s, 0
		if s == certificate.Suspended {
			c.Reason = certificate.CertificateHold
		}
		w.certify(&tsmp.HandleCertificateStateChangeNotificationRequest{Phone: h.phone, Event: e, Certificate: c, Erase: erase})
		w.settle()
	}
	tell(tsmp.EventSuspended, certificate.Suspended, false)
	if h.sim().phase != "suspended" {
		t.Error("not held")
	}
	tell(tsmp.EventResumed, certificate.Active, false)
	if h.sim().phase != "active" {
		t.Error("not freed")
	}
	w.ca.phones[h.phone].state = certificate.Revoked
	tell(tsmp.EventCardLost, certificate.Revoked, true)
	gone(t, w, h)
	if !w.ca.phones[h.phone].erased || w.ca.called(tsmp.Revoke) != 0 {
		t.Errorf("%v", w.ca.calls)
	}
}

// TestOtherAppsKey: whatever is asked about another app's application or instance is
// answered as if there were none.
func TestOtherAppsKey(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-102")
	w, h := enrolled(t)
	other := w.holds(1, 2, mnoName)
	other.nonce, other.phone = h.nonce, h.phone
	if err := h.begin(tsmp.PurposeRevocation, h.phone); err != nil {
		t.Fatal(err)
	}
	calls := []struct {
		f    tsmp.Function
		b    tsmp.Body
		want tsmp.Code
	}{
		{tsmp.GetProgress, &tsmp.GetProgressRequest{Nonce: h.nonce}, tsmp.CodeUnknownSession},
		{tsmp.CancelApplication, &tsmp.CancelApplicationRequest{Nonce: h.nonce}, tsmp.CodeUnknownSession},
		{tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: h.nonce, Application: []byte("x")}, tsmp.CodeUnknownSession},
		{tsmp.GetServiceInstance, &tsmp.GetServiceInstanceRequest{Phone: h.phone}, tsmp.CodeUnknownPhone},
		{tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneDisposed}, tsmp.CodeUnknownPhone},
		{tsmp.StartApplication, &tsmp.StartApplicationRequest{Purpose: tsmp.PurposePINReset, SE: h.se, Phone: h.phone, DeviceProfile: "D", Version: "1", Language: tsmp.English}, tsmp.CodeUnknownPhone},
	}
	for _, c := range calls {
		if _, err := other.call(c.f, c.b); refusalOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.f, err, c.want)
		}
		wrong := c.want
		switch q := c.b.(type) { // and so is one that nobody has
		case *tsmp.GetProgressRequest:
			q.Nonce[0]++
		case *tsmp.CancelApplicationRequest:
			q.Nonce[0]++
		case *tsmp.SubmitApplicationRequest:
			q.Nonce[0]++
		case *tsmp.GetServiceInstanceRequest:
			q.Phone[0]++
		case *tsmp.ReportEventRequest:
			q.Phone[0]++
		case *tsmp.StartApplicationRequest:
			q.Phone[0]++
		}
		if _, err := h.call(c.f, c.b); refusalOf(err) != wrong {
			t.Errorf("%s of nobody's: %v, want %s", c.f, err, wrong)
		}
	}
	if _, err := h.call(tsmp.GetServiceInstance, &tsmp.GetServiceInstanceRequest{Phone: h.phone}); err != nil {
		t.Error(err)
	}
}

// TestOneTimeCode: five wrong ones end the session, and so do ten minutes.
func TestOneTimeCode(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-106")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	right := h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})
	wrong := h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})
	wrong.Commit(application.Code{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B'})
	for i := range 4 {
		if err := h.submit(wrong); refusalOf(err) != tsmp.CodeApplicationCode {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if w.ca.called(tsmp.VerifyApplication) != 0 {
		t.Error("the authority was asked with a wrong code")
	}
	must(t, h.submit(right))

	must(t, w.restart())
	h = w.holds(0, 2, mnoName)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	wrong = h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})
	right = h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})
	wrong.Commit(application.Code{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B'})
	for range 5 {
		if err := h.submit(wrong); refusalOf(err) != tsmp.CodeApplicationCode {
			t.Fatal(err)
		}
	}
	if err := h.submit(right); refusalOf(err) != tsmp.CodeApplicationUsed {
		t.Errorf("after five: %v", err)
	}
	if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeApplicationCode {
		t.Errorf("%+v", p)
	}

	h = w.holds(0, 3, mnoName)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	code := h.carrier.codes[h.se]
	w.now = w.now.Add(10*time.Minute + time.Second)
	if err := h.submit(h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})); refusalOf(err) != tsmp.CodeApplicationCode {
		t.Errorf("late: %v", err)
	}
	h2 := w.holds(0, 4, mnoName) // the code of another nonce and SIM
	must(t, h2.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	h2.carrier.codes[h2.se] = code
	if err := h2.submit(h2.fields(tsmp.PurposeIssue, tsmp.PhoneID{})); refusalOf(err) != tsmp.CodeApplicationCode {
		t.Errorf("another's code: %v", err)
	}
}

// TestForgedAuthority: a card whose authority has no good certificate gets no domain, no
// order and nothing secret.
func TestForgedAuthority(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-085")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	h.carrier.bad = true
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.pass(time.Minute)
	if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeUnknownAttestation {
		t.Errorf("%+v", p)
	}
	if h.carrier.called(tsmp.DeployService)+h.carrier.called(tsmp.SendScript)+w.ca.called(tsmp.PlaceOrder) != 0 {
		t.Errorf("%v %v", h.carrier.calls, w.ca.calls)
	}
	gone(t, w, h)
}

// TestOrderAfterTakeOver: the first thing that goes to the domain is the agreement, and
// nothing is ordered before it.
func TestOrderAfterTakeOver(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-012", "SPEC-TSM-PROTOCOL-085")
	for _, separate := range []bool{false, true} {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		h.carrier.separate = separate
		agreement := tsmp.DeployService
		if separate {
			agreement = tsmp.EnrollSSDOwnerCertificate
		}
		h.enrol()
		at, script := slices.Index(h.carrier.calls, string(agreement)), slices.Index(h.carrier.calls, string(tsmp.SendScript))
		if at < 0 || script < at || h.sim().log[0] != "KEYS" {
			t.Errorf("%v %v", h.carrier.calls, h.sim().log)
		}
	}
}
