package mno

import (
	"context"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// CheckGlobalEligibility implements tsmp.MNO. Spec: SPEC-MNO-TSM-020 to
// SPEC-MNO-TSM-026.
func (m *Manager) CheckGlobalEligibility(ctx context.Context, call *tsmp.Call, b *tsmp.CheckGlobalEligibilityRequest) (a *tsmp.CheckGlobalEligibilityAnswer, err error) {
	err = m.serve(ctx, call, "eligibility-checked", row.Subject{SE: b.SE}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		q, sim, err := m.question(tx, call.Sender, b.SE, b.Service)
		if err != nil {
			return err
		}
		q.Usage, q.Touch = b.Usage, b.Touch
		q.NonVolatile, q.Volatile = max(q.NonVolatile, b.NonVolatile), max(q.Volatile, b.Volatile)
		verdict := eligible.Decide(q)
		a = &tsmp.CheckGlobalEligibilityAnswer{Eligible: len(verdict.Reasons) == 0, Reasons: verdict.Reasons, Bearers: verdict.Bearers}
		if sim == nil {
			return nil
		}
		if offer, k := m.offer(call.Sender, b.Service), m.kinds[sim.Profile]; offer != nil && k != nil {
			a.Models = offer.ModelsOn(k)
		}
		if q.Contract != nil && q.Contract.Status != tsmp.SubscriptionEnded {
			a.Subscriber, err = m.pseudonym(tx, call.Sender, sim.Subscriber)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// question is what is known of a SIM and its surroundings, for one service of an
// SP-TSM; sim is nil when there is none.
func (m *Manager) question(r store.Reader, provider tsmp.PartyID, se tsmp.SEID, service string) (q *eligible.Question, sim *row.SIM, err error) {
	q = new(eligible.Question)
	s, found, err := store.SIMs.Get(r, se)
	if err != nil || !found {
		return q, nil, err
	}
	var c card
	if err := read(s.Content, &c); err != nil {
		return nil, nil, err
	}
	k := m.kinds[s.Profile]
	q.Device = m.device(s.Device)
	q.SIM = &eligible.SIM{Supported: k != nil && len(k.Models) > 0, Blocked: s.State != row.SIMActive, Slot: int(c.Slot), Bearers: m.bearersOf(k)}
	if q.SIM.NonVolatile, q.SIM.Volatile, err = m.freeMemory(r, &s, tsmp.ServiceReference{}); err != nil {
		return nil, nil, err
	}
	if _, q.Contract, err = contractOf(r, s.Subscriber); err != nil {
		return nil, nil, err
	}
	if o := m.offer(provider, service); o != nil {
		q.Usages, q.System, q.NonVolatile, q.Volatile = o.Usages, o.System, o.NonVolatile, o.Volatile
		q.Offered = k != nil && len(o.ModelsOn(k)) > 0
	}
	other, err := present(r, se, provider, service)
	q.Present = other != nil
	return q, &s, err
}

// present is the live instance of a service on a SIM; nil: none.
func present(r store.Reader, se tsmp.SEID, provider tsmp.PartyID, service string) (found *row.Service, err error) {
	err = store.ServicesOfSE.Scan(r, se, func(s *row.Service) error {
		if s.Peer == provider && s.Name == service && s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned {
			copied := *s
			found = &copied
		}
		return nil
	})
	return found, err
}

// freeMemory is what a card said last, or what its kind has when it is new, less
// what is kept for service instances, but one, that were not on it then.
// Spec: SPEC-MNO-TSM-023.
func (m *Manager) freeMemory(r store.Reader, sim *row.SIM, but tsmp.ServiceReference) (nonVolatile, volatile uint64, err error) {
	nonVolatile, volatile = sim.NonVolatile, sim.Volatile
	if k := m.kinds[sim.Profile]; sim.MemoryAt.IsZero() && k != nil {
		nonVolatile, volatile = k.NonVolatile, k.Volatile
	}
	err = store.ServicesOfSE.Scan(r, sim.SE, func(s *row.Service) error {
		if s.Reference == but || !reserves(s, sim) {
			return nil
		}
		var i instance
		if err := read(s.Content, &i); err != nil {
			return err
		}
		nonVolatile -= min(nonVolatile, i.NonVolatile)
		volatile -= min(volatile, i.Volatile)
		return nil
	})
	return nonVolatile, volatile, err
}

// reserves reports whether memory is kept for an instance that the card's own figure
// does not show yet.
func reserves(s *row.Service, sim *row.SIM) bool {
	switch s.State {
	case tsmp.ServiceDeclared, tsmp.ServiceDeploying:
		return true
	case tsmp.ServiceTerminated, tsmp.ServiceOrphaned:
		return false
	}
	return sim.MemoryAt.Before(s.Since)
}

// CheckMobileSubscriptionEligibility implements tsmp.MNO.
func (m *Manager) CheckMobileSubscriptionEligibility(ctx context.Context, call *tsmp.Call, b *tsmp.CheckMobileSubscriptionEligibilityRequest) (a *tsmp.EligibilityAnswer, err error) {
	err = m.serve(ctx, call, "subscription-checked", row.Subject{}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		a = new(tsmp.EligibilityAnswer)
		p, err := contractBehind(tx, call.Sender, b.Subscriber)
		unknown := err != nil
		if unknown && !slices.Contains([]tsmp.Code{tsmp.CodeUnknownSubscriber}, codeOf(err)) {
			return err
		}
		var c *eligible.Contract
		if !unknown && p.Ended {
			c = &eligible.Contract{Status: tsmp.SubscriptionEnded, Users: true}
		} else if !unknown {
			if _, c, err = contractOf(tx, p.Subscriber); err != nil {
				return err
			}
		}
		offer := m.offer(call.Sender, b.Service)
		var usages []tsmp.Usage
		if offer != nil {
			usages = offer.Usages
		}
		a.Reasons = c.Against(b.Usage, usages)
		if offer == nil {
			a.Reasons = append(a.Reasons, tsmp.ServiceNotOffered)
		}
		a.Eligible = len(a.Reasons) == 0
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}
