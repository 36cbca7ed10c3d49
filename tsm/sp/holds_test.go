package sp_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// lose has the app say that the phone is lost.
func (h *holder) lose() {
	h.w.t.Helper()
	_, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneLost})
	must(h.w.t, err)
}

// decide has the authority hold or free a certificate on its own, and gives the notification.
func (w *world) decide(phone tsmp.PhoneID, to certificate.State) *tsmp.HandleCertificateStateChangeNotificationRequest {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	event := map[certificate.State]tsmp.Event{certificate.Suspended: tsmp.EventSuspended, certificate.Active: tsmp.EventResumed}[to]
	w.ca.phones[phone].turn(to, w.ca.whole(0))
	return &tsmp.HandleCertificateStateChangeNotificationRequest{Phone: phone, Event: event, Certificate: w.ca.stateOf(phone).Certificates[0]}
}

// happen has things happen to an instance, each before the SIM can be reached or has said
// what came of the one before.
func (h *holder) happen(what byte) {
	w := h.w
	w.t.Helper()
	switch what {
	case 'h':
		h.lose()
	case 'd':
		h.carrier.notify(func(n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEDeviceStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: tsmp.DeviceLost}
		})
	case 'l':
		must(w.t, h.apply(tsmp.PurposeSuspensionLift, h.phone))
	case 'S':
		w.certify(w.decide(h.phone, certificate.Suspended))
	case 'R':
		w.certify(w.decide(h.phone, certificate.Active))
	case 't': // the carrier gives up
		h.carrier.run(true)
		w.notices()
		w.pass(3 * time.Minute)
	}
	w.settle()
}

// agrees is that card, certificate and records say the same, and nothing is under way.
func (h *holder) agrees(what string, want certificate.State) {
	w := h.w
	w.t.Helper()
	p, i := w.ca.phones[h.phone], w.instance(h.phone)
	phase, card := tsmp.PhaseOperational, "active"
	if p.state == certificate.Suspended {
		phase, card = tsmp.PhaseHeld, "suspended"
	}
	if want != 0 && p.state != want || h.sim().phase != card || i.Phase != phase || i.Busy != "" {
		w.t.Fatalf("%s: certificate %v, card %q (%v), instance %+v\n%v", what, p.state, h.sim().phase, h.sim().log, i, w.events())
	}
	w.check()
}

// seeded is enrolled with another order of the workflows' names.
func seeded(t *testing.T, seed int) (*world, *holder) {
	w := newWorld(t)
	w.config.Entropy = entropy.Seeded(uint64(seed), "sp")
	must(t, w.restart())
	h := w.holds(0, 1, mnoName)
	h.enrol()
	return w, h
}

// TestHoldsThenLift: holds that waited for the SIM while the holder had the certificate
// freed do not hold the card after that.
func TestHoldsThenLift(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-037")
	for seed := range 8 {
		w, h := seeded(t, seed)
		h.sim().off = true
		for _, what := range "hhhhl" {
			h.happen(byte(what))
		}
		h.sim().off = false
		w.pass(time.Hour)
		h.agrees(fmt.Sprint(seed), certificate.Active)
		if n := len(slices.DeleteFunc(slices.Clone(h.sim().log), func(s string) bool { return s != "SUSPEND" })); n != 1 {
			t.Errorf("seed %d: the card was held %d times", seed, n)
		}
		if h.progress().Stage != tsmp.StageDone {
			t.Errorf("seed %d: %+v", seed, h.progress())
		}
	}
}

// TestLiftThenHold: a lift that waits for the SIM while the phone is lost again does not
// free the card.
func TestLiftThenHold(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-037", "SPEC-SP-TSM-033")
	for seed := range 8 {
		for _, last := range "hd" {
			w, h := seeded(t, seed)
			h.sim().off = true
			for _, what := range "hl" + string(last) {
				h.happen(byte(what))
			}
			h.sim().off = false
			w.pass(time.Hour)
			h.agrees(fmt.Sprintf("seed %d, %c", seed, last), certificate.Suspended)
			if slices.Contains(h.sim().log, "RESUME") {
				t.Errorf("seed %d: the card was freed in between", seed)
			}
		}
	}
}

// TestLastWords: whatever holds and frees while the SIM cannot be reached, in the end the
// card is as the certificate is.
func TestLastWords(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-037", "SPEC-SP-TSM-039")
	const words = "hlSRt"
	for n := range len(words) * len(words) * len(words) {
		w, h := seeded(t, n)
		h.sim().off = true
		what := string([]byte{'h', words[n%5], words[n/5%5], words[n/25]})
		for _, c := range what {
			h.happen(byte(c))
		}
		h.sim().off = false
		w.pass(26 * time.Hour)
		h.agrees(what, 0)
	}
}

// TestLiftFails: the certificate is free, and whatever the carrier has against the lift's
// conversation, the card is freed.
func TestLiftFails(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-037")
	w, h := enrolled(t)
	h.happen('h')
	h.carrier.refuse[tsmp.BeginConversation] = tsmp.Refuse(tsmp.CodeUnknownReference, "")
	h.happen('l')
	if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeUnknownReference {
		t.Errorf("%+v", p)
	}
	w.pass(time.Hour)
	h.agrees("freed", certificate.Active)
}

// TestLateWord: what the authority said before its last word changes nothing when it comes
// behind it.
func TestLateWord(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-038")
	w, h := enrolled(t)
	held := w.decide(h.phone, certificate.Suspended)
	w.now = w.now.Add(time.Second)
	h.happen('l')
	h.agrees("lifted", certificate.Active)
	w.certify(held)
	w.pass(time.Hour)
	h.agrees("late", certificate.Active)
	if slices.Contains(h.sim().log, "SUSPEND") {
		t.Error("the card was held")
	}
	w.now = w.now.Add(time.Second)
	h.happen('h')
	h.agrees("lost", certificate.Suspended)
}

// TestLostAnswerOfCard: a hold whose end the card does not tell may have reached it; what
// frees the card goes there, though it is not known to be held.
func TestLostAnswerOfCard(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-039")
	w, h := enrolled(t)
	h.lose()
	for h.carrier.called(tsmp.SendScript) < 1 || h.sim().phase == "active" {
		w.alive(func() error { _, err := w.manager.Work(ctx, w.now); return err })
		for _, a := range h.carrier.actions {
			a.do(h.sim())
		}
	}
	h.sim().off = true
	h.carrier.run(true) // it has not heard of it
	w.notices()
	h.happen('l') // before it is tried again
	h.sim().off = false
	w.pass(26 * time.Hour)
	h.agrees("lifted", certificate.Active)
	if i := slices.Index(h.sim().log, "RESUME"); i < 0 || slices.Contains(h.sim().log[i:], "SUSPEND") {
		t.Errorf("card: %v", h.sim().log)
	}
}

// TestRestoredHold: after a backup it is not known what the card was told since.
func TestRestoredHold(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-039")
	w, h := enrolled(t)
	w.backup()
	h.happen('h')
	h.agrees("held", certificate.Suspended)
	w.now = w.now.Add(time.Hour)
	w.goBack()
	w.pass(time.Hour)
	if i := w.instance(h.phone); i.Phase != tsmp.PhaseOperational {
		t.Fatalf("the backup is not of before: %+v", i)
	}
	h.happen('l')
	w.pass(time.Hour)
	if h.sim().phase != "active" || w.ca.phones[h.phone].state != certificate.Active || w.instance(h.phone).Phase != tsmp.PhaseOperational {
		t.Errorf("lifted: card %q, %+v", h.sim().phase, w.ca.phones[h.phone])
	}
}

// TestHoldRefused: a hold that the authority refuses is brought to the card all the same.
func TestHoldRefused(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-037")
	w, h := enrolled(t)
	w.ca.phones[h.phone].state = certificate.Revoked
	h.lose()
	w.pass(time.Hour)
	if s := h.sim(); s.phase != "suspended" {
		t.Errorf("card %q, %v", s.phase, s.log)
	}
}

// TestClockAhead: a word of an authority whose clock is ahead does not outlast later ones.
func TestClockAhead(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-038")
	w, h := enrolled(t)
	ahead := w.decide(h.phone, certificate.Active)
	ahead.Certificate.Since = ahead.Certificate.Since.Add(10_000 * time.Hour)
	w.certify(ahead)
	w.pass(time.Minute)
	w.certify(w.decide(h.phone, certificate.Suspended))
	w.pass(time.Hour)
	h.agrees("after a clock that was ahead", certificate.Suspended)
}
