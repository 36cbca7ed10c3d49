package mno_test

import (
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var (
	relayFirst = []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS}
	smsFirst   = []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}
)

// doneBy is the end of the action that was told last.
func doneBy(w *world) *tsmp.HandleActionDoneOnServiceNotificationRequest {
	w.t.Helper()
	all := w.told[spName]
	b, ok := all[len(all)-1].(*tsmp.HandleActionDoneOnServiceNotificationRequest)
	if !ok {
		w.t.Fatalf("told %q", names(all))
	}
	return b
}

// An app that goes away, after any number of scripts and with the responses to the last:
// the action goes on by short messages, and does nothing twice.
func TestAppGone(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078")
	for n := range 3 { // INITIALIZE UPDATE, and all commands: two scripts
		w := newWorld(t)
		c := w.customer(1)
		ref := w.declare(c, 1, tsmp.ModelSimple)
		a, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, relayFirst...))
		must(t, err)
		if x := w.join(a.Relay, c.iccid); n == 0 {
			x.over = true
		} else {
			x.left = n
		}
		if got := a.ExpectedBy.Sub(w.now); got != tsmp.MaxValidity {
			t.Errorf("expected within %v", got)
		}
		w.run()
		if len(w.sent) != 0 || w.state(ref).State != tsmp.ServiceDeploying {
			t.Fatalf("gone after %d: %d messages at once", n, len(w.sent))
		}
		w.pass(11 * time.Minute)
		wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
		wantCard(t, c.card)
		if b := doneBy(w); b.Bearer != tsmp.BearerSMS || events(w, "bearer-changed") != 1 {
			t.Errorf("gone after %d: by %v, %d changes", n, b.Bearer, events(w, "bearer-changed"))
		}
		w.pass(30 * time.Hour)
		wantRest(t, w)
	}
}

// wantRest wants nothing under way, and the store whole.
func wantRest(t *testing.T, w *world) {
	t.Helper()
	must(t, w.mno.View(ctx, func(r *store.Snapshot) error {
		return store.Workflows.Scan(r, func(x *row.Workflow) error {
			if x.State.Live() {
				t.Errorf("a workflow %q goes on", x.Kind)
			}
			return nil
		})
	}))
	w.check()
}

// An app that works with a script is not overtaken before the hold is over.
func TestAppWorks(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.sent = nil
	a, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: relayFirst})
	must(t, err)
	x := w.join(a.Relay, c.iccid)
	x.over = true
	w.pass(time.Minute)
	fetched, err := w.mno.Relay()[tsmp.FetchScript](ctx, &tsmp.Call{ID: tsmp.CallID{'a'}, Sender: "app-1", Role: tsmp.RoleUIApp}, &tsmp.FetchScriptRequest{Ticket: a.Relay.Ticket})
	must(t, err)
	w.pass(9 * time.Minute)
	if len(w.sent) != 0 {
		t.Fatal("overtaken")
	}
	f := fetched.(*tsmp.FetchScriptAnswer)
	_, err = w.mno.Relay()[tsmp.ReturnResponses](ctx, &tsmp.Call{ID: tsmp.CallID{'b'}, Sender: "app-1", Role: tsmp.RoleUIApp},
		&tsmp.ReturnResponsesRequest{Ticket: a.Relay.Ticket, Script: f.Script, Responses: [][]byte{c.card.relayed(f.Commands[0])}})
	must(t, err)
	x.done, x.over = f.Script, false
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if b := doneBy(w); b.Bearer != tsmp.BearerRelay || len(w.sent) != 0 {
		t.Errorf("by %v, %d messages", b.Bearer, len(w.sent))
	}
	w.check()
}

// Short messages that the network gives up: the action goes on by the relay, whose ticket
// the answer had, and back again when no app comes.
func TestMessagesGivenUp(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078", "SPEC-MNO-TSM-079")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.gone[c.iccid] = true
	a, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: smsFirst})
	must(t, err)
	w.run()
	if w.state(ref).State != tsmp.ServiceTerminating || events(w, "bearer-changed") != 1 {
		t.Fatalf("%+v, %d changes", w.state(ref), events(w, "bearer-changed"))
	}
	w.pass(2 * time.Minute) // no app: short messages, given up at once
	if got := events(w, "bearer-changed"); got != 3 {
		t.Fatalf("%d changes", got)
	}
	w.pass(3 * time.Minute) // the second turn is longer
	if got := events(w, "bearer-changed"); got != 3 {
		t.Fatalf("%d changes", got)
	}
	w.join(a.Relay, c.iccid)
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if b := doneBy(w); b.Bearer != tsmp.BearerRelay || len(c.card.registry) != 0 {
		t.Errorf("by %v; on the card: %v", b.Bearer, c.card.registry)
	}
	w.check()
}

// Neither bearer brings anything: the action ends in its time, by turns that grow.
func TestNeitherBearer(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.gone[c.iccid] = true
	a, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: relayFirst})
	must(t, err)
	told := len(w.told[spName])
	w.pass(a.ExpectedBy.Sub(w.now) + 2*time.Minute)
	wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceTerminating)
	if got := len(w.told[spName]) - told; got != 1 {
		t.Errorf("told %d times", got)
	}
	if got := events(w, "bearer-changed"); got < 40 || got > 70 {
		t.Errorf("%d changes in a day", got)
	}
	w.check()
}

// A message that may still arrive keeps the action from the relay, whatever an app asks.
func TestMessageMayArrive(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-079")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.off[c.iccid] = true
	a, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: smsFirst})
	must(t, err)
	w.pass(time.Hour)
	w.gone[c.iccid] = true // what was sent before may come yet
	w.pass(6 * time.Hour)
	x := w.join(a.Relay, c.iccid)
	w.run()
	if x.done != 0 || events(w, "bearer-changed") != 0 || w.state(ref).State != tsmp.ServiceTerminating {
		t.Fatalf("%d scripts by relay, %+v", x.done, w.state(ref))
	}
	w.off[c.iccid], w.gone[c.iccid] = false, false
	w.pass(12 * time.Hour)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	w.check()
}

// TestBearersCrash ends the process before each thing that it does while an action goes
// from bearer to bearer.
func TestBearersCrash(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078", "SPEC-MNO-TSM-011")
	act := func(w *world, c customer) {
		ref := tsmp.ServiceReference{'s', 1}
		s := ask[*tsmp.SubscriptionAnswer](w, tsmp.GetSEMobileSubscriptionIdentifier, &tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: c.se})
		ask[*tsmp.DeclareServiceInstanceReferenceAnswer](w, tsmp.DeclareServiceInstanceReference, &tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "jpki", SE: c.se,
			Subscriber: s.Subscriber, Model: tsmp.ModelSimple})
		wait := func(d time.Duration) {
			for end := w.now.Add(d); w.now.Before(end); {
				w.pass(time.Hour)
				if ask[*tsmp.ServiceStateAnswer](w, tsmp.GetServiceState, &tsmp.GetServiceStateRequest{Reference: ref}).Action == (tsmp.CallID{}) {
					return
				}
			}
			w.t.Fatal("the action does not end")
		}
		a := ask[*tsmp.ActionAnswer](w, tsmp.DeployService, owned(deployment(ref, tsmp.ModelSimple, relayFirst...)))
		w.join(a.Relay, c.iccid).left = 2
		wait(24 * time.Hour)
		w.gone[c.iccid] = true
		a = ask[*tsmp.ActionAnswer](w, tsmp.TerminateService, &tsmp.TerminateServiceRequest{Reference: ref, Bearers: smsFirst})
		w.join(a.Relay, c.iccid)
		w.pass(time.Minute)
		w.gone[c.iccid] = false
		wait(24 * time.Hour)
	}
	w := newWorld(t)
	c := w.customer(1)
	before := w.steps
	act(w, c)
	points, stride := w.steps-before, 2
	if testing.Short() {
		stride = 23
	}
	for n := 0; n <= points; n += stride {
		w := newWorld(t)
		c := w.customer(1)
		if w.cut = w.steps + n; n == 0 {
			w.cut = 0
		}
		act(w, c)
		if w.dead() {
			w.reboot()
		}
		ends := 0
		for _, b := range w.told[spName] {
			if b, ok := b.(*tsmp.HandleActionDoneOnServiceNotificationRequest); ok {
				if ends++; b.Outcome != tsmp.OutcomeDone {
					t.Errorf("cut %d: %v", n, b.Outcome)
				}
				if ends == 1 {
					wantAgreement(t, c.card, b)
				}
			}
		}
		if ends != 2 || len(c.card.registry) != 0 || c.card.reused != 0 {
			t.Errorf("cut %d: %d ends, on the card %v, %d packets with a counter that was used", n, ends, c.card.registry, c.card.reused)
		}
		w.pass(30 * time.Hour)
		wantRest(t, w)
		must(t, w.store.Close())
		if t.Failed() {
			return
		}
	}
	t.Logf("%d points", points)
}

// A SIM that has no number any more, with a message of before that may still come, is not
// gone on with by the relay; with none on its way it is.
func TestNumberGone(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078", "SPEC-MNO-TSM-079")
	for _, sent := range []bool{true, false} {
		w := newWorld(t)
		c := w.customer(1)
		ref := w.deploy(c, 1, tsmp.ModelSimple)
		w.off[c.iccid] = true
		if !sent {
			w.fails = delivery.ErrNoSubscriber
		}
		a, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: smsFirst})
		must(t, err)
		w.run()
		w.fails = delivery.ErrNoSubscriber
		w.join(a.Relay, c.iccid)
		w.pass(10 * time.Minute)
		if sent {
			wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceTerminating)
		} else {
			wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
		}
		w.check()
	}
}
