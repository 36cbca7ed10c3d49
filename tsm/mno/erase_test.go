package mno_test

import (
	"slices"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// A card that is not reached is erased when it is heard of again, and the SP-TSM told.
func TestErasureOnContact(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-054")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.off[c.iccid] = true
	_, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
	must(t, err)
	w.pass(25 * time.Hour)
	wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceTerminating)
	if len(c.card.registry) != 3 {
		t.Fatalf("on the card: %v", c.card.registry)
	}
	w.told = map[tsmp.PartyID][]tsmp.Body{}
	w.pass(100 * time.Hour) // nothing is tried while nothing is heard
	if len(w.told[spName]) != 0 {
		t.Fatalf("told %q", names(w.told[spName]))
	}
	w.off[c.iccid] = false
	must(t, w.mno.Seen(ctx, c.iccid))
	c.card.refuse[gp.InsDelete] = iso7816.ConditionsNotSatisfied
	w.run()
	if got := names(w.told[spName]); !slices.Equal(got, []string{"StartServiceStateChange", "EndServiceStateChange"}) {
		t.Fatalf("told %q", got)
	}
	if b := w.told[spName][1].(*tsmp.HandleEndServiceStateChangeNotificationRequest); b.Succeeded || b.Phase != tsmp.PhaseRemoved {
		t.Errorf("%+v", b)
	}
	delete(c.card.refuse, gp.InsDelete)
	must(t, w.mno.Seen(ctx, c.iccid)) // too soon
	w.run()
	if len(w.told[spName]) != 2 {
		t.Fatalf("told %q", names(w.told[spName]))
	}
	w.now = w.now.Add(time.Hour)
	must(t, w.mno.Seen(ctx, c.iccid))
	w.run()
	if b := w.told[spName][3].(*tsmp.HandleEndServiceStateChangeNotificationRequest); !b.Succeeded {
		t.Errorf("%+v", b)
	}
	if s := w.state(ref); s.State != tsmp.ServiceTerminated || s.Domain != tsmp.DomainAbsent || len(c.card.registry) != 0 {
		t.Errorf("%+v; on the card: %v", s, c.card.registry)
	}
	must(t, w.mno.Seen(ctx, "8981110000000009999"))
	w.check()
}

// Another removal takes the place of the one that waits.
func TestTerminateAgain(t *testing.T) {
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	for range 2 {
		w.off[c.iccid] = true
		_, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
		must(t, err)
		w.pass(25 * time.Hour)
		wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceTerminating)
	}
	w.off[c.iccid] = false
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	told := len(w.told[spName])
	must(t, w.mno.Seen(ctx, c.iccid))
	w.run()
	if len(w.told[spName]) != told {
		t.Error("the removal that waited goes on")
	}
	w.terminate(ref) // there is nothing any more
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	declared := w.declare(c, 2, tsmp.ModelSimple)
	w.terminate(declared)
	wantDone(t, w, declared, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	w.check()
}

// A relay that the app abandons, and one that it loses on the way.
func TestRelayLost(t *testing.T) {
	w := newWorld(t)
	c := w.customer(1)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	deploy := func() *app {
		a, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerRelay))
		must(t, err)
		return w.join(a.Relay, c.iccid)
	}
	x := deploy()
	x.broken = 2
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	wantCard(t, c.card)
	w.terminate(ref)
	ref = w.declare(c, 2, tsmp.ModelSimple)
	deploy().over = true
	w.pass(2 * time.Hour)
	wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceDeclared)
	w.check()
}
