package world

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/tsm/sp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// forever is the SP-TSM's patience: how long something takes on the machine that plays the
// world decides nothing in it.
const forever = 1 << 20 * time.Hour

// spServer is the SP-TSM as a process.
type spServer struct {
	*sp.Manager
	store   *store.Store
	tenant  *store.Tenant
	handler *tsmp.Handler
}

// openProvider starts the SP-TSM.
func (w *World) openProvider(ctx context.Context, identity tsmp.Identity) error {
	p := &process{party: SPTSM}
	p.open = func(ctx context.Context, disk vfs.FS, life int) (server, error) {
		return w.provide(ctx, p, identity, disk, life)
	}
	return w.run(ctx, p)
}

func (w *World) provide(ctx context.Context, p *process, identity tsmp.Identity, disk vfs.FS, life int) (_ *spServer, err error) {
	s := new(spServer)
	if s.store, err = store.Open(ctx, store.Options{Path: "sp-tsm", FS: disk, Now: w.Now}); err != nil {
		return nil, err
	}
	tenant, err := s.store.Tenant(ctx, SPTSM)
	if err != nil {
		return nil, err
	}
	s.tenant = tenant
	peers := map[tsmp.PartyID]*tsmp.Caller{CA: w.asks(p, identity, CA)}
	for _, c := range w.Carriers {
		peers[c.Party] = w.asks(p, identity, c.Party)
	}
	secret := sha256.Sum256(fmt.Appendf(nil, "TEST ONLY: secret of the SP-TSM, %d", w.Config.Seed))
	software := laboratory.Software(w.software(SPTSM))
	told := software
	if w.pretends {
		told = laboratory.Software(w.loadFile)
	}
	config := sp.Config{Party: SPTSM, Authority: CA, Tenant: tenant, Now: w.Now, Entropy: w.source(fmt.Sprintf("SP-TSM %d", life)), Secret: secret[:], Service: ServiceName, Patience: forever,
		Peer:     func(party tsmp.PartyID) (*tsmp.Caller, bool) { c, ok := peers[party]; return c, ok },
		Software: *told, Domain: laboratory.Domain(), Origin: w.Config.Origin, Touch: true, Relay: true}
	for _, name := range w.Config.Carriers {
		config.Carriers = append(config.Carriers, sp.Carrier{Party: ManagerOf(name), Prefixes: laboratory.Prefixes(w.Carriers[name].Profile), Origin: w.Config.Origins[name]})
	}
	if config.Cards, err = w.programs(software, life); err != nil {
		return nil, err
	}
	if w.pretends {
		config.Cards = loads{config.Cards, software}
	}
	if s.Manager, err = sp.New(config); err != nil {
		return nil, err
	}
	s.handler = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{Parties: w.directory}, Journal: tenant.Journal(), Service: s.Service(), Now: w.Now}
	return s, nil
}

// programs is what the SP-TSM does on cards, with its HSM.
func (w *World) programs(software *sp.Software, life int) (sp.Cards, error) {
	module, err := w.module(string(SPTSM), life)
	if err != nil {
		return nil, err
	}
	known, err := laboratory.Makers()
	if err != nil {
		return nil, err
	}
	c := sp.CardsConfig{HSM: module, Makers: known, Now: w.Now, Software: software, Profiles: map[string]sp.CardProfile{}}
	for _, name := range w.Config.Carriers {
		c.Profiles[name] = laboratory.DomainOf(w.Carriers[name].Profile)
	}
	return sp.NewCards(c)
}

// Handle implements server.
func (s *spServer) Handle(ctx context.Context, request []byte) ([]byte, error) {
	return s.handler.Handle(ctx, request)
}

// Close implements server.
func (s *spServer) Close() error { return s.store.Close() }

func (s *spServer) trail(ctx context.Context, from uint64, do func(Entry) error) error {
	return s.Trail(ctx, from, func(e *row.Entry) error { return do(ofStore(e)) })
}
