package mno

import (
	"context"

	"inkan/core/apdu"
	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// TerminateService implements tsmp.MNO: it is refused neither for an action under
// way, which is cancelled, nor for a SIM that has changed.
// Spec: SPEC-MNO-TSM-050 to SPEC-MNO-TSM-054.
func (m *Manager) TerminateService(ctx context.Context, call *tsmp.Call, b *tsmp.TerminateServiceRequest) (a *tsmp.ActionAnswer, err error) {
	err = m.serve(ctx, call, "termination-ordered", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		if err := m.stop(ctx, tx, &s, &i, tsmp.OutcomeCancelled); err != nil {
			return err
		}
		commands, err := m.removal(tx, &s, &i)
		if err != nil {
			return err
		}
		return m.terminate(ctx, tx, call, b, commands, &a)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// terminate begins the removal, or ends it at once where nothing is to be removed, or
// nothing reaches the card.
func (m *Manager) terminate(ctx context.Context, tx *store.Tx, call *tsmp.Call, b *tsmp.TerminateServiceRequest, commands []remote.Command, answer **tsmp.ActionAnswer) error {
	// Read again: what was under way has changed it.
	s, i, err := mine(tx, call, b.Reference)
	if err != nil {
		return err
	}
	sim, _, err := simOf(tx, s.SE)
	if err != nil {
		return err
	}
	out := sim.State == row.SIMRetired || sim.State == row.SIMStock || sim.Subscriber != i.Contract
	nothing := s.State == tsmp.ServiceTerminated || i.Domain == nil
	bearer, err := m.reach(tx, &sim, b.Bearers)
	if err != nil {
		return err
	}
	if bearer == 0 && !out && !nothing {
		return tsmp.Refuse(tsmp.CodeNoBearer, "")
	}
	err = changeService(tx, b.Reference, func(s *row.Service, _ *instance) error {
		s.Action = call.ID
		if s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned {
			s.State, s.Since = tsmp.ServiceTerminating, tx.Now()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if bearer != 0 && !nothing {
		*answer, err = m.begin(ctx, tx, &order{call: call, kind: kindTerminate, service: &s, bearers: b.Bearers, commands: commands})
		return err
	}
	r := &result{outcome: tsmp.OutcomeDone}
	if !nothing {
		r.outcome = tsmp.OutcomeUnreachable
		if err := orphan(tx, b.Reference); err != nil {
			return err
		}
	}
	a := &action{Sender: call.Sender, Call: call.ID, Reference: b.Reference, SE: s.SE, ExpectedBy: whole(tx.Now())}
	*answer = a.answer()
	w := row.Workflow{ID: actionID(call), Kind: kindTerminate, Subject: row.SubjectID(b.Reference), Begun: tx.Now()}
	return m.finish(ctx, tx, &w, a, r)
}

// orphan is an instance whose card is out of reach for good.
func orphan(tx *store.Tx, ref tsmp.ServiceReference) error {
	return store.Services.Change(tx, ref, func(s *row.Service) error {
		if s.State != tsmp.ServiceOrphaned && s.State != tsmp.ServiceTerminated {
			s.State, s.Since = tsmp.ServiceOrphaned, tx.Now()
		}
		return nil
	})
}

// stop ends whatever is under way on an instance: action, conversation, audit and a
// removal that waits for the card. Spec: SPEC-MNO-TSM-053.
func (m *Manager) stop(ctx context.Context, tx *store.Tx, s *row.Service, i *instance, outcome tsmp.Outcome) error {
	if i.Conversation != (row.WorkflowID{}) {
		if _, err := m.endConversation(tx, i.Conversation, outcome); err != nil {
			return err
		}
	}
	for _, id := range []row.WorkflowID{i.Auditing, eraseID(s.Reference), named("call", []byte(s.Peer), s.Action[:])} {
		w, found, err := store.Workflows.Get(tx, id)
		if err != nil {
			return err
		}
		if !found || !w.State.Live() {
			continue
		}
		a, err := actionOf(&w)
		if err != nil {
			return err
		}
		r := &result{outcome: outcome, began: a.Began}
		if cancelled, found, err := m.engine.Cancel(tx, w.ID); err != nil {
			return err
		} else if found {
			r.began = r.began || cancelled.Began
		}
		if run, err := remote.Parse(a.Run); err == nil {
			r.responses = run.Responses()
			r.began = r.began || len(r.responses) > 0
		}
		if err := m.finish(ctx, tx, &w, a, r); err != nil {
			return err
		}
	}
	return nil
}

// packages are the load files that an instance has, or may have, on the card: in simple
// mode what the carrier loaded, else what was agreed on.
func (m *Manager) packages(s *row.Service, i *instance) [][]byte {
	if o := m.offer(s.Peer, s.Name); s.Model != tsmp.ModelSimple && o != nil {
		return o.Packages
	}
	if i.Package == nil {
		return nil
	}
	return [][]byte{i.Package}
}

// removal are the commands that remove an instance from the card.
func (m *Manager) removal(r store.Reader, s *row.Service, i *instance) ([]remote.Command, error) {
	if i.Domain == nil {
		return nil, nil
	}
	x := content.Removal{Domain: i.Domain, Package: i.Package, Instances: m.applications(s, i)}
	packages := m.packages(s, i)
	if len(packages) == 0 {
		packages = [][]byte{nil}
	}
	var list []apdu.Command
	for n, p := range packages {
		x.Package, x.Heir = p, nil
		err := others(r, s, func(other *row.Service, c *instance) error {
			if p != nil && kind.Has(m.packages(other, c), p) {
				x.Heir = c.Domain
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		commands, err := x.Commands()
		if err != nil {
			return nil, err
		}
		if n < len(packages)-1 { // the domain goes last
			commands = commands[:len(commands)-1]
		}
		list, x.Instances = append(list, commands...), nil
	}
	free, err := content.FreeMemory()
	if err != nil {
		return nil, err
	}
	return content.Run(append(list, free)...)
}
