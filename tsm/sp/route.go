package sp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// place is where and how a SIM can be reached, or why it cannot have the service.
type place struct {
	carrier    tsmp.PartyID
	subscriber tsmp.Subscriber
	models     []tsmp.Model
	bearers    []tsmp.Bearer
	origin     jpki.Origin
	reasons    []tsmp.NonEligibilityReason
}

// candidates are the carriers that a SIM may be of, the likeliest first: those with the
// longest prefix, and those without prefixes last; with the digits of each one's prefix.
// Spec: SPEC-SP-TSM-005.
func (m *Manager) candidates(se tsmp.SEID) (carriers []*Carrier, digits []int) {
	type candidate struct {
		c     *Carrier
		digit int
	}
	var list []candidate
	id := se.String()
	for i := range m.config.Carriers {
		c := &m.config.Carriers[i]
		longest := -1
		if len(c.Prefixes) == 0 {
			longest = 0
		}
		for _, p := range c.Prefixes {
			if strings.HasPrefix(id, p) {
				longest = max(longest, len(p))
			}
		}
		if longest >= 0 {
			list = append(list, candidate{c, longest})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.digit, a.digit) })
	for _, c := range list {
		carriers, digits = append(carriers, c.c), append(digits, c.digit)
	}
	return carriers, digits
}

// locate asks the carriers that a SIM may be of, until one knows it. While one with a
// prefix cannot be asked, a likelier answer than that of those with a shorter one is
// missing: they could name another's SIM theirs.
// Spec: SPEC-SP-TSM-005.
func (m *Manager) locate(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest) (*place, error) {
	unreached, silent := false, 0
	carriers, digits := m.candidates(q.SE)
	for i, c := range carriers {
		if digits[i] < silent {
			break
		}
		remote, ok := m.carrier(c.Party)
		if !ok {
			continue
		}
		s := &m.config.Software
		a, err := remote.CheckGlobalEligibility(ctx, within(call, tsmp.CheckGlobalEligibility, c.Party), &tsmp.CheckGlobalEligibilityRequest{SE: q.SE,
			Service: m.config.Service, Usage: q.Usage, Touch: m.config.Touch, NonVolatile: s.NonVolatile, Volatile: s.Volatile})
		if err != nil {
			unreached, silent = true, max(silent, digits[i])
			continue
		}
		if slices.Contains(a.Reasons, tsmp.UnknownSIM) {
			continue
		}
		return m.placeOf(ctx, c, q, a)
	}
	if unreached {
		return nil, tsmp.Refuse(tsmp.CodeCarrier, "")
	}
	return &place{reasons: []tsmp.NonEligibilityReason{tsmp.UnknownSIM}}, nil
}

// placeOf judges what a carrier has answered.
func (m *Manager) placeOf(ctx context.Context, c *Carrier, q *tsmp.StartApplicationRequest, a *tsmp.CheckGlobalEligibilityAnswer) (*place, error) {
	p := &place{carrier: c.Party, subscriber: a.Subscriber, origin: cmp.Or(c.Origin, m.config.Origin)}
	ours, err := m.ours(ctx, q.SE, a.Subscriber)
	if err != nil {
		return nil, err
	}
	for _, r := range a.Reasons {
		// What is there is an instance of ours, which the new one takes the place of, in
		// memory too.
		if ours && (r == tsmp.ServicePresent || r == tsmp.FullSIM) {
			continue
		}
		p.reasons = append(p.reasons, r)
	}
	preferred := c.Models
	if len(preferred) == 0 {
		preferred = []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised}
	}
	for _, model := range preferred {
		if slices.Contains(a.Models, model) {
			p.models = append(p.models, model)
		}
	}
	for _, b := range []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS} { // the app is there, and relay is faster
		if slices.Contains(a.Bearers, b) {
			p.bearers = append(p.bearers, b)
		}
	}
	if len(p.reasons) == 0 && (a.Subscriber == tsmp.Subscriber{}) {
		p.reasons = append(p.reasons, tsmp.UnknownSubscription)
	}
	if len(p.reasons) == 0 && len(p.models) == 0 {
		p.reasons = append(p.reasons, tsmp.ServiceNotOffered)
	}
	if len(p.reasons) == 0 && len(p.bearers) == 0 {
		p.reasons = append(p.reasons, tsmp.NoBearer)
	}
	return p, nil
}

// ours reports whether a SIM of a subscription has an instance of this SP-TSM's.
func (m *Manager) ours(ctx context.Context, se tsmp.SEID, who tsmp.Subscriber) (yes bool, err error) {
	err = m.config.Tenant.View(ctx, func(r *store.Snapshot) error {
		return store.ServicesOfSE.Scan(r, se, func(s *row.Service) error {
			yes = yes || s.Subscriber == who && s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned
			return nil
		})
	})
	return yes, err
}
