package serve

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/sim/profile"
)

// Config is what a laboratory runs with. Folder is needed.
type Config struct {
	Folder folder.Folder
	// SIMs is how many of each profile are in the carriers' books at first; 0: 20.
	SIMs uint32
	// Say is told what a person wants to know: who listens where, and faults of parties;
	// nil: nobody is. It is for concurrent use.
	Say func(text string)
}

// defaultSIMs of each profile are in the carriers' books at first.
const defaultSIMs = 20

// Laboratory is all parties, opened. The caller calls Serve once, and Close.
type Laboratory struct {
	config   Config
	keys     tsmp.Keys // of all parties
	loadFile []byte
	models   map[string]*profile.Card // one card of each profile

	ca       *authority.CA
	lists    *worker // of the authority
	provider *provider
	carriers []*carrier
	bank     *bank
	network  *network

	mutex     sync.Mutex
	endpoints map[string]string
}

// Open opens all parties, after everything that they keep was checked, and makes what
// there is not yet. Errors name the store that is not right.
// Spec: SPEC-SERVE-001, SPEC-SERVE-004, SPEC-SERVE-005.
func Open(ctx context.Context, c Config) (l *Laboratory, err error) {
	if c.SIMs == 0 {
		c.SIMs = defaultSIMs
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	if err := c.Folder.Make(time.Now()); err != nil {
		return nil, err
	}
	l = &Laboratory{config: c, endpoints: map[string]string{}, models: map[string]*profile.Card{}}
	if l.keys, err = c.Folder.Keys(); err != nil {
		return nil, err
	}
	if l.loadFile, err = laboratory.LoadFile(); err != nil {
		return nil, err
	}
	for _, p := range profile.All() {
		if l.models[p.Name], err = profile.New(p, profile.Parts{}); err != nil {
			return nil, err
		}
	}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// open opens the parties; the authority first, whose key the others need.
func (l *Laboratory) open(ctx context.Context) error {
	if err := l.openAuthority(ctx); err != nil {
		return fmt.Errorf("the authority in %s: %w", l.config.Folder.CA(), err)
	}
	if err := l.openCarriers(ctx); err != nil {
		return err
	}
	if err := l.openProvider(ctx); err != nil {
		return fmt.Errorf("the SP-TSM in %s: %w", l.config.Folder.SPTSM(), err)
	}
	if err := l.openBank(); err != nil {
		return fmt.Errorf("the bank: %w", err)
	}
	l.network = &network{laboratory: l, given: map[string]uint32{}}
	return nil
}

// Close closes all stores. Nothing may be under way.
func (l *Laboratory) Close() (err error) {
	if l.provider != nil {
		err = l.provider.store.Close()
	}
	for _, c := range l.carriers {
		err = errors.Join(err, c.store.Close())
	}
	if l.ca != nil {
		err = errors.Join(err, l.ca.Close())
	}
	return err
}

// fault says what went wrong behind a party's interfaces.
func (l *Laboratory) fault(of string) func(error) {
	return func(err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			l.config.Say(fmt.Sprintf("fault of %s: %v", of, err))
		}
	}
}

// lookup finds the address of a name of this process.
func (l *Laboratory) lookup(name string) (string, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if address, ok := l.endpoints[name]; ok {
		return address, nil
	}
	return "", fmt.Errorf("serve: nobody listens as %s", name)
}

// carrierNamed finds a carrier; nil: there is none.
func (l *Laboratory) carrierNamed(name string) *carrier {
	for _, c := range l.carriers {
		if c.profile.Name == name {
			return c
		}
	}
	return nil
}
