package mno_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// ask makes a call until it is answered, the same bytes each time.
func ask[A tsmp.Body](w *world, f tsmp.Function, b tsmp.Body) A {
	w.t.Helper()
	c := w.as(spName)
	call := w.call()
	call.Function = f
	sealed, err := c.Seal(call, b)
	must(w.t, err)
	for range 5 {
		answer, err := c.Send(context.Background(), sealed)
		if w.dead() {
			w.reboot()
			c = w.as(spName)
			continue
		}
		must(w.t, err)
		return answer.(A)
	}
	w.t.Fatal("no answer")
	panic("")
}

// life is a service instance from its declaration to its end, over both bearers.
func life(w *world, c customer) tsmp.ServiceReference {
	ref := tsmp.ServiceReference{'s', 1}
	s := ask[*tsmp.SubscriptionAnswer](w, tsmp.GetSEMobileSubscriptionIdentifier, &tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: c.se})
	ask[*tsmp.DeclareServiceInstanceReferenceAnswer](w, tsmp.DeclareServiceInstanceReference, &tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "jpki", SE: c.se,
		Subscriber: s.Subscriber, Model: tsmp.ModelSimple})
	act := func(f tsmp.Function, b tsmp.Body) {
		a := ask[*tsmp.ActionAnswer](w, f, b)
		if a.Relay != nil {
			w.join(a.Relay, c.iccid)
		}
		for range 10 {
			w.pass(10 * time.Minute)
			if ask[*tsmp.ServiceStateAnswer](w, tsmp.GetServiceState, &tsmp.GetServiceStateRequest{Reference: ref}).Action == (tsmp.CallID{}) {
				return
			}
		}
		w.t.Fatalf("%s does not end", f)
	}
	control, public := templates(gp.ScenarioKeyAgree)
	relay := []tsmp.Bearer{tsmp.BearerRelay}
	act(tsmp.DeployService, owned(deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS)))
	act(tsmp.EnrollSSDOwnerCertificate, &tsmp.EnrollSSDOwnerCertificateRequest{Reference: ref, Control: control, PublicKey: public, Bearers: relay})
	talk := ask[*tsmp.BeginConversationAnswer](w, tsmp.BeginConversation, &tsmp.BeginConversationRequest{Reference: ref, Bearers: relay})
	w.join(talk.Relay, c.iccid)
	act(tsmp.SendScript, &tsmp.SendScriptRequest{Conversation: talk.Conversation, Script: 1, AID: domainAID, Form: tsmp.FormCommands, Commands: [][]byte{{0x80, 0xCA, 0xFF, 0x21, 0}}})
	ask[*tsmp.EndConversationAnswer](w, tsmp.EndConversation, &tsmp.EndConversationRequest{Conversation: talk.Conversation})
	act(tsmp.SuspendOrResumeService, &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: bySMS})
	act(tsmp.SuspendOrResumeService, &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Resume: true, Bearers: relay})
	act(tsmp.TerminateService, &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
	return ref
}

// TestCrash ends the process before each thing that it does: another one goes on, and
// nothing is lost, done twice or told twice.
func TestCrash(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-083", "SPEC-TSM-PROTOCOL-084", "SPEC-MNO-TSM-010", "SPEC-MNO-TSM-011")
	w := newWorld(t)
	w.customer(1)
	before := w.steps
	life(w, customer{se: tsmp.SEID{0xE5, 1}, iccid: "8981110000000000001"})
	lived(t, w, "whole")
	points := w.steps - before
	stride := 4
	if testing.Short() {
		stride = 29
	}
	for n := 1; n <= points; n += stride {
		w := newWorld(t)
		c := w.customer(1)
		w.cut = w.steps + n
		life(w, c)
		if w.dead() {
			w.reboot()
		}
		if w.draws != 2 {
			t.Errorf("cut %d: %d processes", n, w.draws)
		}
		lived(t, w, fmt.Sprint("cut ", n))
		if t.Failed() {
			return
		}
	}
	t.Logf("%d points", points)
}

// lived checks what holds after a life.
func lived(t *testing.T, w *world, what string) {
	t.Helper()
	ends := map[tsmp.CallID]tsmp.Outcome{}
	for i, b := range w.told[spName] {
		if n := noticeOf(b).Sequence; n != uint64(i+1) {
			t.Errorf("%s: notification %d has the number %d", what, i+1, n)
		}
		if b, ok := b.(*tsmp.HandleActionDoneOnServiceNotificationRequest); ok {
			if _, twice := ends[b.Action]; twice {
				t.Errorf("%s: the end of an action was told twice", what)
			}
			ends[b.Action] = b.Outcome
		}
	}
	if len(ends) != 6 {
		t.Errorf("%s: %d actions ended", what, len(ends))
	}
	for _, c := range w.cards {
		if len(c.registry) != 0 {
			t.Errorf("%s: on the card: %v", what, c.registry)
		}
		if c.reused != 0 {
			t.Errorf("%s: %d packets with a counter that was used", what, c.reused)
		}
	}
	must(t, w.mno.View(ctx, func(r *store.Snapshot) error {
		return store.Workflows.Scan(r, func(x *row.Workflow) error {
			if x.State.Live() && x.Kind != "delivery-relay" {
				t.Errorf("%s: a workflow %q goes on", what, x.Kind)
			}
			return nil
		})
	}))
	w.check()
	must(t, w.store.Close())
}
