package serve

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/smsc"
	"inkan/sim/profile"
	"inkan/tsm/delivery"
	"inkan/tsm/mno"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
)

// carrier is a network operator, or one without a network, with its service manager.
type carrier struct {
	*mno.Manager
	profile *profile.Profile
	party   tsmp.PartyID
	store   *store.Store
	tenant  *store.Tenant
	centre  *smsc.Centre
	// parties answers the SP-TSM, apps the UI apps' relays.
	parties, apps *tsmp.Handler
	worker        *worker
	books         sync.Mutex // one sale at a time
}

// air is when short messages are sent again: in a laboratory nobody is in a tunnel for
// hours.
var air = delivery.Policy{Silence: 5 * time.Second, Longest: 10 * time.Minute, Grace: 5 * time.Second, Pause: time.Second}

// openCarriers opens all carriers, each in its own time.
func (l *Laboratory) openCarriers(ctx context.Context) error {
	all := profile.All()
	opened, failed := make([]*carrier, len(all)), make([]error, len(all))
	var opening sync.WaitGroup
	for i, p := range all {
		opening.Go(func() { opened[i], failed[i] = l.openCarrier(ctx, p) })
	}
	opening.Wait()
	var first error
	for i, c := range opened {
		if c != nil && c.store != nil {
			l.carriers = append(l.carriers, c)
		}
		if failed[i] != nil && first == nil {
			first = fmt.Errorf("the MNO-TSM of %s in %s: %w", all[i].Name, l.config.Folder.MNOTSM(all[i]), failed[i])
		}
	}
	return first
}

func (l *Laboratory) openCarrier(ctx context.Context, p *profile.Profile) (c *carrier, err error) {
	c = &carrier{profile: p, party: laboratory.ManagerOf(p.Name)}
	identity, err := l.config.Folder.Identity(c.party)
	if err != nil {
		return c, err
	}
	if c.store, err = openStore(ctx, l.config.Folder.MNOTSM(p)); err != nil {
		return c, err
	}
	if c.tenant, err = c.store.Tenant(ctx, c.party); err != nil {
		return c, err
	}
	c.centre = smsc.New(c.deliver, time.Now)
	c.centre.Attached = c.attached
	config, err := l.manage(c, identity)
	if err != nil {
		return c, err
	}
	if c.Manager, err = mno.New(*config); err != nil {
		return c, err
	}
	c.parties = &tsmp.Handler{Identity: identity, Keys: l.keys, Journal: c.tenant.Journal(), Service: c.Service(), Now: time.Now}
	c.apps = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{}, Journal: c.tenant.Journal(), Service: c.Relay(), Now: time.Now}
	c.worker = newWorker("the MNO-TSM of "+p.Name, c, l.fault("the MNO-TSM of "+p.Name))
	for n := uint32(1); n <= l.config.SIMs; n++ {
		if err := l.sell(ctx, c, n); err != nil {
			return c, fmt.Errorf("SIM %d: %w", n, err)
		}
	}
	return c, l.inventory(ctx, c)
}

// manage is the configuration of a carrier's manager. An MVNO's cards have its host's
// keys.
func (l *Laboratory) manage(c *carrier, identity tsmp.Identity) (*mno.Config, error) {
	owner := c.profile
	if host := profile.Named(c.profile.Host); host != nil {
		owner = host
	}
	module, err := l.module(laboratory.ManagerOf(owner.Name))
	if err != nil {
		return nil, err
	}
	if err := laboratory.Equip(module, owner); err != nil {
		return nil, err
	}
	from, err := sms.NewAddress(sms.TypeInternational, c.profile.ServiceSC)
	if err != nil {
		return nil, err
	}
	peers, err := l.asks(identity, laboratory.SPTSM)
	if err != nil {
		return nil, err
	}
	config := &mno.Config{Tenant: c.tenant, Party: c.party, HSM: module, Bearer: c.centre, From: from, Air: air,
		Peer:  func(party tsmp.PartyID) (*tsmp.Caller, bool) { p, ok := peers[party]; return p, ok },
		Kinds: []*kind.Kind{laboratory.KindOf(c.profile, laboratory.ManagerOf(owner.Name))}, Devices: laboratory.Devices(),
		Offers: []*kind.Offer{laboratory.Offer(c.profile, l.loadFile)}, Now: time.Now, Entropy: entropy.System()}
	if owner != c.profile {
		config.Host = laboratory.ManagerOf(owner.Name)
	}
	return config, nil
}

// deliver takes what comes from SIMs.
func (c *carrier) deliver(ctx context.Context, in smsc.Inbound) error {
	defer c.worker.wake()
	return c.Deliver(ctx, delivery.Inbound{From: in.From, Message: in.Message, TPDU: in.TPDU, Error: in.Error})
}

// attached hears of a SIM in a device that was switched on. Spec: SPEC-SERVE-015.
func (c *carrier) attached(ctx context.Context, iccid, imei string) error {
	err := c.tenant.View(ctx, func(s *store.Snapshot) error {
		_, found, err := store.SIMsByICCID.First(s, iccid)
		if err == nil && !found {
			err = smsc.ErrUnknownSIM
		}
		return err
	})
	if err != nil {
		return err
	}
	defer c.worker.wake()
	if imei != "" {
		if err := c.Desk("network").SeeDevice(ctx, laboratory.SE(iccid), imei, "", 1); err != nil {
			return err
		}
	}
	return c.Seen(ctx, iccid)
}
