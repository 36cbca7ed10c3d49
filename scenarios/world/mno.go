package world

import (
	"context"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	phone "inkan/sim/handset"
	"inkan/tsm/delivery"
	"inkan/tsm/mno"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
)

// mnoServer is a carrier's service manager as a process.
type mnoServer struct {
	*mno.Manager
	c       *Carrier
	store   *store.Store
	tenant  *store.Tenant
	handler *tsmp.Handler
}

// openManager starts the carrier's service manager.
func (c *Carrier) openManager(ctx context.Context, identity tsmp.Identity) error {
	c.process = &process{party: c.Party}
	c.process.open = func(ctx context.Context, disk vfs.FS, life int) (server, error) {
		return c.manage(ctx, identity, disk, life)
	}
	return c.w.run(ctx, c.process)
}

func (c *Carrier) manage(ctx context.Context, identity tsmp.Identity, disk vfs.FS, life int) (_ *mnoServer, err error) {
	w, p := c.w, c.process
	s := &mnoServer{c: c}
	if s.store, err = store.Open(ctx, store.Options{Path: "mno-tsm", FS: disk, Now: w.Now}); err != nil {
		return nil, err
	}
	if s.tenant, err = s.store.Tenant(ctx, c.Party); err != nil {
		return nil, err
	}
	owner := c
	if host := w.Carriers[c.Profile.Host]; host != nil {
		owner = host
	}
	module, err := w.moduleOf(owner, life)
	if err != nil {
		return nil, err
	}
	from, err := sms.NewAddress(sms.TypeInternational, c.Profile.ServiceSC)
	if err != nil {
		return nil, err
	}
	provider := w.asks(p, identity, SPTSM)
	config := mno.Config{Tenant: s.tenant, Party: c.Party, HSM: module, Bearer: bearer{c, life}, From: from,
		Peer:  func(party tsmp.PartyID) (*tsmp.Caller, bool) { return provider, party == SPTSM },
		Kinds: []*kind.Kind{laboratory.KindOf(c.Profile, owner.Party)}, Devices: laboratory.Devices(), Offers: []*kind.Offer{laboratory.Offer(c.Profile, w.software(c.Party))},
		Now: w.Now, Entropy: w.source(fmt.Sprintf("%s %d", c.Party, life))}
	if owner != c {
		config.Host = owner.Party
	}
	if s.Manager, err = mno.New(config); err != nil {
		return nil, err
	}
	s.handler = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{Parties: w.directory}, Journal: s.tenant.Journal(), Service: tsmp.Merge(s.Service(), s.Relay()), Now: w.Now}
	return s, nil
}

// asks is the asking end of a process.
func (w *World) asks(p *process, identity tsmp.Identity, peer tsmp.PartyID) *tsmp.Caller {
	return &tsmp.Caller{Identity: identity, Peer: peer, Keys: w.directory, Exchange: w.between(p, identity.Party, peer, w.onWire)}
}

// Handle implements server.
func (s *mnoServer) Handle(ctx context.Context, request []byte) ([]byte, error) {
	return s.handler.Handle(ctx, request)
}

// Close implements server.
func (s *mnoServer) Close() error { return s.store.Close() }

func (s *mnoServer) trail(ctx context.Context, from uint64, do func(Entry) error) error {
	return trailOf(ctx, s.tenant, from, do)
}

func (s *mnoServer) deliver(ctx context.Context, in phone.Inbound) error {
	return s.Deliver(ctx, delivery.Inbound{From: string(in.From), Message: in.Message, TPDU: in.TPDU, Error: in.Error})
}
