package delivery

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// departure is a packet that is about to leave.
type departure struct {
	job    row.WorkflowID
	se     tsmp.SEID
	number uint64 // of the packet in the SIM's lane
	iccid  string
	tpdus  [][]byte
	parts  []int // of them that leave
}

// depart notes in one step that packets leave, and then sends them.
// Spec: SPEC-DELIVERY-013, SPEC-DELIVERY-014.
func (e *Engine) depart(ctx context.Context, jobs []row.WorkflowID, now time.Time) (ended bool, err error) {
	if len(jobs) == 0 {
		return false, nil
	}
	var list []departure
	var gone []row.WorkflowID
	err = e.step(ctx, func(tx *store.Tx) error {
		for _, id := range jobs {
			d, known, err := e.leave(tx, id, now)
			if err != nil {
				return err
			}
			if !known {
				gone = append(gone, id)
			} else if d.tpdus != nil {
				list = append(list, d)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	var failures []error
	for i := range list {
		e.left(&list[i])
		lost, err := e.send(ctx, &list[i])
		if lost {
			gone = append(gone, list[i].job)
		}
		failures = append(failures, err)
	}
	for _, id := range gone {
		failures = append(failures, e.unreachable(ctx, id))
	}
	return len(gone) > 0, errors.Join(failures...)
}

// leave notes that the packet of a job leaves. known is false where the tenant has no
// such SIM; a departure without messages is none.
func (e *Engine) leave(tx *store.Tx, id row.WorkflowID, now time.Time) (d departure, known bool, err error) {
	var q queued
	w, found, err := readRow(tx, id, kindQueued, &q)
	if err != nil || !found || w.Next.After(now) || w.State != row.WorkflowRunning {
		return d, true, err
	}
	sim, found, err := store.SIMs.Get(tx, q.SE)
	if err != nil || !found {
		return d, false, err
	}
	m, err := head(tx, &w, &q)
	if err != nil {
		return d, true, err
	}
	e.mutex.Lock()
	f := e.air.flight(q.SE, m.Key.Number)
	if f.refused {
		q.Generation++
	}
	d = departure{job: id, se: q.SE, number: m.Key.Number, iccid: sim.ICCID}
	if d.tpdus, err = e.messages(m.Bytes, reference(m.Key.Number, q.Generation), w.Begun); err == nil {
		d.parts = f.missing(len(d.tpdus))
		q.Account.Add(f.take())
	}
	e.mutex.Unlock()
	if err != nil {
		return d, true, err
	}
	d.count(&q.Account, w.Attempts == 0)
	w.Attempts++
	w.Next = earlier(now.Add(e.silence(w.Attempts)), w.Deadline)
	return d, true, writeRow(tx, &w, &q)
}

// count counts a departure.
func (d *departure) count(a *Account, first bool) {
	n := uint64(len(d.parts))
	a.Attempts++
	a.Messages += n
	if first {
		a.Packets++
	} else {
		a.Again += n
	}
	for _, i := range d.parts {
		a.Bytes += uint64(len(d.tpdus[i]))
	}
}

// silence is how long nothing may come after an attempt. Spec: SPEC-DELIVERY-014.
func (e *Engine) silence(attempts uint32) time.Duration {
	p := e.config.Policy
	d := p.Silence
	for i := uint32(1); i < attempts && d < p.Longest; i++ {
		d *= 2
	}
	return min(d, p.Longest)
}

// left notes in memory that parts have left.
func (e *Engine) left(d *departure) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	f := e.air.flight(d.se, d.number)
	if len(f.parts) != len(d.tpdus) {
		f.parts = make([]part, len(d.tpdus))
	}
	f.refused = false
	f.attempts++
	for _, i := range d.parts {
		f.parts[i] = part{}
	}
}

// send gives the messages to the bearer. lost: the SIM has no number. What the bearer
// does not take otherwise is sent later, as if it were lost.
func (e *Engine) send(ctx context.Context, d *departure) (lost bool, err error) {
	for _, i := range d.parts {
		number, err := e.config.Bearer.Send(ctx, d.iccid, d.tpdus[i])
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		e.mutex.Lock()
		f := e.air.flight(d.se, d.number)
		switch {
		case err != nil:
			f.account.Failed++
			f.lose(i)
			f.unnamed = f.unnamed || !errors.Is(err, ErrNoSubscriber) // the bearer may have it all the same
		case number != 0:
			f.messages = append(f.messages, number)
			f.open[number] = struct{}{}
			e.air.sent[number] = place{d.se, d.number, i}
		default:
			f.unnamed = true
		}
		e.mutex.Unlock()
		if errors.Is(err, ErrNoSubscriber) {
			return true, nil
		}
	}
	return false, nil
}

// unreachable ends a job whose SIM cannot be reached. Spec: SPEC-DELIVERY-016.
func (e *Engine) unreachable(ctx context.Context, id row.WorkflowID) error {
	return e.step(ctx, func(tx *store.Tx) error {
		var q queued
		w, found, err := readRow(tx, id, kindQueued, &q)
		if err != nil || !found {
			return err
		}
		return e.end(ctx, tx, &w, &q, tsmp.OutcomeUnreachable)
	})
}
