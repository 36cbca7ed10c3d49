package mno

import (
	"context"
	"errors"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var _ tsmp.MNO = (*Manager)(nil)

// Service serves the MNO-TSM's functions to SP-TSMs.
func (m *Manager) Service() tsmp.Service { return tsmp.MNOService(m) }

// Relay serves FetchScript and ReturnResponses to UI apps.
func (m *Manager) Relay() tsmp.Service { return tsmp.RelayService(m.engine) }

// Journal is the journal of calls that a Handler of Service needs.
func (m *Manager) Journal() tsmp.Journal { return m.c.Tenant.Journal() }

// Responsible parties in the audit trail. Spec: SPEC-MNO-TSM-005.
const (
	responsibleProvider = "SP-TSM/"
	responsibleCarrier  = "MNO-TSM/"
)

// answering is who is responsible for an answer of the MNO-TSM.
func (m *Manager) answering() string { return responsibleCarrier + string(m.c.Party) }

// managing is who is responsible for what happens on a card: the owner of its keys.
// Spec: SPEC-MNO-TSM-004, SPEC-MNO-TSM-005.
func (m *Manager) managing() string { return responsibleCarrier + string(m.c.owner()) }

// serve carries out a call in one step, with one entry in the audit trail: the event,
// or, in a step of its own, why it was refused. Evidence is the signed request unless
// secret says that it has a code in it. answer is what the call returns once do has done
// it: the signed answer is kept in the same step. Spec: SPEC-MNO-TSM-005, SPEC-STORE-046.
func (m *Manager) serve(ctx context.Context, call *tsmp.Call, event string, subject row.Subject, secret bool, answer func() tsmp.Body, do func(tx *store.Tx) error) error {
	e := store.Event{Event: event, Actor: string(call.Sender), Responsible: m.answering(), Subject: subject}
	e.Subject.Call = call.ID
	if !secret && call.Evidence != nil {
		e.Evidence = []store.Evidence{{Name: "request", Bytes: call.Evidence}}
	}
	err := m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		if err := tx.Audit(e); err != nil {
			return err
		}
		return m.c.Tenant.Complete(ctx, func() ([]byte, error) { return call.Complete(answer()) })
	})
	var refusal *tsmp.Error
	if !errors.As(err, &refusal) {
		return err
	}
	e.Refused = string(refusal.Code)
	return errors.Join(err, m.c.Tenant.Step(ctx, func(tx *store.Tx) error { return tx.Audit(e) }))
}

// mine is the service instance of a reference, if it is the sender's.
func mine(r store.Reader, call *tsmp.Call, ref tsmp.ServiceReference) (s row.Service, i instance, err error) {
	s, found, err := store.Services.Get(r, ref)
	switch {
	case err != nil:
		return s, i, err
	case !found || s.Peer != call.Sender:
		return s, i, tsmp.Refuse(tsmp.CodeUnknownReference, "")
	}
	return s, i, read(s.Content, &i)
}

// current refuses what would reach a SIM that, or whose subscription, is no longer
// that of the declaration. Spec: SPEC-TSM-PROTOCOL-091.
func current(r store.Reader, s *row.Service, i *instance) error {
	sim, found, err := store.SIMs.Get(r, s.SE)
	if err != nil {
		return err
	}
	changed := tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	if !found || sim.Subscriber != i.Contract || sim.State == row.SIMRetired || sim.State == row.SIMStock {
		return changed
	}
	p, found, err := store.Pseudonyms.Get(r, s.Subscriber)
	switch {
	case err != nil:
		return err
	case !found || p.Ended || p.Subscriber != i.Contract:
		return changed
	}
	return nil
}

// idle refuses a second action on an instance. Spec: SPEC-TSM-PROTOCOL-092.
func idle(s *row.Service, i *instance) error {
	if s.Action != (tsmp.CallID{}) || i.Telling != 0 {
		return tsmp.Refuse(tsmp.CodeActionInProgress, "")
	}
	return nil
}

// in refuses an instance that is in none of these states.
func in(s *row.Service, states ...tsmp.ServiceState) error {
	for _, state := range states {
		if s.State == state {
			return nil
		}
	}
	return tsmp.Refuse(tsmp.CodeWrongState, s.State.String())
}
