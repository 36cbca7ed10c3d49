package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// SuspendSubscriber suspends a contract, 利用停止: short messages do not reach its SIM
// until ResumeSubscriber. The SP-TSMs decide what becomes of services.
func (d *Desk) SuspendSubscriber(ctx context.Context, id row.SubscriberID) error {
	return d.status(ctx, "contract-suspended", id, row.SubscriberActive, row.SubscriberSuspended)
}

// ResumeSubscriber ends a suspension.
func (d *Desk) ResumeSubscriber(ctx context.Context, id row.SubscriberID) error {
	return d.status(ctx, "contract-resumed", id, row.SubscriberSuspended, row.SubscriberActive)
}

func (d *Desk) status(ctx context.Context, event string, id row.SubscriberID, from, to row.SubscriberState) error {
	return d.step(ctx, event, row.Subject{}, func(tx *store.Tx) error {
		var se tsmp.SEID
		err := store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
			if s.State != from {
				return refused("the contract is %v", statusOf(s.State))
			}
			s.State, s.Since, se = to, tx.Now(), s.SE
			return nil
		})
		if err != nil {
			return err
		}
		return d.m.tellStatus(tx, id, se, statusOf(to))
	})
}

func (m *Manager) tellStatus(tx *store.Tx, id row.SubscriberID, se tsmp.SEID, status tsmp.SubscriptionStatus) error {
	return m.tellAll(tx, id, se, func(c concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body) {
		return tsmp.HandleMobileSubscriptionStatusChangeNotification, func(n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleMobileSubscriptionStatusChangeNotificationRequest{Notice: n, Subscriber: c.pseudonym, Status: status}
		}
	})
}

// EndSubscriber ends a contract, 解約 or MNP転出: its SIM is retired, its names end,
// and its number may belong to somebody else. Spec: SPEC-MNO-TSM-070, SPEC-MNO-TSM-073.
func (d *Desk) EndSubscriber(ctx context.Context, id row.SubscriberID) error {
	return d.step(ctx, "contract-ended", row.Subject{}, func(tx *store.Tx) error {
		s, err := contractNow(tx, id)
		if err != nil {
			return err
		}
		if err := d.m.tellStatus(tx, id, s.SE, tsmp.SubscriptionEnded); err != nil {
			return err
		}
		if s.SE != (tsmp.SEID{}) {
			if err := d.m.retire(ctx, tx, id, s.SE, true); err != nil {
				return err
			}
		}
		if _, err := d.m.endPseudonyms(tx, id); err != nil {
			return err
		}
		return store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
			s.State, s.Since, s.SE = row.SubscriberEnded, tx.Now(), tsmp.SEID{}
			return nil
		})
	})
}

// ChangeNumber gives a contract another telephone number: its names, and what is on
// its SIM, stay. No SP-TSM knows numbers, so none is told.
func (d *Desk) ChangeNumber(ctx context.Context, id row.SubscriberID, msisdn string) error {
	return d.step(ctx, "number-changed", row.Subject{}, func(tx *store.Tx) error {
		if _, err := contractNow(tx, id); err != nil {
			return err
		}
		return store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
			s.MSISDN = msisdn
			return nil
		})
	})
}

// SetUsers says who besides the holder may use a contract.
func (d *Desk) SetUsers(ctx context.Context, id row.SubscriberID, users []string) error {
	return d.step(ctx, "users-changed", row.Subject{}, func(tx *store.Tx) error {
		return changeContract(tx, id, func(c *contract) { c.Users = users })
	})
}

func changeContract(tx *store.Tx, id row.SubscriberID, change func(c *contract)) error {
	if _, err := contractNow(tx, id); err != nil {
		return err
	}
	return store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
		var c contract
		if err := read(s.Content, &c); err != nil {
			return err
		}
		change(&c)
		var err error
		s.Content, err = codec.Append(nil, &c)
		return err
	})
}

// ChangeHolder gives a contract to another holder, 名義変更: all SP-TSMs get another
// name of it, and what was declared under the old one can only be terminated.
// Spec: SPEC-MNO-TSM-074.
func (d *Desk) ChangeHolder(ctx context.Context, id row.SubscriberID, holder string, corporate bool, users []string) error {
	return d.step(ctx, "holder-changed", row.Subject{}, func(tx *store.Tx) error {
		err := changeContract(tx, id, func(c *contract) { *c = contract{Holder: holder, Corporate: corporate, Users: users} })
		if err != nil {
			return err
		}
		s, err := contractNow(tx, id)
		if err != nil {
			return err
		}
		if s.SE != (tsmp.SEID{}) {
			if err := d.m.stopAll(ctx, tx, s.SE); err != nil {
				return err
			}
		}
		ended, err := d.m.endPseudonyms(tx, id)
		if err != nil {
			return err
		}
		for _, p := range ended {
			next, err := d.m.pseudonym(tx, p.Provider, id)
			if err != nil {
				return err
			}
			err = d.m.tell(tx, p.Provider, tsmp.HandleMobileSubscriptionIdentifierChangedNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleMobileSubscriptionIdentifierChangedNotificationRequest{Notice: n, Subscriber: p.Pseudonym, NewSubscriber: next}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ReportDevice notes that the device of a SIM was reported lost or stolen, or found.
// The SIM goes on until it is blocked: the SP-TSM suspends what is on it.
func (d *Desk) ReportDevice(ctx context.Context, se tsmp.SEID, status tsmp.DeviceStatus) error {
	return d.step(ctx, "device-"+status.String(), row.Subject{SE: se}, func(tx *store.Tx) error {
		var contract row.SubscriberID
		err := changeSIM(tx, se, func(s *row.SIM, c *card) error {
			if status < tsmp.DeviceInUse || status > tsmp.DeviceStolen || c.Lost == status {
				return refused("the device is reported so, or status %d is none", status)
			}
			c.Lost, contract = status, s.Subscriber
			return nil
		})
		if err != nil {
			return err
		}
		return d.m.tellAll(tx, contract, se, func(concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body) {
			return tsmp.HandleSEDeviceStatusChangeNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleSEDeviceStatusChangeNotificationRequest{Notice: n, SE: se, Status: status}
			}
		})
	})
}
