package mno

import (
	"context"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// DeclareServiceInstanceReference implements tsmp.MNO. Spec: SPEC-MNO-TSM-030 to
// SPEC-MNO-TSM-032.
func (m *Manager) DeclareServiceInstanceReference(ctx context.Context, call *tsmp.Call, b *tsmp.DeclareServiceInstanceReferenceRequest) (a *tsmp.DeclareServiceInstanceReferenceAnswer, err error) {
	err = m.serve(ctx, call, "service-declared", row.Subject{Service: b.Reference, SE: b.SE}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, found, err := store.Services.Get(tx, b.Reference)
		switch {
		case err != nil:
			return err
		case found && s.Peer == call.Sender && s.SE == b.SE && s.Name == b.Service && s.Subscriber == b.Subscriber && s.Model == b.Model:
			a, err = m.declared(tx, &s)
			return err
		case found:
			return tsmp.Refuse(tsmp.CodeReferenceUsed, "")
		}
		if s, err = m.declaration(tx, call, b); err != nil {
			return err
		}
		if a, err = m.declared(tx, &s); err != nil {
			return err
		}
		return store.Services.Insert(tx, &s)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// declaration checks a new declaration and makes its row.
func (m *Manager) declaration(tx *store.Tx, call *tsmp.Call, b *tsmp.DeclareServiceInstanceReferenceRequest) (s row.Service, err error) {
	sim, _, err := simOf(tx, b.SE)
	if err != nil {
		return s, err
	}
	p, err := contractBehind(tx, call.Sender, b.Subscriber)
	if err != nil {
		return s, err
	}
	offer, k := m.offer(call.Sender, b.Service), m.kinds[sim.Profile]
	switch {
	case p.Ended || sim.Subscriber != p.Subscriber:
		return s, tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	case offer == nil:
		return s, tsmp.Refuse(tsmp.CodeUnknownService, "")
	case k == nil || !slices.Contains(offer.ModelsOn(k), b.Model):
		return s, tsmp.Refuse(tsmp.CodeModelNotOffered, "")
	}
	q, _, err := m.question(tx, call.Sender, b.SE, b.Service)
	switch {
	case err != nil:
		return s, err
	case q.Present:
		return s, tsmp.Refuse(tsmp.CodeServicePresent, "")
	}
	if reasons := leastReasons(q, offer.Usages); len(reasons) > 0 {
		return s, tsmp.Refuse(tsmp.CodeNotEligible, string(reasons[0]))
	}
	i := instance{Contract: p.Subscriber, NonVolatile: offer.NonVolatile, Volatile: offer.Volatile}
	s = row.Service{Reference: b.Reference, Name: b.Service, Peer: call.Sender, SE: b.SE, Subscriber: b.Subscriber, Model: b.Model,
		State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent, Since: tx.Now()}
	s.Content, err = codec.Append(nil, &i)
	return s, err
}

// leastReasons are the reasons against a service for the usage that has fewest: a
// declaration does not say which one it is for. Spec: SPEC-MNO-TSM-032.
func leastReasons(q *eligible.Question, usages []tsmp.Usage) (least []tsmp.NonEligibilityReason) {
	for n, u := range usages {
		q.Usage = u
		if reasons := eligible.Decide(q).Reasons; n == 0 || len(reasons) < len(least) {
			least = reasons
		}
	}
	return least
}

// declared is the answer to a declaration: with it what GetSECapabilityProfileId and
// GetCAInformation say of the SIM. Spec: SPEC-MNO-TSM-036.
func (m *Manager) declared(r store.Reader, s *row.Service) (*tsmp.DeclareServiceInstanceReferenceAnswer, error) {
	a := &tsmp.DeclareServiceInstanceReferenceAnswer{ServiceStateAnswer: *stateOf(s)}
	sim, c, err := simOf(r, s.SE)
	if err != nil {
		return nil, err
	}
	a.ProfileID, a.Authority = sim.Profile, m.authority(&sim, &c)
	return a, nil
}

// stateOf is an instance's state as it is told.
func stateOf(s *row.Service) *tsmp.ServiceStateAnswer {
	return &tsmp.ServiceStateAnswer{State: s.State, Since: whole(s.Since), Model: s.Model, Domain: s.Domain, Action: s.Action,
		LastAction: s.LastAction, Outcome: s.Outcome}
}

// GetServiceState implements tsmp.MNO.
func (m *Manager) GetServiceState(ctx context.Context, call *tsmp.Call, b *tsmp.GetServiceStateRequest) (a *tsmp.ServiceStateAnswer, err error) {
	err = m.c.Tenant.View(ctx, func(v *store.Snapshot) error {
		s, _, err := mine(v, call, b.Reference)
		if err == nil {
			a = stateOf(&s)
		}
		return err
	})
	return a, err
}
