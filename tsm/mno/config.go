package mno

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/core/entropy"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/hsm"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/post"
	"inkan/tsm/store"
)

// Config is what a Manager is made of. One manager serves one tenant: a carrier or
// an MVNO.
type Config struct {
	Tenant *store.Tenant
	Party  tsmp.PartyID // the tenant's own name
	// Host is the carrier whose SIMs, keys and network a light MVNO sells; empty: the
	// cards are the tenant's own. HSM and Bearer are then the host's, and what happens
	// on cards is the host's responsibility. Spec: SPEC-MNO-TSM-003, SPEC-MNO-TSM-004.
	Host tsmp.PartyID
	// Peer is the way to an SP-TSM; false: it is none of this carrier's.
	Peer   func(tsmp.PartyID) (*tsmp.Caller, bool)
	HSM    hsm.Module
	Bearer delivery.Bearer // of short messages; nil: there are none
	From   sms.Address     // of short messages
	// Kinds, Devices and Offers are data; they are not changed.
	Kinds   []*kind.Kind
	Devices []eligible.Device
	Offers  []*kind.Offer
	Now     func() time.Time
	// Entropy is for identifiers and tickets.
	Entropy entropy.Source
	Policy  Policy          // zero: DefaultPolicy
	Air     delivery.Policy // zero: delivery.DefaultPolicy
}

// Policy is how long things may take.
type Policy struct {
	SMS          time.Duration // an action by short messages; at most 24 hours
	Relay        time.Duration // an action by relay; at most 24 hours
	Conversation time.Duration
	// Turn is how long an action waits for an app to fetch a script before it goes over to
	// another bearer that it may use, Hold how long the app may take with a script then.
	Turn, Hold time.Duration
	// Codes is how many one-time codes a SIM may be sent in an hour.
	Codes int
}

// DefaultPolicy is the one of spec/MNO-TSM.md.
var DefaultPolicy = Policy{SMS: 24 * time.Hour, Relay: time.Hour, Conversation: 24 * time.Hour, Turn: 2 * time.Minute, Hold: 10 * time.Minute, Codes: 5}

// Manager is the MNO-TSM of one tenant. It is for concurrent use.
type Manager struct {
	c       Config
	engine  *delivery.Engine
	post    *post.Post
	kinds   map[string]*kind.Kind
	devices map[string]*eligible.Device // by TAC
	draw    source
}

// New makes a manager on what its tenant's rows say. It fails when something is
// missing, or data contradict themselves.
func New(c Config) (*Manager, error) {
	if c.Tenant == nil || c.Peer == nil || c.HSM == nil || c.Now == nil || c.Entropy == nil {
		return nil, errors.New("mno: Config needs Tenant, Peer, HSM, Now and Entropy")
	}
	if c.Policy == (Policy{}) {
		c.Policy = DefaultPolicy
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("mno: %w", err)
	}
	m := &Manager{c: c, kinds: map[string]*kind.Kind{}, devices: map[string]*eligible.Device{}, draw: source{from: c.Entropy}}
	for _, k := range c.Kinds {
		m.kinds[k.Name] = k
	}
	for i := range c.Devices {
		m.devices[c.Devices[i].TAC] = &c.Devices[i]
	}
	var err error
	m.engine, err = delivery.New(delivery.Config{Tenant: c.Tenant, Party: c.Party, Bearer: c.Bearer, From: c.From, Check: m.worth, Ended: m.ended,
		Now: c.Now, Entropy: &m.draw, Policy: c.Air})
	if err != nil {
		return nil, err
	}
	m.post, err = post.New(post.Config{Tenant: c.Tenant, Peer: c.Peer, Ended: m.told, Now: c.Now, Entropy: &m.draw})
	return m, err
}

func (c *Config) check() error {
	p := c.Policy
	if !c.Party.Valid() || c.Host != "" && (!c.Host.Valid() || c.Host == c.Party) {
		return errors.New("want the tenant's name, and of a light MVNO another one as host")
	}
	for _, d := range []time.Duration{p.SMS, p.Relay, p.Conversation, p.Turn, p.Hold} {
		if d < time.Minute || d > tsmp.MaxValidity {
			return errors.New("policy: want times of 1 minute to 24 hours")
		}
	}
	if p.Codes < 1 {
		return errors.New("policy: want 1 code at least")
	}
	names := map[string]bool{}
	for _, k := range c.Kinds {
		if err := k.Check(); err != nil {
			return err
		}
		if k.Owner != c.owner() {
			return fmt.Errorf("kind %q is %s's, not %s's", k.Name, k.Owner, c.owner())
		}
		if names[k.Name] {
			return fmt.Errorf("kind %q twice", k.Name)
		}
		names[k.Name] = true
	}
	for i, o := range c.Offers {
		if err := o.Check(); err != nil {
			return err
		}
		if slices.ContainsFunc(c.Offers[:i], func(p *kind.Offer) bool { return p.Service == o.Service && p.Provider == o.Provider }) {
			return fmt.Errorf("offer %q to %s twice", o.Service, o.Provider)
		}
	}
	return nil
}

// owner is whose keys the cards have. Spec: SPEC-MNO-TSM-003.
func (c *Config) owner() tsmp.PartyID {
	if c.Host != "" {
		return c.Host
	}
	return c.Party
}

// offer is what was agreed on with an SP-TSM; nil: nothing.
func (m *Manager) offer(provider tsmp.PartyID, service string) *kind.Offer {
	for _, o := range m.c.Offers {
		if o.Provider == provider && o.Service == service {
			return o
		}
	}
	return nil
}
