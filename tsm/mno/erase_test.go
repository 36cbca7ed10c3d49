package mno_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
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

// A card that refuses its erasure is left alone for longer each time, and then for good;
// the desk begins again.
func TestErasureRefused(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-076", "SPEC-MNO-TSM-077")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.off[c.iccid] = true
	_, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
	must(t, err)
	w.pass(25 * time.Hour)
	w.off[c.iccid] = false
	desk := w.mno.Desk("shop")
	for _, bad := range []error{desk.EraseAgain(ctx, tsmp.ServiceReference{'x'}), desk.EraseAgain(ctx, w.deploy(w.customer(2), 2, tsmp.ModelSimple))} {
		if !errors.Is(bad, mno.ErrDesk) {
			t.Errorf("%v", bad)
		}
	}
	c.card.refuse[gp.InsDelete] = iso7816.ConditionsNotSatisfied
	tries := func() int { return count(w, ref) }
	wait := []time.Duration{1, 2, 4, 8, 16, 24, 24}
	for n, hours := range wait {
		must(t, w.mno.Seen(ctx, c.iccid))
		w.run()
		if got := tries(); got != n+1 {
			t.Fatalf("%d tries, want %d", got, n+1)
		}
		w.now = w.now.Add(hours*time.Hour - time.Second)
		must(t, w.mno.Seen(ctx, c.iccid))
		w.run()
		if got := tries(); got != n+1 {
			t.Fatalf("%d tries before %d hours are over", got, hours)
		}
		w.now = w.now.Add(time.Second)
	}
	must(t, w.mno.Seen(ctx, c.iccid))
	w.run()
	if n, failed := events(w, "erasure-given-up"), failedErasures(w); n != 1 || failed != 1 {
		t.Fatalf("given up %d times, %d failed workflows", n, failed)
	}
	told := tries()
	w.now = w.now.Add(1000 * time.Hour)
	must(t, w.mno.Seen(ctx, c.iccid))
	w.run()
	if tries() != told || len(c.card.registry) != 3 {
		t.Fatalf("it is tried again; on the card: %v", c.card.registry)
	}
	delete(c.card.refuse, gp.InsDelete)
	must(t, desk.EraseAgain(ctx, ref))
	w.run()
	if s := w.state(ref); s.State != tsmp.ServiceTerminated || len(c.card.registry) != 0 || failedErasures(w) != 0 {
		t.Errorf("%+v; on the card: %v", s, c.card.registry)
	}
	if err := desk.EraseAgain(ctx, ref); !errors.Is(err, mno.ErrDesk) {
		t.Errorf("of what is gone: %v", err)
	}
	w.check()
}

// The desk does not wait for the hours that a card is left alone, and takes a removal up
// that ended refused.
func TestEraseAgainAtOnce(t *testing.T) {
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	c.card.refuse[gp.InsDelete] = iso7816.ConditionsNotSatisfied
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeRefused, tsmp.ServiceFailed)
	for range 3 {
		must(t, w.mno.Desk("shop").EraseAgain(ctx, ref))
		w.run()
	}
	if got := count(w, ref); got != 3 {
		t.Fatalf("%d tries", got)
	}
	delete(c.card.refuse, gp.InsDelete)
	must(t, w.mno.Desk("shop").EraseAgain(ctx, ref))
	w.run()
	if s := w.state(ref); s.State != tsmp.ServiceTerminated || len(c.card.registry) != 0 {
		t.Errorf("%+v; on the card: %v", s, c.card.registry)
	}
	w.check()
}

// count is how often the SP-TSM was told that an erasure ended without success.
func count(w *world, ref tsmp.ServiceReference) (n int) {
	for _, b := range w.told[spName] {
		if e, ok := b.(*tsmp.HandleEndServiceStateChangeNotificationRequest); ok && e.Reference == ref && !e.Succeeded {
			n++
		}
	}
	return n
}

// events counts entries of the audit trail.
func events(w *world, event string) (n int) {
	must(w.t, w.mno.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Event == event {
			n++
		}
		return nil
	}))
	return n
}

// failedErasures counts what an operator sees of them.
func failedErasures(w *world) (n int) {
	must(w.t, w.mno.View(ctx, func(r *store.Snapshot) error {
		return store.Workflows.Scan(r, func(x *row.Workflow) error {
			if x.Kind == "erase" && x.State == row.WorkflowFailed && x.Failure == tsmp.OutcomeRefused.String() {
				n++
			}
			return nil
		})
	}))
	return n
}
