package mno_test

import (
	"errors"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// codeRow is the only code under way or over.
func codeRow(w *world) (found row.Workflow) {
	w.t.Helper()
	must(w.t, w.mno.View(ctx, func(r *store.Snapshot) error {
		return store.Workflows.Scan(r, func(x *row.Workflow) error {
			if x.Kind == "code" {
				found = *x
			}
			return nil
		})
	}))
	return found
}

// A code that the network does not take is offered again until its time is over, and goes
// to no SIM that is blocked, or another contract's by then.
func TestCodeOnItsWay(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-033")
	const lasts = time.Minute
	lost := errors.New("connection lost")
	for name, x := range map[string]struct {
		fails error
		then  func(w *world, c customer)
		sent  int
		tries int // at least
		state row.WorkflowState
	}{
		"taken later": {fails: lost, then: func(w *world, _ customer) { w.fails = nil }, sent: 1, tries: 1, state: row.WorkflowDone},
		"never taken": {fails: lost, then: func(*world, customer) {}, tries: 5, state: row.WorkflowFailed},
		"no number":   {fails: delivery.ErrNoSubscriber, then: func(*world, customer) {}, tries: 1, state: row.WorkflowFailed},
		"blocked":     {fails: lost, then: func(w *world, c customer) { must(w.t, w.mno.Desk("x").BlockSIM(ctx, c.se)); w.fails = nil }, tries: 1, state: row.WorkflowFailed},
		"time over":   {fails: lost, then: func(w *world, _ customer) { w.now, w.fails = w.now.Add(lasts), nil }, tries: 1, state: row.WorkflowFailed},
		"other contract": {fails: lost, then: func(w *world, c customer) {
			other := w.customer(2)
			must(w.t, w.mno.Desk("x").EndSubscriber(ctx, other.id))
			must(w.t, w.tenant.Step(ctx, func(tx *store.Tx) error {
				return store.SIMs.Change(tx, c.se, func(s *row.SIM) error { s.Subscriber = other.id; return nil })
			}))
			w.fails = nil
		}, tries: 1, state: row.WorkflowFailed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.customer(1)
			w.fails = x.fails
			_, err := w.as(spName).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: c.se, Subscriber: w.subscriber(spName, c), Code: "CODE12345678",
				Language: tsmp.English, Until: w.now.Add(lasts)})
			must(t, err)
			w.run()
			x.then(w, c)
			w.pass(2 * lasts)
			r := codeRow(w)
			if len(w.sent) != x.sent || w.failed < x.tries || x.tries == 1 && w.failed > 1 || r.State != x.state {
				t.Errorf("%d sent, %d times failed, %v %s", len(w.sent), w.failed, r.State, r.Failure)
			}
			if n := events(w, "code-sent"); n != 1 {
				t.Errorf("%d entries of the audit trail", n)
			}
		})
	}
}

// A code for another contract's SIM is refused, whoever the SIM's own contract is.
func TestCodeForAnother(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-033")
	w := newWorld(t)
	one, other := w.customer(1), w.customer(2)
	_, err := w.as(spName).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: other.se, Subscriber: w.subscriber(spName, one), Code: "CODE12345678",
		Language: tsmp.English, Until: w.now.Add(time.Minute)})
	wantCode(t, err, tsmp.CodeSubscriberChanged)
	w.run()
	if len(w.sent) != 0 {
		t.Errorf("%d messages", len(w.sent))
	}
}

// A card is asked once, and what it does not answer leaves what it said before.
func TestAuditTroubles(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-058")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	ask := func(age uint64) (*tsmp.GetApplicationOrELFStatusAnswer, error) {
		return w.as(spName).GetApplicationOrELFStatus(ctx, w.call(), &tsmp.GetApplicationOrELFStatusRequest{Reference: ref, MaxAge: age})
	}
	for range 2 {
		_, err := ask(0)
		wantCode(t, err, tsmp.CodeAuditPending)
	}
	w.run()
	if n := events(w, "card-audited"); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	w.now = w.now.Add(100 * time.Hour)
	first, err := ask(0) // of any age
	must(t, err)
	if w.now.Sub(first.AsOf) < 99*time.Hour || len(first.Entries) != 3 {
		t.Errorf("%+v", first)
	}
	w.off[c.iccid] = true
	_, err = ask(60)
	wantCode(t, err, tsmp.CodeAuditPending)
	w.pass(25 * time.Hour)
	again, err := ask(0)
	must(t, err)
	if !again.AsOf.Equal(first.AsOf) || len(again.Entries) != 3 {
		t.Errorf("%+v", again)
	}
	refused := 0
	must(t, w.mno.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Event == "card-audited" && e.Refused == tsmp.OutcomeUnreachable.String() {
			refused++
		}
		if e.Event == "card-audited" && (e.Refused == "") != (len(e.Exhibits) == 1) {
			t.Errorf("%+v", e)
		}
		return nil
	}))
	if refused != 1 {
		t.Errorf("%d audits that nothing came of", refused)
	}
	w.off[c.iccid] = false
	must(t, w.mno.Desk("x").BlockSIM(ctx, c.se))
	_, err = ask(60) // nothing reaches it: nothing is begun
	wantCode(t, err, tsmp.CodeAuditPending)
	w.run()
	if n := events(w, "card-audited"); n != 2 {
		t.Errorf("asked %d times", n)
	}
}
