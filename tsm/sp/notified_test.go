package sp_test

import (
	"slices"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

// events are the trail's, in order.
func (w *world) events() (list []string) {
	w.t.Helper()
	must(w.t, w.manager.Trail(ctx, 1, func(e *row.Entry) error {
		list = append(list, e.Event)
		return nil
	}))
	return list
}

// TestDoubled: a notification that comes again, under another call too, changes nothing;
// a gap is noted.
func TestDoubled(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-040")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	doubled := 0
	for range 40 {
		w.alive(func() error { _, err := w.manager.Work(ctx, w.now); return err })
		h.carrier.run(false)
		for _, n := range slices.Clone(h.carrier.notices) { // once under another call, before and after
			n.call.ID[1] = 0xDD
			identity, _ := party(mnoName, tsmp.RoleMNOTSM)
			_, err := w.deliver(w.callerOf(identity), functionOf(n.body), &n.call, n.body)
			must(t, err)
			doubled++
		}
		w.notices()
	}
	if p := h.progress(); p.Stage != tsmp.StageDone || doubled < 5 {
		t.Errorf("%+v after %d doubled", p, doubled)
	}
	for _, word := range []string{"KEYS", "ORDER", "DELIVER", "ACTIVATE"} {
		if n := len(slices.DeleteFunc(slices.Clone(h.sim().log), func(s string) bool { return s != word })); n != 1 {
			t.Errorf("the card has executed %s %d times", word, n)
		}
	}
	if slices.Contains(w.events(), "notification-gap") {
		t.Error("a gap where there is none")
	}
	// An old notification of the authority's, reordered behind a later one.
	c := w.ca.stateOf(h.phone).Certificates[0]
	held := c
	held.State, held.Reason = certificate.Suspended, certificate.CertificateHold
	w.sequence = 4
	w.certify(&tsmp.HandleCertificateStateChangeNotificationRequest{Phone: h.phone, Event: tsmp.EventResumed, Certificate: c})
	w.sequence = 3
	identity, _ := party(caName, tsmp.RoleCA)
	_, err := w.deliver(w.callerOf(identity), tsmp.HandleCertificateStateChangeNotification, &tsmp.Call{ID: tsmp.CallID{0xCE, 99}, Sent: w.now},
		&tsmp.HandleCertificateStateChangeNotificationRequest{Sequence: 4, Phone: h.phone, Event: tsmp.EventSuspended, Certificate: held})
	must(t, err)
	w.settle()
	if h.sim().phase != "active" {
		t.Error("what is old has held the card")
	}
	if !slices.Contains(w.events(), "notification-gap") {
		t.Error("numbers 1 to 4 are missing, and nothing says so")
	}
	w.check()
}

// TestStrangers: a carrier speaks of its own instances only.
func TestStrangers(t *testing.T) {
	w, h := enrolled(t)
	stranger := w.carriers[mvnName]
	identity, _ := party(mvnName, tsmp.RoleMNOTSM)
	ref := w.instance(h.phone).Reference
	at := tsmp.Notice{Sequence: 1, At: w.now}
	for i, b := range []tsmp.Body{
		&tsmp.HandleActionDoneOnServiceNotificationRequest{Notice: at, Reference: ref, Action: tsmp.CallID{1}, Outcome: tsmp.OutcomeDone, State: tsmp.ServiceTerminated},
		&tsmp.HandleEndServiceStateChangeNotificationRequest{Notice: at, Reference: ref, Phase: tsmp.PhaseRemoved, Succeeded: true},
		&tsmp.HandleServiceEnvironmentChangeNotificationRequest{Notice: at, Reference: ref, Change: tsmp.ChangeMemory},
	} {
		_, err := w.deliver(w.callerOf(identity), functionOf(b), &tsmp.Call{ID: tsmp.CallID{0x66, byte(i)}, Sent: w.now}, b)
		if refusalOf(err) != tsmp.CodeUnknownReference {
			t.Errorf("%T: %v", b, err)
		}
	}
	stranger.notify(func(n tsmp.Notice) tsmp.Body {
		return &tsmp.HandleSEStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: tsmp.SERetired}
	})
	stranger.notify(func(n tsmp.Notice) tsmp.Body {
		return &tsmp.HandleMobileSubscriptionStatusChangeNotificationRequest{Notice: n, Subscriber: h.sim().subscriber, Status: tsmp.SubscriptionEnded}
	})
	w.pass(time.Hour)
	if i := w.instance(h.phone); i.State != tsmp.ServiceDeployed || w.ca.phones[h.phone].state != certificate.Active {
		t.Errorf("%+v", i)
	}
}

// TestDevices: a phone that is lost holds, another phone ends what is under way.
func TestDevices(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-033", "SPEC-SP-TSM-034")
	w, h := enrolled(t)
	tell := func(s tsmp.DeviceStatus) {
		h.carrier.notify(func(n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEDeviceStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: s}
		})
		w.settle()
	}
	tell(tsmp.DeviceStolen)
	if p := w.ca.phones[h.phone]; p.state != certificate.Suspended || !slices.Contains(p.grounds, tsmp.GroundSubscription) || h.sim().phase != "suspended" {
		t.Errorf("stolen: %+v, %q", p, h.sim().phase)
	}
	tell(tsmp.DeviceInUse)
	if w.ca.phones[h.phone].state != certificate.Suspended {
		t.Error("found: freed without the holder's signature")
	}
	other := w.holds(1, 2, mnoName)
	must(t, other.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.step()
	other.carrier.notify(func(n tsmp.Notice) tsmp.Body {
		return &tsmp.HandleSEDeviceChangedNotificationRequest{Notice: n, SE: other.se, ProfileID: "DCP-2"}
	})
	w.pass(time.Hour)
	if p := other.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeSubscriberChanged {
		t.Errorf("another device: %+v", p)
	}
	whole(t, w, other, "another device")
	third := w.holds(2, 3, mnoName)
	third.enrol()
	third.carrier.notify(func(n tsmp.Notice) tsmp.Body {
		return &tsmp.HandleSEDeviceChangedNotificationRequest{Notice: n, SE: third.se}
	})
	w.pass(time.Hour)
	if w.ca.phones[third.phone].state != certificate.Active || w.instance(third.phone).Phase != tsmp.PhaseOperational {
		t.Error("an instance ended with the device")
	}
}

// A notice of another device that was sent before an application began, and came later, is
// of the phone that the application was begun on.
func TestLateDeviceNotice(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-036")
	for _, x := range []struct {
		after time.Duration // of the application's beginning
		ends  bool
	}{{-time.Hour, false}, {-1100 * time.Millisecond, false}, {0, true}, {2 * time.Second, true}} {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		w.pass(100 * time.Millisecond)
		at := w.now.Add(x.after).Truncate(time.Second)
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.step()
		h.carrier.notify(func(n tsmp.Notice) tsmp.Body {
			n.At = at
			return &tsmp.HandleSEDeviceChangedNotificationRequest{Notice: n, SE: h.se, ProfileID: "DCP-2"}
		})
		w.pass(time.Hour)
		if p := h.progress(); (p.Refusal == tsmp.CodeSubscriberChanged) != x.ends || (p.Stage == tsmp.StageDone) == x.ends {
			t.Errorf("sent %v after the beginning: %+v", x.after, p)
		}
	}
}

// TestEndBeforeAnswer: the carrier's answers are lost, and the ends of its actions come.
func TestEndBeforeAnswer(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-041")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	lost := map[string]bool{}
	w.lose = func(to tsmp.PartyID) bool {
		if to != mnoName || len(h.carrier.calls) == 0 {
			return false
		}
		last := h.carrier.calls[len(h.carrier.calls)-1]
		first := !lost[last]
		lost[last] = true
		return first && (last == string(tsmp.DeployService) || last == string(tsmp.EnrollSSDOwnerCertificate) || last == string(tsmp.SendScript))
	}
	w.pass(10 * time.Minute)
	if p := h.progress(); p.Stage != tsmp.StageDone || !lost[string(tsmp.SendScript)] {
		t.Errorf("%+v, %v", p, lost)
	}
	whole(t, w, h, "lost answers")
}

// TestOverdue: the carrier ends an action and its notification never comes.
func TestOverdue(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-042")
	most := stepsOf(t, tsmp.ModelSimple)
	swallowed := 0
	for n := range most {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		for range n {
			w.step()
		}
		w.alive(func() error { _, err := w.manager.Work(ctx, w.now); return err })
		h.carrier.run(false)
		if len(h.carrier.notices) == 0 {
			continue
		}
		swallowed++
		h.carrier.notices = nil
		w.pass(12 * time.Hour)
		if p := h.progress(); p.Stage != tsmp.StageDone {
			t.Errorf("after %d steps: %+v %v", n, p, w.events())
		}
		whole(t, w, h, "overdue")
	}
	if swallowed < 4 {
		t.Errorf("%d ends were swallowed", swallowed)
	}
}

// TestTrail: who did what, on whose responsibility, with what it rests on.
func TestTrail(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-051")
	w, h := enrolled(t)
	want := map[string]struct {
		actor, responsible string
		exhibits           int
	}{
		"application-started":   {string(h.app.Party), "applicant", 1},
		"application-verified":  {string(h.app.Party), "applicant", 2},
		"service-declared":      {string(mnoName), tsmp.RoleMNOTSM.String(), 2},
		"deployment":            {string(mnoName), tsmp.RoleMNOTSM.String(), 2},
		"action-done":           {string(mnoName), tsmp.RoleMNOTSM.String(), 1},
		"domain-take-over":      {string(spName), tsmp.RoleSPTSM.String(), 0},
		"order-placed":          {string(caName), tsmp.RoleCA.String(), 2},
		"certificate-issued":    {string(caName), tsmp.RoleCA.String(), 2},
		"certificate-activated": {string(caName), tsmp.RoleCA.String(), 2},
		"issue-done":            {string(spName), tsmp.RoleSPTSM.String(), 0},
	}
	must(t, w.manager.Trail(ctx, 1, func(e *row.Entry) error {
		x, ok := want[e.Event]
		if !ok || e.Refused != "" {
			return nil
		}
		if e.Actor != x.actor || e.Responsible != x.responsible || len(e.Exhibits) != x.exhibits {
			t.Errorf("%s: by %s, %s, %d exhibits; want %+v", e.Event, e.Actor, e.Responsible, len(e.Exhibits), x)
		}
		for _, b := range e.Exhibits {
			if _, found, err := w.manager.Evidence(ctx, b.Hash); err != nil || !found {
				t.Errorf("%s: %s is not there: %v", e.Event, b.Name, err)
			}
		}
		delete(want, e.Event)
		return nil
	}))
	for event := range want {
		t.Errorf("no %s", event)
	}
}
