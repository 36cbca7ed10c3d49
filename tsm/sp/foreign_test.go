package sp_test

import (
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// TestOtherAuthority: what another authority notifies is refused, whatever its key.
func TestOtherAuthority(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-027")
	w, h := enrolled(t)
	identity, key := party("ca.elsewhere", tsmp.RoleCA)
	w.keys[key.ID] = key
	c := w.ca.stateOf(h.phone).Certificates[0]
	c.State, c.Reason = certificate.Revoked, certificate.CessationOfOperation
	q := &tsmp.HandleCertificateStateChangeNotificationRequest{Sequence: 1, Phone: h.phone, Event: tsmp.EventRevoked, Erase: true, Certificate: c}
	_, err := w.deliver(w.callerOf(identity), tsmp.HandleCertificateStateChangeNotification, &tsmp.Call{ID: tsmp.CallID{0xCE}, Sent: w.now}, q)
	if refusalOf(err) != tsmp.CodeNotAuthorised {
		t.Errorf("%v", err)
	}
	w.pass(time.Minute)
	if s := w.instance(h.phone); s.State != tsmp.ServiceDeployed {
		t.Errorf("%+v", s)
	}
}

// TestOddBearer: a carrier whose conversations are by another bearer than asked for does
// not keep a workflow busy without end.
func TestOddBearer(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-014")
	w, h := enrolled(t)
	h.carrier.odd = true
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneLost}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if n := h.carrier.called(tsmp.BeginConversation); n > 20 {
		t.Errorf("%d conversations in a minute", n)
	}
	h.carrier.odd = false
	w.pass(25 * time.Hour)
	if s := w.instance(h.phone); s.Phase != tsmp.PhaseHeld {
		t.Errorf("%+v", s)
	}
}
