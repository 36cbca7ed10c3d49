package mno

import (
	"bytes"
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// finish ends an action: the instance's state, the workflow, the notification and
// the entry in the audit trail, in the step of whatever ended it.
// Spec: SPEC-TSM-PROTOCOL-083, SPEC-MNO-TSM-013.
func (m *Manager) finish(ctx context.Context, tx *store.Tx, w *row.Workflow, a *action, r *result) error {
	switch w.Kind {
	case kindAudit:
		return m.audited(tx, w, a, r)
	case kindErase:
		return m.erased(tx, w, a, r)
	}
	if err := m.noteMemory(tx, a.SE, r.responses); err != nil {
		return err
	}
	var state tsmp.ServiceState
	err := changeService(tx, a.Reference, func(s *row.Service, i *instance) error {
		after(w.Kind, s, i, a, r, tx.Now())
		if s.Action == a.Call {
			s.Action = tsmp.CallID{}
		}
		s.LastAction, s.Outcome, state = a.Call, r.outcome, s.State
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.engine.Close(tx, w.ID); err != nil {
		return err
	}
	if err := closed(tx, w, a, r.outcome); err != nil {
		return err
	}
	if err := m.tellDone(tx, w.Kind, a, r, state); err != nil {
		return err
	}
	if w.Kind == kindTerminate && r.outcome == tsmp.OutcomeUnreachable {
		if err := m.queueErasure(tx, a); err != nil {
			return err
		}
	}
	e := store.Event{Event: w.Kind + "-ended", Actor: string(m.c.Party), Responsible: m.managing(),
		Subject: row.Subject{Service: a.Reference, SE: a.SE, Workflow: w.ID, Call: a.Call}}
	if r.outcome != tsmp.OutcomeDone {
		e.Refused = r.outcome.String()
	}
	if all := bytes.Join(r.responses, nil); len(all) > 0 {
		e.Evidence = []store.Evidence{{Name: "responses", Bytes: all}}
	}
	return tx.Audit(e)
}

// closed writes a workflow that has ended; its run is no longer needed.
func closed(tx *store.Tx, w *row.Workflow, a *action, outcome tsmp.Outcome) error {
	switch outcome {
	case tsmp.OutcomeDone:
		end(w, row.WorkflowDone, "")
	case tsmp.OutcomeCancelled, tsmp.OutcomeSEChanged:
		end(w, row.WorkflowCancelled, "")
	default:
		end(w, row.WorkflowFailed, outcome.String())
	}
	a.Run = nil
	return put(tx, w, a)
}

// after is the state of an instance after an action: the table of
// spec/MNO-TSM.md, "Life of a service instance". Spec: SPEC-MNO-TSM-013.
func after(kind string, s *row.Service, i *instance, a *action, r *result, now time.Time) {
	before := s.State
	done := r.outcome == tsmp.OutcomeDone
	switch kind {
	case kindDeploy:
		switch {
		case done && a.Agreement.none():
			s.State, s.Domain = tsmp.ServiceDeployed, tsmp.DomainStart
		case done:
			s.State, s.Domain = tsmp.ServiceDeployed, tsmp.DomainEnrolled
		case !r.began:
			s.State, i.Domain, i.Package, i.Hash, i.Instances = tsmp.ServiceDeclared, nil, nil, [32]byte{}, nil
		default:
			s.State, s.Domain = tsmp.ServiceFailed, tsmp.DomainStart
		}
	case kindLock:
		if done {
			s.State = tsmp.ServiceSuspended
		}
	case kindUnlock:
		if done {
			s.State = tsmp.ServiceDeployed
		}
	case kindEnrol:
		if done {
			s.Domain = tsmp.DomainEnrolled
		}
	case kindTerminate:
		switch {
		case done:
			gone(s, i)
		case r.outcome == tsmp.OutcomeRefused || r.outcome == tsmp.OutcomeInternal || r.outcome == tsmp.OutcomeMemory:
			s.State = tsmp.ServiceFailed
		}
	}
	if s.State != before {
		s.Since = now
	}
}

// gone is an instance of which nothing is on the card any more.
func gone(s *row.Service, i *instance) {
	s.State, s.Domain, s.Keys = tsmp.ServiceTerminated, tsmp.DomainAbsent, nil
	i.Instances, i.Package, i.Hash, i.Entries, i.NonVolatile, i.Volatile = nil, nil, [32]byte{}, nil, 0, 0
	i.Telling, i.Announced = 0, 0
}

// noteMemory keeps what the card said of its memory.
func (m *Manager) noteMemory(tx *store.Tx, se tsmp.SEID, responses [][]byte) error {
	free, ok := memoryIn(responses)
	if !ok {
		return nil
	}
	return store.SIMs.Change(tx, se, func(s *row.SIM) error {
		s.NonVolatile, s.Volatile, s.MemoryAt = uint64(free.FreeNonVolatileBytes), uint64(free.FreeVolatileBytes), tx.Now()
		return nil
	})
}
