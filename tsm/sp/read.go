package sp

import (
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Instance is a service instance as operators and reports see it. No key is in it.
type Instance struct {
	Reference  tsmp.ServiceReference
	Phone      tsmp.PhoneID
	Carrier    tsmp.PartyID
	SE         tsmp.SEID
	Subscriber tsmp.Subscriber
	Pseudonym  tsmp.Pseudonym
	Model      tsmp.Model
	State      tsmp.ServiceState
	Domain     tsmp.DomainState
	Phase      tsmp.Phase // of the application on the card; 0: nothing personal is there
	Busy       string     // the kind of the workflow that works on it; empty: none
	NotAfter   time.Time  // of the certificate that was issued last
	Erased     time.Time  // when the authority recorded the erasure
}

// Instances walks over the service instances. Memory does not depend on their number.
func (m *Manager) Instances(ctx context.Context, do func(*Instance) error) error {
	return m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Services.Scan(s, func(r *row.Service) error {
			i, err := m.describe(s, r)
			if err != nil {
				return err
			}
			return do(i)
		})
	})
}

// Instance finds a service instance by the authority's name of it.
func (m *Manager) Instance(ctx context.Context, phone tsmp.PhoneID) (i *Instance, found bool, err error) {
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		var r row.Service
		if r, found, err = store.ServicesByPhone.First(s, phone); err != nil || !found {
			return err
		}
		i, err = m.describe(s, &r)
		return err
	})
	return i, found, err
}

func (m *Manager) describe(s *store.Snapshot, r *row.Service) (*Instance, error) {
	var h holding
	if err := h.read(r.Content); err != nil {
		return nil, err
	}
	i := &Instance{Reference: r.Reference, Phone: r.Phone, Carrier: r.Peer, SE: r.SE, Subscriber: r.Subscriber, Pseudonym: h.Pseudonym, Model: r.Model,
		State: r.State, Domain: r.Domain, Phase: h.Phase, NotAfter: h.NotAfter, Erased: h.Erased}
	w, found, err := store.Workflows.Get(s, h.Busy)
	if found && w.State.Live() {
		i.Busy = w.Kind
	}
	return i, err
}

// Progress is an application as operators and reports see it.
type Progress struct {
	Nonce     tsmp.Nonce
	Purpose   tsmp.Purpose
	SE        tsmp.SEID
	Pseudonym tsmp.Pseudonym
	Carrier   tsmp.PartyID
	Progress  row.Progress
	Stage     tsmp.Stage
	Step      string // of its workflow; empty: it has ended
	Refusal   tsmp.Code
	At        time.Time
}

// Applications walks over the applications.
func (m *Manager) Applications(ctx context.Context, do func(*Progress) error) error {
	return m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Applications.Scan(s, func(a *row.Application) error {
			var e session
			if err := codec.Decode(a.Content, &e); err != nil {
				return err
			}
			p := &Progress{Nonce: tsmp.Nonce(a.ID), Purpose: e.Purpose, SE: a.SE, Pseudonym: a.Pseudonym, Carrier: a.Carrier, Progress: a.Progress,
				Stage: e.Stage, Refusal: e.Refusal, At: a.At}
			w, found, err := store.Workflows.Get(s, e.Workflow)
			if plan := plans(w.Kind); found && w.State.Live() && int(w.Step) < len(plan) {
				p.Step = plan[w.Step].name
			}
			if err != nil {
				return err
			}
			return do(p)
		})
	})
}

// Trail walks over the audit trail from an entry on, 1 being the first, and verifies
// its chain as it goes.
func (m *Manager) Trail(ctx context.Context, from uint64, do func(*row.Entry) error) error {
	return m.config.Tenant.View(ctx, func(s *store.Snapshot) error { return s.Trail(from, do) })
}

// Evidence reads what an entry of the trail rests on.
func (m *Manager) Evidence(ctx context.Context, hash row.Hash) (b []byte, found bool, err error) {
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		b, found, err = store.EvidenceOf(s, hash)
		return err
	})
	return b, found, err
}
