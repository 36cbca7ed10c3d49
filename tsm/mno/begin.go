package mno

import (
	"context"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// slack is how long after its deadline a workflow waits for delivery to end its job.
const slack = time.Minute

// repeated is the answer of a call that began an action before. Spec: SPEC-MNO-TSM-010.
func repeated(r store.Reader, call *tsmp.Call) (*tsmp.ActionAnswer, error) {
	w, found, err := store.Workflows.Get(r, actionID(call))
	if err != nil || !found {
		return nil, err
	}
	a, err := actionOf(&w)
	if err != nil {
		return nil, err
	}
	return a.answer(), nil
}

// order is an action that is about to begin.
type order struct {
	call     *tsmp.Call
	kind     string
	service  *row.Service
	bearers  []tsmp.Bearer
	commands []remote.Command
	// agreement is where those of a key agreement are in a deployment.
	agreement span
}

// begin records an action of commands in the issuer's domain, and has the first of
// them leave. Spec: SPEC-TSM-PROTOCOL-083, SPEC-MNO-TSM-010.
func (m *Manager) begin(ctx context.Context, tx *store.Tx, o *order) (*tsmp.ActionAnswer, error) {
	sim, c, err := simOf(tx, o.service.SE)
	if err != nil {
		return nil, err
	}
	a := &action{Sender: o.call.Sender, Call: o.call.ID, Reference: o.service.Reference, SE: sim.SE, Agreement: o.agreement}
	if a.Bearers, err = m.reaching(tx, &sim, o.bearers); err != nil {
		return nil, err
	}
	if len(a.Bearers) == 0 {
		return nil, tsmp.Refuse(tsmp.CodeNoBearer, "")
	}
	a.Bearer, a.ExpectedBy = a.Bearers[0], m.until(tx, a.Bearers...)
	w := row.Workflow{ID: actionID(o.call), Kind: o.kind, Subject: row.SubjectID(o.service.Reference), Begun: tx.Now()}
	if slices.Contains(a.Bearers, tsmp.BearerRelay) {
		if a.Relay, err = m.engine.Open(tx, w.ID, a.SE, a.ExpectedBy); err != nil {
			return nil, err
		}
	}
	if a.Run, err = m.newRun(&sim, &c, o.commands); err != nil {
		return nil, err
	}
	return a.answer(), m.fly(ctx, tx, &w, a)
}

// newRun is the encoding of a run in the issuer's domain of a card.
func (m *Manager) newRun(sim *row.SIM, c *card, commands []remote.Command) ([]byte, error) {
	run, err := remote.New(m.kinds[sim.Profile].Domain(c.KDD), commands)
	if err != nil {
		return nil, err
	}
	return run.Append(nil)
}

// fly makes the next script of a run and hands it to delivery; a run that has none
// is over. Counter, run and script are kept in one step. Spec: SPEC-MNO-TSM-011.
func (m *Manager) fly(ctx context.Context, tx *store.Tx, w *row.Workflow, a *action) error {
	run, err := remote.Parse(a.Run)
	if err != nil {
		return err
	}
	var script remote.Script
	var done bool
	err = store.SIMs.Change(tx, a.SE, func(s *row.SIM) (err error) {
		script, done, err = run.Next(ctx, m.c.HSM, a.Bearer, &s.Counter)
		return err
	})
	if err != nil {
		return err
	}
	if a.Run, err = run.Append(nil); err != nil {
		return err
	}
	if done {
		return m.landed(ctx, tx, w, a, run)
	}
	w.State, w.Deadline = row.WorkflowWaiting, a.ExpectedBy.Add(slack)
	w.Next = w.Deadline
	if err := put(tx, w, a); err != nil {
		return err
	}
	_, err = m.engine.Start(tx, m.job(tx, w.ID, a, &script))
	return err
}
