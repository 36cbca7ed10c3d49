package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// readQueued is the job by short messages of an owner.
func readQueued(r store.Reader, owner row.WorkflowID) (w row.Workflow, q queued, found bool, err error) {
	w, found, err = readRow(r, queuedID(owner), kindQueued, &q)
	return w, q, found, err
}

// startSMS puts a job's packets at the end of the SIM's queue. Spec: SPEC-DELIVERY-011.
func (e *Engine) startSMS(tx *store.Tx, j *Job) error {
	now := tx.Now()
	if !j.Deadline.After(now) {
		return fmt.Errorf("delivery: want a deadline after now, got %v", j.Deadline)
	}
	q := queued{Owner: j.ID, SE: j.SE, Items: uint32(len(j.Script.Items)), Yield: j.Yield}
	w := row.Workflow{ID: queuedID(j.ID), Kind: kindQueued, Begun: now, Deadline: j.Deadline}
	queue, _, err := store.Lanes.Get(tx, lane(j.SE))
	if err != nil {
		return err
	}
	w.State, w.Next = row.WorkflowRunning, now
	if queue.Waiting > 0 {
		w.State, w.Next = row.WorkflowWaiting, w.Deadline
	}
	if err := writeRow(tx, &w, &q); err != nil { // messages name a row that is there
		return err
	}
	for i, packet := range j.Script.Items {
		m := row.Message{Key: row.MessageKey{Destination: lane(j.SE)}, Call: packetCall(w.ID, uint32(i)), Workflow: w.ID, Bytes: packet,
			At: now, Next: j.Deadline, Deadline: j.Deadline}
		if err := store.Enqueue(tx, &m); err != nil {
			return err
		}
		if i == 0 {
			q.First = m.Key.Number
		}
	}
	return writeRow(tx, &w, &q)
}

// head is the packet of a job that is on its way.
func head(r store.Reader, w *row.Workflow, q *queued) (m row.Message, err error) {
	key := row.MessageKey{Destination: lane(q.SE), Number: q.First + uint64(w.Cursor)}
	m, found, err := store.Messages.Get(r, key)
	if err == nil && (!found || m.Workflow != w.ID) {
		err = fmt.Errorf("delivery: job %v has no packet %d in lane %s", q.Owner, key.Number, key.Destination)
	}
	return m, err
}

// close takes a job out of its queue, has the next one begin, and returns how it ended.
// Spec: SPEC-DELIVERY-012.
func (e *Engine) close(tx *store.Tx, w *row.Workflow, q *queued, outcome tsmp.Outcome) (Result, error) {
	r := Result{Outcome: outcome, Bearer: tsmp.BearerSMS, Proofs: q.Proofs, Began: outcome != tsmp.OutcomeDone && w.Attempts > 0,
		Silent: outcome == tsmp.OutcomeUnreachable && e.silent(w, q)}
	q.Account.Add(e.over(q))
	for i := w.Cursor; i < q.Items; i++ {
		if err := store.RemoveMessage(tx, row.MessageKey{Destination: lane(q.SE), Number: q.First + uint64(i)}); err != nil {
			return r, err
		}
	}
	q.Account.count(outcome)
	r.Account = q.Account
	if err := dropRow(tx, w); err != nil {
		return r, err
	}
	if err := addTotals(tx, r.Account); err != nil {
		return r, err
	}
	event := store.Event{Actor: "SIM", Subject: row.Subject{SE: q.SE, Workflow: q.Owner}}
	if proofs := bytes.Join(q.Proofs, nil); len(proofs) > 0 {
		event.Evidence = []store.Evidence{{Name: "proofs", Bytes: proofs}}
	}
	return r, errors.Join(e.audit(tx, event, r), wake(tx, lane(q.SE)))
}

// step is one step of the engine's own; when it is done, what the memory has of jobs
// that ended in it is dropped.
func (e *Engine) step(ctx context.Context, do func(tx *store.Tx) error) error {
	var closed []queued
	err := e.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		e.closed = nil
		err := do(tx)
		closed = e.closed
		return err
	})
	if err != nil {
		return err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for i := range closed {
		if f := e.air.flights[closed[i].SE]; f != nil && closed[i].has(f.number) {
			e.air.forget(f, true)
		}
	}
	return nil
}

// over is what no row has counted of a job that ends.
func (e *Engine) over(q *queued) Account {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if f := e.air.flights[q.SE]; f != nil && q.has(f.number) {
		return f.account
	}
	return Account{}
}

// silent reports whether the network has said of everything that was sent of the packet
// on its way what became of it, and that not all of it came to the card. What another
// process has sent is not known.
func (e *Engine) silent(w *row.Workflow, q *queued) bool {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	f := e.air.flights[q.SE]
	return w.Attempts == 0 || f != nil && q.has(f.number) && f.attempts == w.Attempts && f.silent()
}

// has reports whether a number in the SIM's lane is one of the job's packets.
func (q *queued) has(number uint64) bool {
	return number >= q.First && number < q.First+uint64(q.Items)
}

// wake has the job begin whose packet is the first of a lane now.
func wake(tx *store.Tx, lane string) error {
	queue, _, err := store.Lanes.Get(tx, lane)
	if err != nil || queue.Waiting == 0 {
		return err
	}
	m, found, err := store.FirstMessage(tx, lane)
	if err != nil || !found {
		return err
	}
	return store.Workflows.Change(tx, m.Workflow, func(w *row.Workflow) error {
		if w.State == row.WorkflowWaiting {
			w.State, w.Changed = row.WorkflowRunning, later(w.Begun, tx.Now())
			w.Next = earlier(w.Changed, w.Deadline)
		}
		return nil
	})
}

// end is close with the owner being told. Spec: SPEC-DELIVERY-004.
func (e *Engine) end(ctx context.Context, tx *store.Tx, w *row.Workflow, q *queued, outcome tsmp.Outcome) error {
	r, err := e.close(tx, w, q, outcome)
	if err != nil {
		return err
	}
	e.closed = append(e.closed, *q)
	return e.config.Ended(ctx, tx, q.Owner, r)
}

// audit puts the end of a job into the audit trail. Spec: SPEC-DELIVERY-051.
func (e *Engine) audit(tx *store.Tx, event store.Event, r Result) error {
	event.Event, event.Responsible = "script-delivered", e.config.Role.String()
	if r.Outcome != tsmp.OutcomeDone {
		event.Event, event.Refused = "script-delivery", r.Outcome.String()
	}
	return tx.Audit(event)
}

func (a *Account) count(o tsmp.Outcome) {
	a.Jobs++
	switch o {
	case tsmp.OutcomeDone:
		a.Done++
	case tsmp.OutcomeRefused:
		a.Refused++
	case tsmp.OutcomeCancelled:
		a.Cancelled++
	default:
		a.Unreachable++
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
