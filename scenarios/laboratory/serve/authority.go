package serve

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"inkan/ca/registry"
	"inkan/core/entropy"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/server/binding"
)

// openAuthority opens the authority, which has the published test keys and tells the
// SP-TSM of changes.
func (l *Laboratory) openAuthority(ctx context.Context) error {
	at := l.config.Folder.CA()
	if at.HasRegistry() {
		if err := checkRegistry(ctx, at.Registry()); err != nil {
			return err
		}
	}
	config, err := at.Config(nil, nil, time.Now)
	if err != nil {
		return err
	}
	client, err := l.config.Folder.Client(laboratory.CA, l.lookup)
	if err != nil {
		return err
	}
	loadFile, err := laboratory.LoadFile()
	if err != nil {
		return err
	}
	config.LoadFiles = []perso.Hash{sha256.Sum256(loadFile)}
	config.Fault = l.fault("the authority")
	config.Parties = tsmp.Keys{}
	for id, key := range l.keys {
		if key.Role != tsmp.RoleMNOTSM {
			config.Parties[id] = key
		}
	}
	config.Peers = []authority.Peer{{Party: laboratory.SPTSM, Exchange: binding.Exchange(client, folder.URL(string(laboratory.SPTSM), folder.PartiesPort))}}
	if l.ca, err = authority.Open(ctx, config); err != nil {
		return err
	}
	l.keys[l.ca.Key.ID] = l.ca.Key
	l.lists = newWorker("the authority", &lists{ca: l.ca}, l.fault("the authority"))
	return nil
}

// lists publishes revocation lists soon after a message has come to the authority: in
// a laboratory nobody waits for the day's end.
type lists struct {
	ca    *authority.CA
	last  time.Time
	early bool // something came too soon after the last one
}

// least is the time between two publications.
const least = 500 * time.Millisecond

// Work implements works.
func (l *lists) Work(ctx context.Context, now time.Time) (bool, error) {
	if l.early = now.Sub(l.last) < least; l.early {
		return false, nil
	}
	l.last = now
	_, err := l.ca.PublishLists(ctx)
	return false, err
}

// NextDue implements works.
func (l *lists) NextDue(context.Context) (next time.Time, err error) {
	if l.early {
		next = l.last.Add(least)
	}
	return next, nil
}

// checkRegistry reads a whole registry and compares everything with everything.
func checkRegistry(ctx context.Context, path string) error {
	r, err := registry.Open(path, registry.Config{Now: time.Now, Entropy: entropy.System()})
	if err != nil {
		return err
	}
	s, err := r.Snapshot(ctx)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	_, err = s.Check(ctx)
	return errors.Join(err, s.Close(), r.Close())
}

// asks is the asking end of a party of this process.
func (l *Laboratory) asks(identity tsmp.Identity, peers ...tsmp.PartyID) (map[tsmp.PartyID]*tsmp.Caller, error) {
	client, err := l.config.Folder.Client(identity.Party, l.lookup)
	if err != nil {
		return nil, err
	}
	all := map[tsmp.PartyID]*tsmp.Caller{}
	for _, peer := range peers {
		all[peer] = &tsmp.Caller{Identity: identity, Peer: peer, Keys: l.keys, Exchange: binding.Exchange(client, folder.URL(string(peer), folder.PartiesPort))}
	}
	return all, nil
}
