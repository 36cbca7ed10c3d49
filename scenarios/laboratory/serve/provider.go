package serve

import (
	"context"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/sp"
	"inkan/tsm/store"
)

// provider is the SP-TSM.
type provider struct {
	*sp.Manager
	store *store.Store
	// parties answers the authority and carriers, apps the UI apps.
	parties, apps *tsmp.Handler
	worker        *worker
}

func (l *Laboratory) openProvider(ctx context.Context) error {
	f := l.config.Folder
	identity, err := f.Identity(laboratory.SPTSM)
	if err != nil {
		return err
	}
	p := new(provider)
	if p.store, err = openStore(ctx, f.SPTSM()); err != nil {
		return err
	}
	l.provider = p
	tenant, err := p.store.Tenant(ctx, laboratory.SPTSM)
	if err != nil {
		return err
	}
	config, err := l.provide(identity)
	if err != nil {
		return err
	}
	config.Tenant = tenant
	if p.Manager, err = sp.New(*config); err != nil {
		return err
	}
	p.parties = &tsmp.Handler{Identity: identity, Keys: l.keys, Journal: tenant.Journal(), Service: p.Service(), Now: time.Now}
	p.apps = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{}, Journal: tenant.Journal(), Service: p.Service(), Now: time.Now}
	p.worker = newWorker("the SP-TSM", p, l.fault("the SP-TSM"))
	return nil
}

// provide is the SP-TSM's configuration without its store.
func (l *Laboratory) provide(identity tsmp.Identity) (*sp.Config, error) {
	secret, err := l.config.Folder.Secret(laboratory.SPTSM)
	if err != nil {
		return nil, err
	}
	software := laboratory.Software(l.loadFile)
	cards, err := l.programs(software)
	if err != nil {
		return nil, err
	}
	c := &sp.Config{Party: laboratory.SPTSM, Authority: laboratory.CA, Now: time.Now, Entropy: entropy.System(), Secret: secret, Service: laboratory.ServiceName,
		Software: *software, Domain: laboratory.Domain(), Cards: cards, Origin: jpki.OriginOnCard, Touch: true, Relay: true}
	names := []tsmp.PartyID{laboratory.CA}
	for _, p := range profile.All() {
		names = append(names, laboratory.ManagerOf(p.Name))
		c.Carriers = append(c.Carriers, sp.Carrier{Party: laboratory.ManagerOf(p.Name), Prefixes: laboratory.Prefixes(p)})
	}
	peers, err := l.asks(identity, names...)
	c.Peer = func(party tsmp.PartyID) (*tsmp.Caller, bool) { c, ok := peers[party]; return c, ok }
	return c, err
}

// programs is what the SP-TSM does on cards, with its HSM.
func (l *Laboratory) programs(software *sp.Software) (sp.Cards, error) {
	module, err := l.module(laboratory.SPTSM)
	if err != nil {
		return nil, err
	}
	makers, err := laboratory.Makers()
	if err != nil {
		return nil, err
	}
	c := sp.CardsConfig{HSM: module, Makers: makers, Now: time.Now, Software: software, Profiles: map[string]sp.CardProfile{}}
	for _, p := range profile.All() {
		c.Profiles[p.Name] = laboratory.DomainOf(p)
	}
	return sp.NewCards(c)
}

// module is a party's HSM: its key-encryption key lies in the folder, TEST ONLY.
func (l *Laboratory) module(party tsmp.PartyID) (*hsm.Software, error) {
	kek, err := l.config.Folder.Secret(party)
	if err != nil {
		return nil, err
	}
	return hsm.NewSoftware(hsm.Config{Label: string(party), KEK: kek, Entropy: entropy.System()})
}
