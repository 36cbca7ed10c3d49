package delivery

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// round is how many jobs one Work looks at.
const round = 64

// doDue does what is due: ends each in a step of its own, departures of all in one.
func (e *Engine) doDue(ctx context.Context, now time.Time) (more bool, err error) {
	due, err := e.due(ctx, now)
	if err != nil {
		return false, err
	}
	var leaving []row.WorkflowID
	var failures []error
	for i := range due {
		w := &due[i]
		if e.leaves(w, now) {
			leaving = append(leaving, w.ID)
			continue
		}
		ended, err := e.expire(ctx, w, now)
		more, failures = more || ended, append(failures, err)
	}
	ended, err := e.depart(ctx, leaving, now)
	return more || ended || len(due) == round, errors.Join(append(failures, err)...)
}

// due are the rows of this package that are due, by the index of times.
// Spec: SPEC-DELIVERY-006.
func (e *Engine) due(ctx context.Context, now time.Time) (due []row.Workflow, err error) {
	err = e.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueWorkflows(s, now, func(w *row.Workflow) error {
			if Owns(w) {
				due = append(due, *w)
			}
			if len(due) == round {
				return store.ErrStop
			}
			return nil
		})
	})
	return due, err
}

// leaves reports whether a job that is due is to be sent on, rather than to end.
func (e *Engine) leaves(w *row.Workflow, now time.Time) bool {
	var q queued
	exhausted := e.config.Policy.Tries > 0 && w.Attempts >= e.config.Policy.Tries
	return w.Kind == kindQueued && w.State == row.WorkflowRunning && now.Before(w.Deadline) && !exhausted &&
		codec.Decode(w.Data, &q) == nil && q.Had == nil
}

// expire ends what has no time left: a job, or a ticket. A proof that says that the
// card had the packet before is taken then.
func (e *Engine) expire(ctx context.Context, due *row.Workflow, now time.Time) (ended bool, err error) {
	err = e.step(ctx, func(tx *store.Tx) error {
		if due.Kind == kindChannel {
			ended = true
			return e.expireChannel(ctx, tx, due.ID, now)
		}
		var q queued
		w, found, err := readRow(tx, due.ID, kindQueued, &q)
		if err != nil || !found || w.Next.After(now) {
			return err
		}
		ended = true
		if q.Had != nil {
			return e.proven(ctx, tx, &w, &q, q.Had, Had)
		}
		return e.end(ctx, tx, &w, &q, tsmp.OutcomeUnreachable)
	})
	return ended && err == nil, err
}

// expireChannel ends the job of a channel, and the channel with its ticket.
func (e *Engine) expireChannel(ctx context.Context, tx *store.Tx, id row.WorkflowID, now time.Time) error {
	var c channel
	w, found, err := readRow(tx, id, kindChannel, &c)
	if err != nil || !found || w.Next.After(now) {
		return err
	}
	over, active := !now.Before(w.Deadline), c.Active
	if active {
		r, err := e.closeRelay(tx, &w, &c, Result{Outcome: tsmp.OutcomeUnreachable}, store.Event{})
		if err != nil {
			return err
		}
		if !over {
			return e.config.Ended(ctx, tx, c.Owner, r)
		}
		if err := dropRow(tx, &w); err != nil {
			return err
		}
		return e.config.Ended(ctx, tx, c.Owner, r)
	}
	if over {
		return dropRow(tx, &w)
	}
	w.Next = w.Deadline
	return writeRow(tx, &w, &c)
}
