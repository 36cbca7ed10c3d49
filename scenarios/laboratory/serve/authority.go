package serve

import (
	"context"
	"errors"
	"time"

	"inkan/ca/registry"
	"inkan/core/entropy"
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
	return nil
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
