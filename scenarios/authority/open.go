package authority

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inkan/ca"
	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/registry"
	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/ocsp"
	"inkan/ca/status/publication"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// CA is a certificate authority that runs. It is for concurrent use.
type CA struct {
	*ca.Authority
	Inventory *Inventory
	// Handler answers signed messages; Key is what its answers verify under.
	Handler *tsmp.Handler
	Key     tsmp.Key
	// Publication serves lists, OCSP and the authorities' own certificates.
	Publication *publication.Handler
	Lists       crl.Store
	Responder   *ocsp.Responder

	config     Config
	registry   *registry.Registry
	publishing sync.Mutex // publications write the same files
	listed     int        // partitions that had lists at the last publication
	publisher  *crl.Publisher
	status     []*status.Issuer
}

// operator is who makes what the service has of its own.
var operator = registry.Cause{Actor: registry.Operator}

// roles are the keys of an authority and of its responders.
var roles = map[profile.Authority]struct{ authority, responder keys.Role }{
	profile.SignatureAuthority:      {keys.SignatureCA, keys.SignatureOCSP},
	profile.AuthenticationAuthority: {keys.AuthenticationCA, keys.AuthenticationOCSP},
}

// Open makes an authority, or takes it up where it stopped: certificates of keys
// that have none are made, all others are the registry's. The caller calls Close.
func Open(ctx context.Context, c Config) (*CA, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	a := &CA{config: c, Inventory: c.Inventory, Lists: c.Lists}
	var err error
	own := registry.Config{Now: c.Now, Entropy: c.entropy("registry")}
	if c.Folder == "" {
		a.registry, err = registry.OpenMemory(own)
	} else {
		a.registry, err = registry.OpenFS(c.Folder, c.FS, own)
	}
	if err != nil {
		return nil, err
	}
	if err := a.compose(ctx); err != nil {
		return nil, errors.Join(err, a.registry.Close())
	}
	return a, nil
}

// Close ends the use of the registry; no call may be under way.
func (a *CA) Close() error { return a.registry.Close() }

func (a *CA) compose(ctx context.Context) (err error) {
	config := ca.Config{Registry: a.registry, Issuers: map[profile.Authority]*certificate.Generations{}, Delivered: a.config.Delivered,
		Entropy: a.config.entropy("codes"), Secret: a.config.Secret, Attestation: a.Inventory, Unattested: a.config.Unattested, Presence: a.config.Presence,
		LoadFiles: a.config.LoadFiles, Offices: a.config.Offices}
	for _, of := range profile.Authorities() {
		if config.Issuers[of], err = a.generations(ctx, of); err != nil {
			return err
		}
		if err := a.responders(ctx, of, config.Issuers[of].All()); err != nil {
			return err
		}
	}
	for _, name := range a.named(keys.Content) {
		key, err := a.config.Keys.ContentKey(byte(name.Generation))
		if err != nil {
			return err
		}
		config.Content = append(config.Content, key)
	}
	if a.Authority, err = ca.New(config); err != nil {
		return err
	}
	if err := a.messages(); err != nil {
		return err
	}
	return a.publication()
}

// messages sets up the interface by signed messages.
func (a *CA) messages() error {
	names := a.named(keys.Request)
	if len(names) == 0 {
		return errors.New("authority: no key to sign messages with: a ceremony makes request-01")
	}
	last := names[len(names)-1]
	signer, err := a.config.Keys.Signer(last)
	if err != nil {
		return err
	}
	a.Key = requestKey(last, signer.Public())
	all := tsmp.Keys{a.Key.ID: a.Key}
	for id, key := range a.config.Parties {
		if id == a.Key.ID || key.Party == Party {
			return fmt.Errorf("authority: the key %s is said to be the authority's own", id)
		}
		all[id] = key
	}
	a.Handler = &tsmp.Handler{Identity: tsmp.Identity{Party: Party, KeyID: a.Key.ID, Signer: signer}, Keys: all, Journal: a.NewJournal(),
		Service: a.Service(), Refused: a.NoteRefusal, Now: a.registry.Now} // which does not go back: what is late stays late
	return nil
}

// Caller is the asking end of a party in the same process.
func (a *CA) Caller(identity tsmp.Identity) *tsmp.Caller {
	return &tsmp.Caller{Identity: identity, Peer: Party, Keys: tsmp.Keys{a.Key.ID: a.Key}, Exchange: a.Handler.Handle}
}

// publication sets up lists and OCSP.
func (a *CA) publication() (err error) {
	a.publisher = &crl.Publisher{Registry: a.registry, Issuers: a.status, Store: a.Lists}
	if a.Responder, err = ocsp.New(ocsp.Config{Registry: a.registry, Issuers: a.status, Now: a.now}); err != nil {
		return err
	}
	a.Publication = publication.New(publication.Config{Issuers: a.status, Lists: a.Lists, Responder: a.Responder, Now: a.now, Fault: a.config.Fault})
	return nil
}

func (a *CA) now() time.Time { return a.config.Now() }

// named are the keys of a role, ascending.
func (a *CA) named(role keys.Role) (names []keys.Name) {
	for _, n := range a.config.Keys.Names() {
		if n.Role == role {
			names = append(names, n)
		}
	}
	return names
}
