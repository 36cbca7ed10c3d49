package mno

import (
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
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

// reaching are those of the wanted bearers that reach a SIM now, in their order.
func (m *Manager) reaching(r store.Reader, sim *row.SIM, want []tsmp.Bearer) (list []tsmp.Bearer, err error) {
	_, c, err := contractOf(r, sim.Subscriber)
	if err != nil {
		return nil, err
	}
	s := eligible.SIM{Blocked: sim.State != row.SIMActive, Bearers: m.bearersOf(m.kinds[sim.Profile])}
	now := eligible.Bearers(m.device(sim.Device), &s, c)
	for _, b := range want {
		if slices.Contains(now, b) {
			list = append(list, b)
		}
	}
	return list, nil
}

// reach is the first of the wanted bearers that reaches a SIM now; 0: none does.
func (m *Manager) reach(r store.Reader, sim *row.SIM, want []tsmp.Bearer) (tsmp.Bearer, error) {
	list, err := m.reaching(r, sim, want)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

// until is how long an action by bearers is tried.
func (m *Manager) until(tx *store.Tx, bearers ...tsmp.Bearer) time.Time {
	var all time.Duration
	for _, b := range bearers {
		if b == tsmp.BearerRelay {
			all += m.c.Policy.Relay
		} else {
			all += m.c.Policy.SMS
		}
	}
	return whole(tx.Now().Add(min(all, tsmp.MaxValidity)))
}

// turn is how long an action stays with the relay when no app comes, where it has another
// bearer: twice as long each time it comes back to it.
func (m *Manager) turn(tx *store.Tx, a *action) time.Time {
	d := m.c.Policy.Turn
	for i := uint32(1); i < a.Turns && d < m.c.Policy.Relay; i += 2 {
		d *= 2
	}
	turn := tx.Now().Add(min(d, m.c.Policy.Relay))
	if turn.After(a.ExpectedBy) {
		return a.ExpectedBy
	}
	return turn
}

// job is what delivery has to do for an action: by the relay only for a turn, by short
// messages until the network gives up, where another bearer is left.
// Spec: SPEC-MNO-TSM-078.
func (m *Manager) job(tx *store.Tx, id row.WorkflowID, a *action, s *remote.Script) delivery.Job {
	j := delivery.Job{ID: id, SE: a.SE, Bearers: []tsmp.Bearer{a.Bearer}, Script: delivery.Script{Form: s.Form, AID: s.AID, Items: s.Items}, Deadline: a.ExpectedBy}
	switch {
	case len(a.Bearers) < 2:
	case a.Bearer == tsmp.BearerRelay:
		j.Deadline, j.Hold = m.turn(tx, a), m.c.Policy.Hold
	default:
		j.Yield = true
	}
	return j
}

// another is the bearer that an action goes over to whose script has ended unreachable; 0:
// there is none, no time is left, or something that short messages brought may still come
// to the card, where it would be carried out behind what another bearer brings.
// Spec: SPEC-MNO-TSM-078, SPEC-MNO-TSM-079.
func (m *Manager) another(tx *store.Tx, a *action, r *delivery.Result) (tsmp.Bearer, error) {
	if r.Bearer == tsmp.BearerSMS && !r.Silent || a.ExpectedBy.Sub(tx.Now()) < slack {
		return 0, nil
	}
	sim, _, err := simOf(tx, a.SE)
	if err != nil {
		return 0, err
	}
	at := slices.Index(a.Bearers, a.Bearer)
	return m.reach(tx, &sim, slices.Concat(a.Bearers[at+1:], a.Bearers[:max(at, 0)]))
}
