package mno

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Inbound is a message from a SIM, or the network's word about one to it.
type Inbound = delivery.Inbound

// round is how many workflows one Work takes.
const round = 64

// Work does what is due: workflows of its own, scripts, notifications. more: call it
// again at once. A party or SIM that does not answer is no error. What now is for
// is what is due; the clock of Config says the times of steps. What cannot go on, which
// the error is about, keeps nothing else from it. Spec: SPEC-MNO-TSM-017.
func (m *Manager) Work(ctx context.Context, now time.Time) (more bool, err error) {
	own, failed := m.own(ctx, now)
	scripts, err := m.engine.Work(ctx, now)
	failed = errors.Join(failed, err)
	letters, err := m.post.Work(ctx)
	return own || scripts || letters, errors.Join(failed, err)
}

// NextDue is when Work has something to do next, or had; zero: not before something
// comes in.
func (m *Manager) NextDue(ctx context.Context) (next time.Time, err error) {
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		next, err = store.NextDue(s)
		return err
	})
	return next, err
}

// Deliver takes what comes from the network: a SIM that is heard of is one whose
// erasure can begin. Spec: SPEC-MNO-TSM-054.
func (m *Manager) Deliver(ctx context.Context, in Inbound) error {
	if err := m.engine.Deliver(ctx, in); err != nil {
		return err
	}
	if in.TPDU == nil {
		return nil
	}
	return m.Seen(ctx, in.From)
}

// Seen says that the network has heard of the SIM of an ICCID: by a message, or
// because it attached. A SIM that is not the carrier's is none of its business.
func (m *Manager) Seen(ctx context.Context, iccid string) error {
	var se tsmp.SEID
	waits := false
	err := m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, found, err := store.SIMsByICCID.First(s, iccid)
		if err != nil || !found {
			return err
		}
		se = sim.SE
		return store.WorkflowsOf.Scan(s, row.SubjectID(se), func(w *row.Workflow) error {
			waits = waits || ready(w, m.c.Now())
			return nil
		})
	})
	if err != nil || !waits {
		return err
	}
	return m.c.Tenant.Step(ctx, func(tx *store.Tx) error { return m.contact(tx, se) })
}

// own takes the workflows of this package that are due.
func (m *Manager) own(ctx context.Context, now time.Time) (more bool, err error) {
	var due []row.Workflow
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueWorkflows(s, now, func(w *row.Workflow) error {
			if delivery.Owns(w) {
				return nil
			}
			due = append(due, *w)
			if len(due) == round {
				return store.ErrStop
			}
			return nil
		})
	})
	if err != nil {
		return false, err
	}
	var failed error
	for i := range due {
		if due[i].Kind == kindCode || due[i].Kind == kindNews {
			err = m.sendCode(ctx, due[i])
		} else {
			err = m.c.Tenant.Step(ctx, func(tx *store.Tx) error { return m.due(ctx, tx, due[i].ID, now) })
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, err, m.postpone(ctx, due[i].ID, now))
		}
	}
	return len(due) > 0, failed
}

// postponed is how long a workflow waits that cannot go on: the error is an operator's.
const postponed = 10 * time.Minute

// postpone puts a workflow off, so that it does not keep others from their turn.
func (m *Manager) postpone(ctx context.Context, id row.WorkflowID, now time.Time) error {
	return m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		w, found, err := store.Workflows.Get(tx, id)
		if err != nil || !found || !w.State.Live() {
			return err
		}
		w.Next = now.Add(postponed)
		if w.Deadline.Before(w.Next) {
			w.Deadline = w.Next
		}
		return store.Workflows.Put(tx, &w)
	})
}

// due goes on with a workflow whose time has come.
func (m *Manager) due(ctx context.Context, tx *store.Tx, id row.WorkflowID, now time.Time) error {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil || !found || !w.State.Live() || w.Next.After(now) {
		return err
	}
	if w.Kind == kindConversation {
		_, err := m.endConversation(tx, id, tsmp.OutcomeUnreachable)
		return err
	}
	if w.Kind == kindErase && w.Step == 0 {
		return m.erase(ctx, tx, &w)
	}
	// Delivery has not ended its job by the deadline: it has none.
	if w.Kind == kindScript {
		return m.scriptOverdue(tx, &w)
	}
	a, err := actionOf(&w)
	if err != nil {
		return err
	}
	if _, _, err := m.engine.Cancel(tx, id); err != nil {
		return err
	}
	return m.finish(ctx, tx, &w, a, &result{outcome: tsmp.OutcomeUnreachable, began: true})
}

// scriptOverdue ends a script that nothing was heard of.
func (m *Manager) scriptOverdue(tx *store.Tx, w *row.Workflow) error {
	a, err := actionOf(w)
	if err != nil {
		return err
	}
	r, _, err := m.engine.Cancel(tx, a.Conversation)
	if err != nil {
		return err
	}
	r.Outcome = tsmp.OutcomeUnreachable
	c, found, err := store.Workflows.Get(tx, a.Conversation)
	if err != nil || !found {
		return err
	}
	return m.scriptEnded(tx, &c, &r)
}
