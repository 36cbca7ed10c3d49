package os

import (
	"context"
	"crypto/ecdsa"
	"fmt"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/clock"
	"inkan/sim/runtime"
	"inkan/sim/runtime/authority"
	"inkan/sim/usim"
)

// Card is a card with this operating system: an apdu.Terminal. Not for concurrent
// use.
type Card struct {
	*runtime.Card
	cfg       Config
	domains   map[domainID]*domain // what they have in RAM
	uicc      *usim.UICC           // nil: there is none
	authority *authority.Service   // nil: there is none
	agreement []byte               // private key of confidential set-up
	life      life                 // in RAM
	registry  registry             // as it was read
	bootError error
	locking   bool // an application was locked since the last reset
}

// life is the card's life cycle state, as read when the machine's records had a
// number.
type life struct {
	number uint64
	state  gp.LifeCycle
}

// New makes a card and powers it. Errors are those of the configuration and of a
// memory that can't be booted.
func New(cfg Config) (*Card, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Card{cfg: cfg, domains: map[domainID]*domain{}}
	if cfg.UICC != nil {
		u := *cfg.UICC
		u.Chip, u.RecordKind = cfg.Chip, recordUICC
		if u.OTA == nil {
			u.OTA = (*receiver)(c)
		}
		uicc, err := usim.New(u)
		if err != nil {
			return nil, err
		}
		c.uicc = uicc
	}
	card, err := runtime.New(runtime.Config{Chip: cfg.Chip, Flash: cfg.Flash, Clock: cfg.Clock, Entropy: cfg.Entropy,
		Observer: cfg.Observer, Platform: (*platform)(c), ATR: cfg.ATR, Channels: cfg.Channels, Protocol: cfg.Protocol,
		BufferBytes: cfg.BufferBytes, Options: cfg.Options, Verified: cfg.Verified, Machine: cfg.Machine})
	if err != nil {
		return nil, err
	}
	c.Card = card
	if err := c.newAuthority(); err != nil {
		return nil, err
	}
	_, err = c.Reset(context.Background(), false)
	return c, err
}

// Reset powers the card or resets it, as runtime.Card.Reset. A memory that a power
// cut left in the middle of the first boot is written again.
func (c *Card) Reset(ctx context.Context, warm bool) ([]byte, error) {
	c.bootError = nil
	atr, err := c.Card.Reset(ctx, warm)
	if err == nil {
		err = c.bootError
	}
	return atr, err
}

// check refuses what no card can be.
func (cfg *Config) check() error {
	for _, p := range cfg.Protocols {
		if err := checkProtocol(p); err != nil {
			return err
		}
	}
	for _, k := range cfg.Issuer.Keys {
		if len(k.Values) == 0 || k.Version == 0 {
			return fmt.Errorf("os: key %02X of version %02X: want a version and at least one value", k.ID, k.Version)
		}
	}
	if (gp.KindIssuerSecurityDomain).Valid(cfg.State) {
		return nil
	}
	return fmt.Errorf("os: %v is no life cycle state of a card", cfg.State)
}

// AuthorityKey is the public key of the controlling authority's signatures; nil:
// the card has none.
func (c *Card) AuthorityKey() *ecdsa.PublicKey { return c.authority.PublicKey() }

// UICC is the file system and the toolkit session; nil: there is none.
func (c *Card) UICC() *usim.UICC { return c.uicc }

// guarded runs what is no command at the card's edge.
func (c *Card) guarded(fn func() error) (err error) {
	if !c.Powered() {
		return runtime.ErrOff
	}
	cut := clock.Guard(func() {
		if e := c.Machine().Try(func() { err = fn() }); e != nil {
			err = iso7816.NoPreciseDiagnosis
		}
	})
	if cut != nil {
		c.PowerOff()
		return *cut
	}
	return err
}
