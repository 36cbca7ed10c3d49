package sp

import (
	"context"
	"errors"
	"time"

	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// round is how many workflows one Work takes up.
const round = 64

// Work does what is due: sends what waits in the outbox and takes the answers, goes on
// with workflows whose time has come, and ends what has run out of time. more: there is
// more to do at once. A party that does not answer is no error.
func (m *Manager) Work(ctx context.Context, now time.Time) (more bool, err error) {
	var due []row.WorkflowID
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueWorkflows(s, now, func(w *row.Workflow) error {
			if delivery.Owns(w) {
				return nil
			}
			if due = append(due, w.ID); len(due) == round {
				return store.ErrStop
			}
			return nil
		})
	})
	if err != nil {
		return false, err
	}
	failed := m.reconcile(ctx)
	for _, id := range due {
		if err := m.goOn(ctx, id); err != nil {
			failed = errors.Join(failed, err, m.postpone(ctx, id))
		}
	}
	ended, err := m.relay.Work(ctx, now)
	failed = errors.Join(failed, err)
	sent, err := m.post.Work(ctx)
	return sent || ended || len(due) > 0, errors.Join(failed, err)
}

// goOn goes on with a workflow whose time has come.
func (m *Manager) goOn(ctx context.Context, id row.WorkflowID) error {
	return m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		return m.on(ctx, tx, id, func(f *flow) error {
			if f.row.Next.After(tx.Now()) { // something else came first
				return nil
			}
			return f.due()
		})
	})
}

// postpone puts a workflow off that cannot go on, so that it does not keep the others
// from it: the error is an operator's.
func (m *Manager) postpone(ctx context.Context, id row.WorkflowID) error {
	if ctx.Err() != nil {
		return nil
	}
	return m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		return store.Workflows.Change(tx, id, func(w *row.Workflow) error {
			w.Next = tx.Now().Add(queuePause)
			w.Deadline = maxTime(w.Deadline, w.Next)
			return nil
		})
	})
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// NextDue is when Work has something to do again, or had; zero: nothing is under way.
func (m *Manager) NextDue(ctx context.Context) (next time.Time, err error) {
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		next, err = store.NextDue(s)
		return err
	})
	return next, err
}
