package mno

import (
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// device is the model of the device that a SIM is in; nil: none that is known.
func (m *Manager) device(imei string) *eligible.Device {
	if len(imei) < 8 {
		return nil
	}
	return m.devices[imei[:8]]
}

// contractOf is the subscription that a SIM has; nil: none.
func contractOf(r store.Reader, id row.SubscriberID) (*row.Subscriber, *eligible.Contract, error) {
	if id == (row.SubscriberID{}) {
		return nil, nil, nil
	}
	s, found, err := store.Subscribers.Get(r, id)
	if err != nil || !found {
		return nil, nil, err
	}
	var c contract
	if err := read(s.Content, &c); err != nil {
		return nil, nil, err
	}
	return &s, &eligible.Contract{Status: statusOf(s.State), Corporate: c.Corporate, Users: len(c.Users) > 0}, nil
}

func statusOf(s row.SubscriberState) tsmp.SubscriptionStatus {
	switch s {
	case row.SubscriberActive:
		return tsmp.SubscriptionActive
	case row.SubscriberSuspended:
		return tsmp.SubscriptionSuspended
	}
	return tsmp.SubscriptionEnded
}

// bearersOf are those that a kind of card can be reached by.
func (m *Manager) bearersOf(k *kind.Kind) (list []tsmp.Bearer) {
	if k == nil {
		return nil
	}
	for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
		if k.Reaches(b) && (b == tsmp.BearerRelay || m.c.Bearer != nil) {
			list = append(list, b)
		}
	}
	return list
}

// reach is the first of the wanted bearers that reaches a SIM now; 0: none does.
func (m *Manager) reach(r store.Reader, sim *row.SIM, want []tsmp.Bearer) (tsmp.Bearer, error) {
	_, c, err := contractOf(r, sim.Subscriber)
	if err != nil {
		return 0, err
	}
	var content card
	if err := read(sim.Content, &content); err != nil {
		return 0, err
	}
	s := eligible.SIM{Blocked: sim.State != row.SIMActive, Bearers: m.bearersOf(m.kinds[sim.Profile])}
	now := eligible.Bearers(m.device(sim.Device), &s, c)
	for _, b := range want {
		if slices.Contains(now, b) {
			return b, nil
		}
	}
	return 0, nil
}

// until is how long an action by a bearer is tried.
func (m *Manager) until(tx *store.Tx, b tsmp.Bearer) time.Time {
	if b == tsmp.BearerRelay {
		return whole(tx.Now().Add(m.c.Policy.Relay))
	}
	return whole(tx.Now().Add(m.c.Policy.SMS))
}
