package world

import (
	"context"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/sp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Retire takes a phone out of the world for good, with its SIM, of which what it holds
// is kept for Invariants: a world of many phones has in memory those that somebody uses.
// It is checked now against what the servers know.
func (p *Phone) Retire(ctx context.Context) error {
	w := p.w
	if err := p.Stop(); err != nil {
		return err
	}
	p.SIM.Carrier.Network.Detach(p.Handset)
	w.phones = slices.DeleteFunc(w.phones, func(other *Phone) bool { return other == p })
	return p.SIM.Retire(ctx)
}

// Retire is that of a SIM that is in no phone.
func (s *SIM) Retire(ctx context.Context) error {
	w := s.Carrier.w
	t, err := s.Traces(ctx)
	if err != nil {
		return err
	}
	w.sims = slices.DeleteFunc(w.sims, func(other *SIM) bool { return other == s })
	w.left = append(w.left, t)
	b, err := w.booksOf(ctx, s)
	if err != nil {
		return err
	}
	defer b.register.Close()
	return b.traces(t)
}

// AtRest reports whether no server is at work on a SIM.
func (s *SIM) AtRest(ctx context.Context) (bool, error) {
	b, err := s.Carrier.w.booksOf(ctx, s)
	if err != nil {
		return false, err
	}
	defer b.register.Close()
	for _, i := range b.instances[s.SE()] {
		if i.Busy != "" {
			return false, nil
		}
	}
	for _, r := range b.services[s.SE()] {
		if r.State == tsmp.ServiceDeploying || r.State == tsmp.ServiceTerminating {
			return false, nil
		}
	}
	return true, nil
}

// booksOf are the books about one SIM; the caller closes register.
func (w *World) booksOf(ctx context.Context, s *SIM) (b *books, err error) {
	se := s.SE()
	b = &books{instances: map[tsmp.SEID][]*sp.Instance{}, services: map[tsmp.SEID][]row.Service{}}
	provider := w.processes[SPTSM].server.(*spServer)
	var phones []tsmp.PhoneID
	err = provider.tenant.View(ctx, func(v *store.Snapshot) error {
		return store.ServicesOfSE.Scan(v, se, func(r *row.Service) error {
			phones = append(phones, r.Phone)
			return nil
		})
	})
	for _, phone := range phones {
		i, found, err := provider.Instance(ctx, phone)
		if err != nil {
			return nil, err
		}
		if found {
			b.instances[se] = append(b.instances[se], i)
		}
	}
	if err != nil {
		return nil, err
	}
	err = s.Carrier.manager().tenant.View(ctx, func(v *store.Snapshot) error {
		return store.ServicesOfSE.Scan(v, se, func(r *row.Service) error {
			b.services[se] = append(b.services[se], *r)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	b.register, err = w.CA.Registry().Snapshot(ctx)
	return b, err
}
