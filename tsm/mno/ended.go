package mno

import (
	"context"
	"errors"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// ended takes what came of a script, within delivery's step: the next one leaves, or
// the action ends.
func (m *Manager) ended(ctx context.Context, tx *store.Tx, id row.WorkflowID, r delivery.Result) error {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil || !found || !w.State.Live() {
		return err
	}
	if w.Kind == kindConversation {
		return m.scriptEnded(tx, &w, &r)
	}
	a, err := actionOf(&w)
	if err != nil {
		return err
	}
	run, err := remote.Parse(a.Run)
	if err != nil {
		return err
	}
	answer := remote.Answer{Responses: r.Responses, Proofs: r.Proofs, Interrupted: r.Interrupted}
	if err := run.Take(ctx, m.c.HSM, answer); err != nil {
		// It is no answer to this script: as if nothing had come.
		if err := run.Take(ctx, m.c.HSM, remote.Answer{}); err != nil {
			return err
		}
	}
	if a.Run, err = run.Append(nil); err != nil {
		return err
	}
	if r.Outcome == tsmp.OutcomeUnreachable && !r.Interrupted && run.Outcome().State != remote.Done {
		return m.unreached(ctx, tx, &w, a, run, &r)
	}
	return m.landed(ctx, tx, &w, a, run)
}

// unreached goes on by another bearer from where the card stands, or ends the action.
// Spec: SPEC-MNO-TSM-078.
func (m *Manager) unreached(ctx context.Context, tx *store.Tx, w *row.Workflow, a *action, run *remote.Run, r *delivery.Result) error {
	a.Began = a.Began || r.Began || len(run.Responses()) > 0
	next, err := m.another(tx, a, r)
	if err != nil {
		return err
	}
	if next == 0 {
		return m.finish(ctx, tx, w, a, &result{outcome: tsmp.OutcomeUnreachable, responses: run.Responses(), began: a.Began})
	}
	err = tx.Audit(store.Event{Event: "bearer-changed", Refused: a.Bearer.String() + "-unreachable", Actor: string(m.c.Party), Responsible: m.managing(),
		Subject: row.Subject{Service: a.Reference, SE: a.SE, Workflow: w.ID, Call: a.Call}})
	if err != nil {
		return err
	}
	a.Bearer, a.Turns = next, a.Turns+1
	return m.fly(ctx, tx, w, a)
}

// landed goes on with a run whose last script was answered.
func (m *Manager) landed(ctx context.Context, tx *store.Tx, w *row.Workflow, a *action, run *remote.Run) (err error) {
	o := run.Outcome()
	switch o.State {
	case remote.Running:
		return m.fly(ctx, tx, w, a)
	case remote.Done:
		return m.finish(ctx, tx, w, a, &result{outcome: tsmp.OutcomeDone, responses: run.Responses(), began: true})
	case remote.Refused:
		r := &result{outcome: tsmp.OutcomeRefused, sw: o.SW, at: o.Index, responses: run.Responses(), began: o.Index > 0}
		if o.SW == iso7816.NotEnoughMemory {
			r.outcome = tsmp.OutcomeMemory
		}
		return m.finish(ctx, tx, w, a, r)
	}
	return m.finish(ctx, tx, w, a, &result{outcome: tsmp.OutcomeUnreachable, responses: run.Responses(), began: true})
}

// result is how an action ended.
type result struct {
	outcome   tsmp.Outcome
	sw        iso7816.SW
	at        int      // the command that was refused
	responses [][]byte // data‖SW by command
	proofs    [][]byte
	began     bool // something may have changed on the card
}

// worth is what a proof of receipt of a packet is worth: of the carrier's own
// packets the run says it with the HSM, of an SP-TSM's nobody here.
// Spec: SPEC-MNO-TSM-016.
func (m *Manager) worth(ctx context.Context, q delivery.Question) (v delivery.Verdict, err error) {
	var run *remote.Run
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		w, found, err := store.Workflows.Get(s, q.Job)
		if err != nil || !found || w.Kind == kindConversation {
			return err
		}
		a, err := actionOf(&w)
		if err == nil && a.Run != nil {
			run, err = remote.Parse(a.Run)
		}
		return err
	})
	if err != nil || run == nil {
		return delivery.Opaque, err
	}
	switch status, err := run.Proof(ctx, m.c.HSM, q.Proof); {
	case errors.Is(err, scp80.ErrProof), errors.Is(err, remote.ErrNoScript):
		return delivery.Foreign, nil
	case err != nil:
		return delivery.Foreign, err
	case status == scp80.StatusCounterLow:
		return delivery.Had, nil
	}
	return delivery.Proven, nil
}

// memoryIn is what the answer to GET DATA of the card's resources says, if it is
// among the responses.
func memoryIn(responses [][]byte) (r gp.Resources, ok bool) {
	for _, b := range responses {
		if len(b) < 4 || b[0] != 0xFF || b[1] != 0x21 {
			continue
		}
		if r, err := gp.DecodeResources(b[:len(b)-2]); err == nil {
			return r, true
		}
	}
	return r, false
}
