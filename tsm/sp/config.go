package sp

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/post"
	"inkan/tsm/store"
)

// Carrier is one MNO-TSM.
type Carrier struct {
	Party tsmp.PartyID
	// Prefixes are beginnings of the identifiers of its SIMs in hex, upper case; of
	// several carriers that fit, the one with the longest is asked first. None: it is
	// asked about every SIM that no other one knows.
	Prefixes []string
	// Models are those that may be used with it, the preferred one first; none: simple,
	// delegated, authorised.
	Models []tsmp.Model
	// Origin is where keys of its SIMs come from; 0: Config.Origin.
	Origin jpki.Origin
}

// Software is the application as carriers load it.
type Software struct {
	PackageAID  []byte
	ModuleAID   []byte
	InstanceAID []byte
	LoadFile    []byte   // with its DAP blocks
	Hash        [32]byte // SHA-256 of the load file data block
	Privileges  []byte   // 3 bytes; nil: none
	Parameters  []byte   // of INSTALL, the value of C9
	// NonVolatile and Volatile are what eligibility asks for, in bytes; 0: not asked.
	NonVolatile, Volatile uint64
}

// Config is what a Manager is made of.
type Config struct {
	Party     tsmp.PartyID
	Authority tsmp.PartyID // the certificate authority
	Tenant    *store.Tenant
	// Peer is the way to the authority and each carrier; false: there is none.
	Peer func(tsmp.PartyID) (*tsmp.Caller, bool)
	Now  func() time.Time
	// Entropy is used within steps only, one at a time.
	Entropy entropy.Source
	// Secret is 32 bytes from which nonces and one-time codes follow: neither is
	// predictable without it, and no code is ever stored.
	Secret []byte
	// Service is the name agreed on with carriers.
	Service  string
	Carriers []Carrier
	Software Software
	Domain   tsmp.DomainSpec // the provider's
	Cards    Cards
	// Origin is where keys come from; 0: on the card.
	Origin jpki.Origin
	// Touch: the service is used at readers, too.
	Touch bool
	// Relay: the app has scripts for the provider's domain from here, where a holder's app
	// is there to carry them. Without it they take the way through the carrier.
	Relay bool
	// Patience is how long an app that has submitted an application or returned responses
	// waits at most for what others are asked for; 0: DefaultPatience.
	Patience time.Duration
}

// DefaultPatience is below what HTTP servers and clients take for an answer.
const DefaultPatience = 10 * time.Second

// check reports what is missing.
func (c *Config) check() error {
	switch {
	case !c.Party.Valid() || !c.Authority.Valid():
		return errors.New("sp: Config needs Party and Authority")
	case c.Tenant == nil || c.Peer == nil || c.Now == nil || c.Entropy == nil || c.Cards == nil:
		return errors.New("sp: Config needs Tenant, Peer, Now, Entropy and Cards")
	case len(c.Secret) != secretLen:
		return fmt.Errorf("sp: Config needs a Secret of %d bytes", secretLen)
	case c.Service == "" || len(c.Carriers) == 0:
		return errors.New("sp: Config needs Service and Carriers")
	case len(c.Software.InstanceAID) == 0 || c.Software.Hash == [32]byte{} || len(c.Domain.AID) == 0:
		return errors.New("sp: Config needs Software and Domain")
	}
	return nil
}

// Manager is one SP-TSM. It is for concurrent use.
type Manager struct {
	config Config
	post   *post.Post
	relay  *delivery.Engine
	unsure atomic.Bool // this side's records or a carrier's may come of a backup
}

var (
	_ tsmp.UIAppServer = (*Manager)(nil)
	_ tsmp.SPNotified  = (*Manager)(nil)
	_ tsmp.Notified    = (*Manager)(nil)
)

// New makes a manager of what its store holds. It fails when something is missing.
func New(c Config) (*Manager, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Origin == jpki.OriginNone {
		c.Origin = jpki.OriginOnCard
	}
	m := &Manager{config: c}
	m.unsure.Store(true)
	var err error
	if m.post, err = post.New(post.Config{Tenant: c.Tenant, Peer: c.Peer, Now: c.Now, Entropy: c.Entropy, Ended: m.answered}); err != nil {
		return nil, err
	}
	m.relay, err = delivery.New(delivery.Config{Tenant: c.Tenant, Party: c.Party, Role: tsmp.RoleSPTSM, Ended: m.carried, Await: m.await, Now: c.Now, Entropy: c.Entropy})
	return m, err
}

// Service is what the manager serves: UI apps and the scripts that they carry, carriers'
// notifications, the authority's. A Handler with Tenant.Journal makes an endpoint of it.
func (m *Manager) Service() tsmp.Service {
	return tsmp.Merge(tsmp.UIAppService(m), tsmp.RelayService(m.relay), tsmp.SPNotifiedService(m), tsmp.NotifiedService(m))
}
