package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// BlockSIM blocks a SIM: nothing reaches it until FreeSIM.
func (d *Desk) BlockSIM(ctx context.Context, se tsmp.SEID) error {
	return d.block(ctx, "sim-blocked", se, row.SIMActive, row.SIMBlocked, tsmp.SEBlocked)
}

// FreeSIM ends a block.
func (d *Desk) FreeSIM(ctx context.Context, se tsmp.SEID) error {
	return d.block(ctx, "sim-freed", se, row.SIMBlocked, row.SIMActive, tsmp.SEActive)
}

func (d *Desk) block(ctx context.Context, event string, se tsmp.SEID, from, to row.SIMState, status tsmp.SEStatus) error {
	return d.step(ctx, event, row.Subject{SE: se}, func(tx *store.Tx) error {
		var contract row.SubscriberID
		err := store.SIMs.Change(tx, se, func(s *row.SIM) error {
			if s.State != from {
				return refused("the SIM is in another state")
			}
			s.State, contract = to, s.Subscriber
			return nil
		})
		if err != nil {
			return err
		}
		return d.m.tellSE(tx, contract, se, status)
	})
}

func (m *Manager) tellSE(tx *store.Tx, contract row.SubscriberID, se tsmp.SEID, status tsmp.SEStatus) error {
	return m.tellAll(tx, contract, se, func(concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body) {
		return tsmp.HandleSEStatusChangeNotification, func(n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEStatusChangeNotificationRequest{Notice: n, SE: se, Status: status}
		}
	})
}

// RenewSIM gives a contract a card from stock in the place of its SIM, which is
// retired: nothing of the old one is on the new one. Spec: SPEC-MNO-TSM-073.
func (d *Desk) RenewSIM(ctx context.Context, id row.SubscriberID, se tsmp.SEID) error {
	return d.step(ctx, "sim-renewed", row.Subject{SE: se}, func(tx *store.Tx) error {
		s, err := contractNow(tx, id)
		if err != nil {
			return err
		}
		if s.SE == (tsmp.SEID{}) {
			return refused("the contract has no SIM: give it one")
		}
		err = d.m.tellAll(tx, id, s.SE, func(c concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body) {
			return tsmp.HandleSERenewalNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleSERenewalNotificationRequest{Notice: n, Subscriber: c.pseudonym, SE: s.SE, NewSE: se}
			}
		})
		if err != nil {
			return err
		}
		if err := d.m.retire(ctx, tx, id, s.SE, false); err != nil {
			return err
		}
		return d.m.give(tx, id, se)
	})
}

// RetireSIM takes a SIM out of the network for good; its contract has none then.
func (d *Desk) RetireSIM(ctx context.Context, se tsmp.SEID) error {
	return d.step(ctx, "sim-retired", row.Subject{SE: se}, func(tx *store.Tx) error {
		sim, _, err := simOf(tx, se)
		if err != nil || sim.State == row.SIMRetired {
			return refused("no such SIM, or it is retired")
		}
		return d.m.retire(ctx, tx, sim.Subscriber, se, true)
	})
}

// MoveSIM gives a SIM to another contract, which has none: what was declared for the
// one of before can only be terminated.
func (d *Desk) MoveSIM(ctx context.Context, se tsmp.SEID, to row.SubscriberID) error {
	return d.step(ctx, "sim-moved", row.Subject{SE: se}, func(tx *store.Tx) error {
		sim, _, err := simOf(tx, se)
		if err != nil || sim.State != row.SIMActive {
			return refused("no such SIM, or it is not active")
		}
		s, err := contractNow(tx, to)
		if err != nil {
			return err
		}
		if s.SE != (tsmp.SEID{}) {
			return refused("the other contract has a SIM")
		}
		if err := d.m.stopAll(ctx, tx, se); err != nil {
			return err
		}
		list, err := d.m.concerned(tx, sim.Subscriber, se)
		if err != nil {
			return err
		}
		for _, c := range list {
			next, err := d.m.pseudonym(tx, c.provider, to)
			if err != nil {
				return err
			}
			err = d.m.tell(tx, c.provider, tsmp.HandleSEMobileSubscriptionChangedNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleSEMobileSubscriptionChangedNotificationRequest{Notice: n, SE: se, Subscriber: c.pseudonym, NewSubscriber: next}
			})
			if err != nil {
				return err
			}
		}
		return d.m.hand(tx, sim.Subscriber, to, se)
	})
}

// hand moves a SIM from one contract to another.
func (m *Manager) hand(tx *store.Tx, from, to row.SubscriberID, se tsmp.SEID) error {
	has := func(id row.SubscriberID, se tsmp.SEID) error {
		return store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
			s.SE = se
			return nil
		})
	}
	if err := first(has(from, tsmp.SEID{}), has(to, se)); err != nil {
		return err
	}
	return store.SIMs.Change(tx, se, func(s *row.SIM) error {
		s.Subscriber = to
		return nil
	})
}

// EnvironmentChanged tells the SP-TSMs with an instance on a SIM that what they were
// told about the card before may be different now.
func (d *Desk) EnvironmentChanged(ctx context.Context, se tsmp.SEID, change tsmp.EnvironmentChange) error {
	return d.step(ctx, "environment-"+change.String(), row.Subject{SE: se}, func(tx *store.Tx) error {
		return store.ServicesOfSE.Scan(tx, se, func(s *row.Service) error {
			if s.State == tsmp.ServiceTerminated {
				return nil
			}
			ref, peer := s.Reference, s.Peer
			return d.m.tell(tx, peer, tsmp.HandleServiceEnvironmentChangeNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleServiceEnvironmentChangeNotificationRequest{Notice: n, Reference: ref, Change: change}
			})
		})
	})
}

// stopAll ends what is under way on a SIM.
func (m *Manager) stopAll(ctx context.Context, tx *store.Tx, se tsmp.SEID) error {
	var list []row.Service
	err := store.ServicesOfSE.Scan(tx, se, func(s *row.Service) error {
		list = append(list, *s)
		return nil
	})
	if err != nil {
		return err
	}
	for k := range list {
		var i instance
		if err := read(list[k].Content, &i); err != nil {
			return err
		}
		if err := m.stop(ctx, tx, &list[k], &i, tsmp.OutcomeSEChanged); err != nil {
			return err
		}
	}
	return nil
}

// retire takes a SIM from a contract for good. What was only declared for it is
// terminated; what is on it is out of reach, and erased should it be heard of again.
// Spec: SPEC-MNO-TSM-073.
func (m *Manager) retire(ctx context.Context, tx *store.Tx, contract row.SubscriberID, se tsmp.SEID, told bool) error {
	if err := m.stopAll(ctx, tx, se); err != nil {
		return err
	}
	var list []tsmp.ServiceReference
	err := store.ServicesOfSE.Scan(tx, se, func(s *row.Service) error {
		if s.State != tsmp.ServiceTerminated {
			list = append(list, s.Reference)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, ref := range list {
		if err := m.abandon(tx, ref, se); err != nil {
			return err
		}
	}
	if told {
		if err := m.tellSE(tx, contract, se, tsmp.SERetired); err != nil {
			return err
		}
	}
	if contract != (row.SubscriberID{}) {
		err := store.Subscribers.Change(tx, contract, func(s *row.Subscriber) error {
			s.SE = tsmp.SEID{}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := m.leaveDevice(tx, se, ""); err != nil {
		return err
	}
	return store.SIMs.Change(tx, se, func(s *row.SIM) error {
		s.State, s.Subscriber, s.Device = row.SIMRetired, row.SubscriberID{}, ""
		return nil
	})
}

// abandon gives an instance up whose SIM is retired.
func (m *Manager) abandon(tx *store.Tx, ref tsmp.ServiceReference, se tsmp.SEID) error {
	there := false
	err := changeService(tx, ref, func(s *row.Service, i *instance) error {
		if there = i.Domain != nil; !there {
			gone(s, i)
		} else if s.State != tsmp.ServiceOrphaned {
			s.State = tsmp.ServiceOrphaned
		}
		s.Since = tx.Now()
		return nil
	})
	if err != nil || !there {
		return err
	}
	return m.queueErasure(tx, &action{Reference: ref, SE: se})
}
