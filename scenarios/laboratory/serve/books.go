package serve

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"time"

	"inkan/scenarios/laboratory"
	"inkan/sim/profile"
	"inkan/tsm/mno"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// numberOf is the telephone number of a SIM: 90, two digits of the profile, and the
// SIM's own number.
func numberOf(p *profile.Profile, number uint32) string {
	for i, of := range profile.All() {
		if of.Name == p.Name {
			return fmt.Sprintf("8190%02d%06d", 10+i, number)
		}
	}
	return ""
}

// sell brings a SIM with a contract into the carrier's books, as far as it is not
// there yet: a process that was ended in the middle goes on. Spec: SPEC-SERVE-005.
func (l *Laboratory) sell(ctx context.Context, c *carrier, number uint32) error {
	delivered, err := laboratory.Delivered(l.models[c.profile.Name], number, time.Now())
	if err != nil {
		return err
	}
	var card row.SIM
	known := false
	err = c.View(ctx, func(r *store.Snapshot) error {
		card, known, err = store.SIMs.Get(r, delivered.SE)
		return err
	})
	if err != nil || known && card.Subscriber != (row.SubscriberID{}) {
		return err
	}
	if !known {
		if err := c.Desk("warehouse").AddSIM(ctx, delivered); err != nil {
			return err
		}
	}
	holder := mno.Subscriber{MSISDN: numberOf(c.profile, number), IMSI: c.profile.IMSI(number), Holder: fmt.Sprintf("holder %d", number)}
	contract, known, err := c.SubscriberOf(ctx, holder.MSISDN)
	if err != nil {
		return err
	}
	id := contract.ID
	if !known {
		if id, err = c.Desk("shop").AddSubscriber(ctx, holder); err != nil {
			return err
		}
	}
	return c.Desk("shop").GiveSIM(ctx, id, delivered.SE)
}

// inventory tells the authority by which keys the carrier's SIMs attest.
func (l *Laboratory) inventory(ctx context.Context, c *carrier) error {
	return c.SIMs(ctx, func(s *row.SIM) error {
		_, err := l.ca.Inventory.Report(s.SE, l.attests(c.profile))
		return err
	})
}

// attests is the key by which cards of a profile attest.
func (l *Laboratory) attests(p *profile.Profile) *ecdsa.PublicKey {
	return l.models[p.Name].AuthorityKey()
}

// unused is the lowest number of a SIM that no network has seen in a device, and that
// is not among those given away; one more is sold where there is none.
func (l *Laboratory) unused(ctx context.Context, c *carrier, after uint32) (uint32, error) {
	c.books.Lock()
	defer c.books.Unlock()
	for number := after + 1; ; number++ {
		var card row.SIM
		known := false
		err := c.View(ctx, func(r *store.Snapshot) (err error) {
			card, known, err = store.SIMs.Get(r, laboratory.SE(c.profile.ICCID(number)))
			return err
		})
		if err != nil {
			return 0, err
		}
		if !known {
			if err := l.sell(ctx, c, number); err != nil {
				return 0, err
			}
			_, err := l.ca.Inventory.Report(laboratory.SE(c.profile.ICCID(number)), l.attests(c.profile))
			return number, err
		}
		if card.State == row.SIMActive && card.Device == "" {
			return number, nil
		}
	}
}
