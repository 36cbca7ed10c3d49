package mno

import (
	"bytes"
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// queueErasure has an instance wait for the next contact with its card, which was not
// reached. Spec: SPEC-MNO-TSM-054.
func (m *Manager) queueErasure(tx *store.Tx, of *action) error {
	s, found, err := store.Services.Get(tx, of.Reference)
	if err != nil || !found || s.State == tsmp.ServiceTerminated {
		return err
	}
	id := eraseID(of.Reference)
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil {
		return err
	}
	if found && !w.State.Live() { // one of before has ended
		if err := store.Workflows.Delete(tx, id); err != nil {
			return err
		}
	}
	a := &action{Reference: of.Reference, SE: of.SE, Bearer: tsmp.BearerSMS, ExpectedBy: post.Forever}
	w = row.Workflow{ID: id, Kind: kindErase, Subject: row.SubjectID(of.SE), Begun: tx.Now()}
	if err := waiting(tx, &w, a); err != nil {
		return err
	}
	return tx.Audit(store.Event{Event: "erasure-queued", Actor: string(m.c.Party), Responsible: m.managing(),
		Subject: row.Subject{Service: of.Reference, SE: of.SE, Workflow: id}})
}

// waiting is an erasure that waits for a contact.
func waiting(tx *store.Tx, w *row.Workflow, a *action) error {
	w.State, w.Next, w.Deadline, w.Step, a.Run = row.WorkflowWaiting, post.Forever, post.Forever, 0, nil
	return put(tx, w, a)
}

// How long a card that could not be erased is left alone, whatever is heard of it: else
// the answer that refuses would be the next contact. Each refusal doubles it.
const (
	eraseAgain   = time.Hour
	eraseLongest = 24 * time.Hour
)

// eraseRefusals is how often a card may refuse to be erased. Then it is the desk's.
const eraseRefusals = 8

// ready reports whether an erasure waits for a contact. Its cursor counts refusals.
func ready(w *row.Workflow, now time.Time) bool {
	pause := min(eraseAgain<<max(int(w.Cursor)-1, 0), eraseLongest)
	return w.Kind == kindErase && w.State == row.WorkflowWaiting && w.Step == 0 && (w.Attempts == 0 || now.Sub(w.Changed) >= pause)
}

// contact has the erasures of a SIM begin that was heard of.
func (m *Manager) contact(tx *store.Tx, se tsmp.SEID) error {
	var due []row.Workflow
	err := store.WorkflowsOf.Scan(tx, row.SubjectID(se), func(w *row.Workflow) error {
		if ready(w, tx.Now()) {
			due = append(due, *w)
		}
		return nil
	})
	for i := range due {
		w := &due[i]
		w.State, w.Next, w.Changed = row.WorkflowRunning, tx.Now(), tx.Now()
		if err == nil {
			err = store.Workflows.Put(tx, w)
		}
	}
	return err
}

// erase begins the removal of an instance of a card that was heard of, unless no
// bearer reaches it. The SP-TSM is told first. Spec: SPEC-MNO-TSM-054.
func (m *Manager) erase(ctx context.Context, tx *store.Tx, w *row.Workflow) error {
	a, err := actionOf(w)
	if err != nil {
		return err
	}
	s, _, err := store.Services.Get(tx, a.Reference)
	if err != nil {
		return err
	}
	var i instance
	if err := read(s.Content, &i); err != nil {
		return err
	}
	sim, c, err := simOf(tx, a.SE)
	if err != nil {
		return err
	}
	bearer, err := m.reach(tx, &sim, []tsmp.Bearer{tsmp.BearerSMS})
	if err != nil {
		return err
	}
	if bearer == 0 || s.Action != (tsmp.CallID{}) || i.Announced != 0 {
		return waiting(tx, w, a)
	}
	commands, err := m.removal(tx, &s, &i)
	if err != nil {
		return err
	}
	if a.Run, err = m.newRun(&sim, &c, commands); err != nil {
		return err
	}
	if i.Telling == 0 {
		if err := m.tellState(tx, &s, tsmp.PhaseRemoved, false, false); err != nil {
			return err
		}
		err := changeService(tx, a.Reference, func(_ *row.Service, i *instance) error {
			i.Telling = tsmp.PhaseRemoved
			return nil
		})
		if err != nil {
			return err
		}
	}
	a.Bearer, a.ExpectedBy, w.Step = bearer, m.until(tx, bearer), 1
	return m.fly(ctx, tx, w, a)
}

// erased is the end of an erasure: nothing is left, or it waits for the next contact, or
// the card has refused it too often. Spec: SPEC-MNO-TSM-054, SPEC-MNO-TSM-076.
func (m *Manager) erased(tx *store.Tx, w *row.Workflow, a *action, r *result) error {
	done := r.outcome == tsmp.OutcomeDone
	err := changeService(tx, a.Reference, func(s *row.Service, i *instance) error {
		if i.Telling != 0 {
			if err := m.tellState(tx, s, tsmp.PhaseRemoved, true, done); err != nil {
				return err
			}
		}
		i.Telling = 0
		if done {
			gone(s, i)
			s.Since = tx.Now()
		}
		return nil
	})
	if err != nil {
		return err
	}
	e := store.Event{Event: "erasure-ended", Refused: r.outcome.String(), Actor: string(m.c.Party), Responsible: m.managing(),
		Subject: row.Subject{Service: a.Reference, SE: a.SE, Workflow: w.ID}}
	if all := bytes.Join(r.responses, nil); !done && len(all) > 0 {
		e.Evidence = []store.Evidence{{Name: "responses", Bytes: all}}
	}
	switch r.outcome {
	case tsmp.OutcomeDone:
		e.Event, e.Refused = "erased", ""
		err = closed(tx, w, a, r.outcome)
	case tsmp.OutcomeCancelled, tsmp.OutcomeSEChanged:
		err = closed(tx, w, a, r.outcome)
	case tsmp.OutcomeUnreachable:
		err = later(tx, w, a)
	default:
		if w.Cursor++; w.Cursor < eraseRefusals {
			err = later(tx, w, a)
			break
		}
		e.Event = "erasure-given-up"
		err = closed(tx, w, a, r.outcome)
	}
	if err != nil {
		return err
	}
	return tx.Audit(e)
}

// later has an erasure that ended without success wait for another contact.
func later(tx *store.Tx, w *row.Workflow, a *action) error {
	a.ExpectedBy, w.Attempts = post.Forever, w.Attempts+1
	return waiting(tx, w, a)
}

// EraseAgain begins the removal of a service instance anew whose card refused it so often
// that it was given up, or that failed: at once where a bearer reaches the SIM, else on
// the next contact. Spec: SPEC-MNO-TSM-077.
func (d *Desk) EraseAgain(ctx context.Context, ref tsmp.ServiceReference) error {
	return d.step(ctx, "erasure-begun-again", row.Subject{Service: ref}, func(tx *store.Tx) error {
		s, found, err := store.Services.Get(tx, ref)
		switch {
		case err != nil:
			return err
		case !found:
			return refused("no such service instance")
		case s.Action != (tsmp.CallID{}):
			return refused("an action is under way on the instance")
		}
		if err := in(&s, tsmp.ServiceTerminating, tsmp.ServiceOrphaned, tsmp.ServiceFailed); err != nil {
			return refused("the instance is %v", s.State)
		}
		w, found, err := store.Workflows.Get(tx, eraseID(ref))
		if err != nil {
			return err
		}
		switch {
		case !found || !w.State.Live():
			err = d.m.queueErasure(tx, &action{Reference: ref, SE: s.SE})
		case w.Step == 0: // it waits, and is not left alone any longer
			w.Attempts, w.Cursor = 0, 0
			err = store.Workflows.Put(tx, &w)
		}
		if err != nil {
			return err
		}
		return d.m.contact(tx, s.SE)
	})
}
