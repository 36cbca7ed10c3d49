package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// View runs a function on the tenant's rows as they are at one moment: SIMs,
// contracts, devices, service instances, the audit trail. See package store.
func (m *Manager) View(ctx context.Context, do func(r *store.Snapshot) error) error {
	return m.c.Tenant.View(ctx, do)
}

// Party is the tenant's name.
func (m *Manager) Party() tsmp.PartyID { return m.c.Party }

// SIMs walks over the inventory.
func (m *Manager) SIMs(ctx context.Context, do func(s *row.SIM) error) error {
	return m.View(ctx, func(r *store.Snapshot) error { return store.SIMs.Scan(r, do) })
}

// Services walks over the service instances.
func (m *Manager) Services(ctx context.Context, do func(s *row.Service) error) error {
	return m.View(ctx, func(r *store.Snapshot) error { return store.Services.Scan(r, do) })
}

// SubscriberOf is the contract that has a telephone number now.
func (m *Manager) SubscriberOf(ctx context.Context, msisdn string) (s row.Subscriber, found bool, err error) {
	err = m.View(ctx, func(r *store.Snapshot) error {
		s, found, err = store.SubscribersByMSISDN.First(r, msisdn)
		return err
	})
	return s, found, err
}

// Trail walks over the audit trail from an entry on, and verifies its chain.
func (m *Manager) Trail(ctx context.Context, from uint64, do func(e *row.Entry) error) error {
	return m.View(ctx, func(r *store.Snapshot) error { return r.Trail(from, do) })
}

// Evidence is the bytes of an exhibit of the audit trail; nil: there is none.
func (m *Manager) Evidence(ctx context.Context, hash row.Hash) (b []byte, err error) {
	err = m.View(ctx, func(r *store.Snapshot) error {
		b, _, err = store.EvidenceOf(r, hash)
		return err
	})
	return b, err
}

// Traffic counts what went to cards and came from them, of jobs that have ended.
func (m *Manager) Traffic(ctx context.Context) (a delivery.Account, err error) {
	err = m.View(ctx, func(r *store.Snapshot) error {
		a, err = delivery.Totals(r)
		return err
	})
	return a, err
}
