package delivery

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// arrival is what came in, with the job that it may be for.
type arrival struct {
	in     Inbound
	se     tsmp.SEID
	w      row.Workflow
	q      queued
	packet []byte // of the job that is on its way
	proof  []byte // that came
}

// number is that of the packet in the SIM's lane.
func (a *arrival) number() uint64 { return a.q.First + uint64(a.w.Cursor) }

// deliver takes the messages of a SIM one after the other.
func (e *Engine) deliver(ctx context.Context, in Inbound) error {
	one := e.inbound(in.From)
	one.Lock()
	defer one.Unlock()
	a := arrival{in: in}
	found, err := e.find(ctx, &a)
	if err != nil {
		return err
	}
	if !found {
		return nil
	}
	if in.Message != 0 {
		return e.reported(ctx, &a)
	}
	return e.submitted(ctx, &a)
}

// find finds the job whose packet is on its way to the SIM that the message came from.
func (e *Engine) find(ctx context.Context, a *arrival) (found bool, err error) {
	err = e.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, known, err := store.SIMsByICCID.First(s, a.in.From)
		if err != nil || !known {
			return err
		}
		a.se = sim.SE
		m, waiting, err := e.onItsWay(s, a.se)
		if err != nil || !waiting {
			return err
		}
		a.packet = m.Bytes
		a.w, found, err = readRow(s, m.Workflow, kindQueued, &a.q)
		found = found && a.w.Attempts > 0
		return err
	})
	return found, err
}

// onItsWay is the packet that is on its way to a SIM: the one that this process has
// sent, or else the first of the lane.
func (e *Engine) onItsWay(r store.Reader, se tsmp.SEID) (m row.Message, found bool, err error) {
	e.mutex.Lock()
	f := e.air.flights[se]
	e.mutex.Unlock()
	if f == nil {
		return store.FirstMessage(r, lane(se))
	}
	return store.Messages.Get(r, row.MessageKey{Destination: lane(se), Number: f.number})
}

// reported takes a report about a message, or that it was given up.
func (e *Engine) reported(ctx context.Context, a *arrival) error {
	known, settled := e.note(a)
	if !known {
		return nil
	}
	if a.in.TPDU != nil {
		if ud, ok := readReport(a.in); ok {
			a.proof, _ = proofOf(ud)
		}
	}
	if a.proof != nil {
		taken, err := e.consider(ctx, a)
		if err != nil || taken {
			return err
		}
	}
	if !settled {
		return nil
	}
	if a.q.Yield && e.silent(&a.w, &a.q) {
		return e.yield(ctx, a)
	}
	return e.hurry(ctx, a)
}

// yield gives a job up whose messages the network has given up. Spec: SPEC-DELIVERY-017.
func (e *Engine) yield(ctx context.Context, a *arrival) error {
	return e.step(ctx, func(tx *store.Tx) error {
		w, q, found, err := e.same(tx, a)
		if err != nil || !found || q.Had != nil || !e.silent(&w, &q) {
			return err
		}
		return e.end(ctx, tx, &w, &q, tsmp.OutcomeUnreachable)
	})
}

// note notes in memory what became of a message. known is false for one of a packet
// that is not on its way any more; of a message that nobody remembers, after a crash,
// the report may still have the proof.
func (e *Engine) note(a *arrival) (known, settled bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if _, past := e.air.past[a.in.Message]; past {
		return false, false
	}
	f := e.air.flight(a.se, a.number())
	if a.in.TPDU == nil {
		f.account.GivenUp++
	} else {
		f.account.Reports++
		f.account.InBytes += uint64(len(a.in.TPDU))
	}
	p, mine := e.air.sent[a.in.Message]
	switch {
	case !mine:
		return true, false
	case p.se != a.se || p.number != a.number():
		return false, false
	}
	delete(f.open, a.in.Message)
	f.parts[p.part] = part{acknowledged: a.in.TPDU != nil && !a.in.Error, lost: a.in.TPDU == nil || a.in.Error}
	f.refused = f.refused || a.in.TPDU != nil && a.in.Error
	return true, f.settled()
}

// hurry has the packet sent again after the grace: the network has said of all its
// messages what became of them, and there is no proof. Spec: SPEC-DELIVERY-015.
func (e *Engine) hurry(ctx context.Context, a *arrival) error {
	return e.step(ctx, func(tx *store.Tx) error {
		w, q, found, err := e.same(tx, a)
		if err != nil || !found {
			return err
		}
		next := earlier(later(w.Begun, tx.Now()).Add(e.config.Policy.Grace), w.Deadline)
		if !next.Before(w.Next) {
			return nil
		}
		w.Next = next
		return writeRow(tx, &w, &q)
	})
}

// same reads the job again, and whether the same packet is still on its way.
func (e *Engine) same(tx *store.Tx, a *arrival) (w row.Workflow, q queued, found bool, err error) {
	w, found, err = readRow(tx, a.w.ID, kindQueued, &q)
	return w, q, found && w.Cursor == a.w.Cursor && w.Begun.Equal(a.w.Begun) && q.First == a.q.First, err
}

// submitted takes a message of the card: a proof, or a part of one, which is kept
// until the others are there. Spec: SPEC-DELIVERY-021.
func (e *Engine) submitted(ctx context.Context, a *arrival) error {
	e.mutex.Lock()
	f := e.air.flight(a.se, a.number())
	f.account.Submits++
	f.account.InBytes += uint64(len(a.in.TPDU))
	e.mutex.Unlock()
	ud, ok := readSubmit(a.in)
	if !ok {
		return e.ignored(a)
	}
	whole, left, changed, err := assemble(a.q.Parts, ud)
	switch {
	case err != nil, whole == nil && !changed:
		return e.ignored(a)
	case whole == nil:
		return e.keep(ctx, a, left)
	}
	if a.proof, ok = proofOf(whole); !ok {
		return e.ignored(a)
	}
	taken, err := e.consider(ctx, a)
	if err != nil || taken || !changed {
		return err
	}
	return e.keep(ctx, a, left)
}

// ignored counts a message that says nothing. Spec: SPEC-DELIVERY-025.
func (e *Engine) ignored(a *arrival) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.air.flight(a.se, a.number()).account.Ignored++
	return nil
}

// keep writes down the parts of proofs that are there.
func (e *Engine) keep(ctx context.Context, a *arrival, parts [][]byte) error {
	return e.step(ctx, func(tx *store.Tx) error {
		w, q, found, err := e.same(tx, a)
		if err != nil || !found {
			return err
		}
		q.Parts = parts
		return writeRow(tx, &w, &q)
	})
}
