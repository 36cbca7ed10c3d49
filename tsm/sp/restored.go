package sp

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Events of stores that came of a backup.
const (
	eventPeerRestored   = "party-restored"             // the other side's did
	eventAsked          = "party-asked-about-all"      // what this side knows is compared
	eventCarrierLacks   = "service-unknown-to-party"   // the carrier knows nothing of it
	eventCarrierRemoved = "service-ended-at-carrier"   // the carrier has removed it
	pageOfInquiries     = 256                          // in one step
	caseRestored        = "reconciled after restoring" // for the authority
)

// reconcile asks carriers about all service instances that this side knows of them, where
// this side's records or theirs come of a backup. Begun again after a crash it asks again.
// Spec: SPEC-SP-TSM-044, SPEC-SP-TSM-045.
func (m *Manager) reconcile(ctx context.Context) error {
	if !m.unsure.Load() {
		return nil
	}
	for i := range m.config.Carriers {
		if err := m.reconcileWith(ctx, m.config.Carriers[i].Party); err != nil {
			return err
		}
	}
	m.unsure.Store(false)
	return nil
}

func (m *Manager) reconcileWith(ctx context.Context, party tsmp.PartyID) error {
	var list []tsmp.ServiceReference
	owed, restored := false, false
	err := m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		l, err := m.ledgerOf(s, party)
		if err != nil {
			return err
		}
		epoch, err := store.Epoch(s)
		restored = l.Own < epoch
		if owed = l.Owed || restored; err != nil || !owed {
			return err
		}
		return store.Services.Scan(s, func(x *row.Service) error {
			if x.Peer == party && x.State != tsmp.ServiceTerminated && x.State != tsmp.ServiceOrphaned {
				list = append(list, x.Reference)
			}
			return nil
		})
	})
	if err != nil || !owed {
		return err
	}
	for len(list) > 0 {
		n := min(len(list), pageOfInquiries)
		if err := m.config.Tenant.Step(ctx, func(tx *store.Tx) error { return m.inquireAbout(tx, party, list[:n], restored) }); err != nil {
			return err
		}
		list = list[n:]
	}
	return m.config.Tenant.Step(ctx, func(tx *store.Tx) error { return m.reconciled(tx, party) })
}

// inquireAbout asks about instances. Where this side's records were of before it is not
// known what cards were told since. Spec: SPEC-SP-TSM-039.
func (m *Manager) inquireAbout(tx *store.Tx, party tsmp.PartyID, list []tsmp.ServiceReference, restored bool) error {
	for _, ref := range list {
		if err := m.inquire(tx, &row.Service{Reference: ref, Peer: party}); err != nil {
			return err
		}
		if !restored {
			continue
		}
		if err := m.changeHolding(tx, ref, func(h *holding) { h.Unsure = true }); err != nil {
			return err
		}
	}
	return nil
}

// reconciled notes that all was asked.
func (m *Manager) reconciled(tx *store.Tx, party tsmp.PartyID) error {
	epoch, err := store.Epoch(tx)
	if err != nil {
		return err
	}
	l, err := m.ledgerOf(tx, party)
	if err != nil {
		return err
	}
	l.Own, l.Owed = epoch, false
	if err := m.keepLedger(tx, party, l); err != nil {
		return err
	}
	return tx.Audit(store.Event{Event: eventAsked, Actor: string(m.config.Party), Responsible: tsmp.RoleSPTSM.String()})
}

// unknown notes that a carrier knows nothing of an instance that it was asked about: its
// records were lost. What is on the card is an operator's to find out; a workflow that
// waits for the carrier's action goes on as if the SIM had not been reached.
// Spec: SPEC-SP-TSM-045.
func (m *Manager) unknown(ctx context.Context, tx *store.Tx, e *post.Ended, ref tsmp.ServiceReference) error {
	err := tx.Audit(store.Event{Event: eventCarrierLacks, Refused: string(e.Failure.Code), Actor: string(post.Party(e.Message.Key.Destination)),
		Responsible: tsmp.RoleMNOTSM.String(), Subject: row.Subject{Service: ref, Call: e.Message.Call}, Evidence: []store.Evidence{
			{Name: string(e.Function) + "-request", Bytes: e.Message.Bytes}, {Name: string(e.Function) + "-answer", Bytes: e.Evidence}}})
	if err != nil {
		return err
	}
	w, err := m.busyOf(tx, ref)
	if err != nil || !w.State.Live() {
		return err
	}
	return m.on(ctx, tx, w.ID, func(f *flow) error {
		if !f.job.Acting {
			return nil
		}
		return f.ended(&end{outcome: tsmp.OutcomeUnreachable})
	})
}

// compare takes what a carrier says of an instance on which nothing is under way: one that
// it has ended while this side's records were of before ends here too, and its
// certificate. Spec: SPEC-SP-TSM-044.
func (m *Manager) compare(tx *store.Tx, s *row.Service, a *tsmp.ServiceStateAnswer) error {
	if s.State == tsmp.ServiceTerminated || s.State == tsmp.ServiceOrphaned || a.State != tsmp.ServiceTerminated && a.State != tsmp.ServiceOrphaned {
		return nil
	}
	err := store.Services.Change(tx, s.Reference, func(s *row.Service) error {
		s.State, s.Domain, s.Keys, s.Since, s.Action = a.State, tsmp.DomainAbsent, nil, tx.Now(), tsmp.CallID{}
		return nil
	})
	if err != nil {
		return err
	}
	err = tx.Audit(store.Event{Event: eventCarrierRemoved, Actor: string(s.Peer), Responsible: tsmp.RoleMNOTSM.String(), Subject: row.Subject{Service: s.Reference, SE: s.SE}})
	if err != nil {
		return err
	}
	return m.revoke(tx, &job{Reference: s.Reference, Phone: s.Phone, Ground: tsmp.GroundService, Case: caseRestored, Reason: reasonCessation})
}
