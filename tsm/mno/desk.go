package mno

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Desk is the carrier's administration, by somebody whom the audit trail names: a
// shop, a call centre, a batch. Each method is one step, with what the SP-TSMs are
// told in it. Errors that the caller can put right wrap ErrDesk; nothing was changed
// then.
type Desk struct {
	m     *Manager
	actor string
}

// Desk makes a desk for an actor.
func (m *Manager) Desk(actor string) *Desk { return &Desk{m, actor} }

// ErrDesk is wrapped by what a desk refuses.
var ErrDesk = errors.New("mno: refused")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDesk, fmt.Sprintf(format, args...))
}

// step is one step with one entry in the audit trail.
func (d *Desk) step(ctx context.Context, event string, subject row.Subject, do func(tx *store.Tx) error) error {
	err := d.m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return tx.Audit(store.Event{Event: event, Actor: d.actor, Responsible: d.m.answering(), Subject: subject})
	})
	var conflict *store.ConflictError
	var invalid *store.RowError
	if errors.As(err, &conflict) || errors.As(err, &invalid) || errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrDesk, err)
	}
	return err
}

// SIM is a card as its maker delivers it.
type SIM struct {
	SE    tsmp.SEID
	ICCID string
	Kind  string // name of one of Config.Kinds
	// KDD is the key diversification data, 10 bytes; nil: the master keys are the
	// card's own.
	KDD []byte
	// Certificate of the controlling authority's domain, the value of 7F21, and the
	// SHA-256 of the attestation key; absent: the card has no such domain.
	Certificate    []byte
	AttestationKey [32]byte
	ReceiptDomain  []byte // IIN ‖ CIN as its receipts have them; nil: not checked
}

// AddSIM puts a card into the inventory, in stock. A light MVNO's are its host's. The
// ICCID of a retired one may come again; the card is another one.
// Spec: SPEC-MNO-TSM-003, SPEC-MNO-TSM-070.
func (d *Desk) AddSIM(ctx context.Context, s SIM) error {
	return d.step(ctx, "sim-added", row.Subject{SE: s.SE}, func(tx *store.Tx) error {
		k := d.m.kinds[s.Kind]
		switch {
		case k == nil:
			return refused("kind of card %q", s.Kind)
		case (s.Certificate != nil) != (k.Authority != nil):
			return refused("a certificate exactly where kind %q has a controlling authority", s.Kind)
		}
		domain := k.Domain(s.KDD)
		if err := domain.ChannelKeys.Valid(); !domain.ChannelKeys.Zero() && err != nil {
			return refused("%v", err)
		}
		content, err := codec.Append(nil, &card{KDD: s.KDD, Certificate: s.Certificate, AttestationKey: s.AttestationKey, ReceiptDomain: s.ReceiptDomain})
		if err != nil {
			return err
		}
		return store.SIMs.Insert(tx, &row.SIM{SE: s.SE, ICCID: s.ICCID, Profile: s.Kind, State: row.SIMStock, Content: content})
	})
}

// Subscriber is a contract.
type Subscriber struct {
	MSISDN, IMSI string
	Holder       string // contract holder, in the carrier's own form
	Corporate    bool   // 法人契約: the holder is no natural person
	Users        []string
}

// AddSubscriber makes a contract without a SIM. A number that an ended contract had
// may come again, and brings nothing with it. Spec: SPEC-MNO-TSM-070.
func (d *Desk) AddSubscriber(ctx context.Context, s Subscriber) (id row.SubscriberID, err error) {
	d.m.draw.Fill(id[:])
	err = d.step(ctx, "contract-begun", row.Subject{}, func(tx *store.Tx) error {
		content, err := codec.Append(nil, &contract{Holder: s.Holder, Corporate: s.Corporate, Users: s.Users})
		if err != nil {
			return err
		}
		return store.Subscribers.Insert(tx, &row.Subscriber{ID: id, MSISDN: s.MSISDN, IMSI: s.IMSI, State: row.SubscriberActive, Since: tx.Now(), Content: content})
	})
	return id, err
}

// GiveSIM gives a card in stock to a contract that has none.
func (d *Desk) GiveSIM(ctx context.Context, id row.SubscriberID, se tsmp.SEID) error {
	return d.step(ctx, "sim-given", row.Subject{SE: se}, func(tx *store.Tx) error {
		s, err := contractNow(tx, id)
		if err != nil {
			return err
		}
		if s.SE != (tsmp.SEID{}) {
			return refused("the contract has a SIM: renew it")
		}
		return d.m.give(tx, id, se)
	})
}

// give makes a card in stock a contract's.
func (m *Manager) give(tx *store.Tx, id row.SubscriberID, se tsmp.SEID) error {
	err := store.SIMs.Change(tx, se, func(s *row.SIM) error {
		if s.State != row.SIMStock {
			return refused("the card is not in stock")
		}
		s.State, s.Subscriber = row.SIMActive, id
		return nil
	})
	if err != nil {
		return err
	}
	return store.Subscribers.Change(tx, id, func(s *row.Subscriber) error {
		s.SE = se
		return nil
	})
}

// contractNow is a contract that has not ended.
func contractNow(r store.Reader, id row.SubscriberID) (row.Subscriber, error) {
	s, found, err := store.Subscribers.Get(r, id)
	if err == nil && (!found || s.State == row.SubscriberEnded) {
		err = refused("no such contract, or it has ended")
	}
	return s, err
}

// SeeDevice says which device the network has seen a SIM in, and in which of its
// slots, from 1; 0: not known. Spec: SPEC-MNO-TSM-071.
func (d *Desk) SeeDevice(ctx context.Context, se tsmp.SEID, imei, system string, slot int) error {
	return d.step(ctx, "device-seen", row.Subject{SE: se}, func(tx *store.Tx) error {
		if slot < 0 || slot > 255 {
			return refused("slot %d", slot)
		}
		model, profile := "unknown", ""
		if x := d.m.device(imei); x != nil {
			model, profile = x.Name, x.ProfileID
		}
		var before string
		var contract row.SubscriberID
		err := changeSIM(tx, se, func(s *row.SIM, c *card) error {
			before, contract = s.Device, s.Subscriber
			s.Device, c.Slot = imei, byte(slot)
			return nil
		})
		if err != nil {
			return err
		}
		if err := d.m.leaveDevice(tx, se, imei); err != nil {
			return err
		}
		if err := store.Devices.Put(tx, &row.Device{IMEI: imei, Model: model, System: system, SE: se, Seen: tx.Now()}); err != nil {
			return err
		}
		if err := d.m.contact(tx, se); err != nil || before == imei {
			return err
		}
		if before == "" {
			return nil
		}
		return d.m.tellAll(tx, contract, se, func(c concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body) {
			return tsmp.HandleSEDeviceChangedNotification, func(n tsmp.Notice) tsmp.Body {
				return &tsmp.HandleSEDeviceChangedNotificationRequest{Notice: n, SE: se, ProfileID: profile}
			}
		})
	})
}

// leaveDevice forgets the other devices that a SIM was seen in.
func (m *Manager) leaveDevice(tx *store.Tx, se tsmp.SEID, but string) error {
	var others []row.Device
	err := store.DevicesOfSE.Scan(tx, se, func(d *row.Device) error {
		if d.IMEI != but {
			others = append(others, *d)
		}
		return nil
	})
	for i := range others {
		others[i].SE, others[i].Seen = tsmp.SEID{}, time.Time{}
		if err == nil {
			err = store.Devices.Put(tx, &others[i])
		}
	}
	return err
}

// tellAll tells all SP-TSMs that a SIM or its contract concerns.
func (m *Manager) tellAll(tx *store.Tx, contract row.SubscriberID, se tsmp.SEID, of func(c concern) (tsmp.Function, func(n tsmp.Notice) tsmp.Body)) error {
	list, err := m.concerned(tx, contract, se)
	if err != nil {
		return err
	}
	for _, c := range list {
		f, body := of(c)
		if err := m.tell(tx, c.provider, f, body); err != nil {
			return err
		}
	}
	return nil
}
