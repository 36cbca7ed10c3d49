package profile

import (
	"crypto/ecdsa"
	"fmt"
	"slices"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/observe"
	"inkan/core/scp/scp80"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/os"
	"inkan/sim/runtime"
	"inkan/sim/usim"
)

// Parts are what a card is made of beside its profile. The zero value is card 0,
// new, by T=1, with randomness of the seed 0.
type Parts struct {
	Number   uint32         // of the card: ICCID, IMSI and keys follow from it
	T0       bool           // T=0 in place of T=1, whatever the carrier's custom is
	Clock    *clock.Clock   // nil: a new one
	Entropy  entropy.Source // nil: that of the operating system, which everybody can repeat
	Observer observe.Observer
	// Snapshot is the memory of a card of the same profile; nil: a new one.
	Snapshot []byte
	// Verified is what other cards share, so that load files are verified once for all;
	// nil: the card verifies each by itself.
	Verified *runtime.Verified
	// Slot is the reader that the card is in; nil: commands reach it without a line.
	Slot *Slot
}

// Card is a card of a profile: an apdu.Terminal. Not for concurrent use.
type Card struct {
	*os.Card
	Profile *Profile
	Chip    *engine.Chip
	Clock   *clock.Clock
	Flash   *nvm.Flash
	Number  uint32

	behind *Behind
}

// channels is the highest logical channel, as the ATR says it.
const channels = 3

// New makes a card and powers it. Errors are those of a profile that no chip can
// be, and for a snapshot those of nvm.Restore.
// Spec: SPEC-PROFILES-002, SPEC-PROFILES-003.
func New(p *Profile, parts Parts) (*Card, error) {
	chip, err := p.ChipData()
	if err != nil {
		return nil, err
	}
	if parts.Number > MaxNumber {
		return nil, fmt.Errorf("profile %s: card number %d: want at most %d", p.Name, parts.Number, MaxNumber)
	}
	c := &Card{Profile: p, Chip: chip, Clock: parts.Clock, Number: parts.Number}
	if c.Clock == nil {
		c.Clock = new(clock.Clock)
	}
	if parts.Snapshot != nil {
		c.Flash, err = nvm.Restore(parts.Snapshot, chip.NVM, c.Clock, parts.Observer)
	} else {
		c.Flash, err = nvm.NewFlash(chip.NVM, c.Clock, parts.Observer)
	}
	if err != nil {
		return nil, err
	}
	cfg, err := p.Config(parts.Number)
	if err != nil {
		return nil, err
	}
	cfg.Chip, cfg.Clock, cfg.Flash, cfg.Entropy, cfg.Observer = chip, c.Clock, c.Flash, parts.Entropy, parts.Observer
	cfg.Verified = parts.Verified
	if cfg.ATR, err = p.ATR(parts.T0); err != nil {
		return nil, err
	}
	cfg.Protocol = 1
	if parts.T0 {
		cfg.Protocol = 0
	}
	if c.Card, err = os.New(cfg); err != nil || parts.Slot == nil {
		return c, err
	}
	return c, c.insert(&parts)
}

// Config is the configuration of the card operating system for a card, as far as
// the profile decides it.
func (p *Profile) Config(number uint32) (os.Config, error) {
	channel, err := p.Keys(number)
	if err != nil {
		return os.Config{}, err
	}
	ota, err := p.OTAKeys(number)
	if err != nil {
		return os.Config{}, err
	}
	delegation, err := p.delegation(number)
	if err != nil {
		return os.Config{}, err
	}
	u, err := p.USIM(number)
	if err != nil {
		return os.Config{}, err
	}
	files, pins, err := u.Build()
	if err != nil {
		return os.Config{}, err
	}
	iin, cin, err := p.issuerNumbers(number)
	if err != nil {
		return os.Config{}, err
	}
	return os.Config{
		MaxData: p.MaxData, Channels: channels, State: gp.CardSecured,
		Protocols: []gp.SCPOption{p.Channel},
		Issuer: os.Issuer{
			Keys: slices.Concat(os.KeySet(p.KeyType(), &channel), os.KeySet(p.KeyType(), &ota), delegation),
			KDD:  p.KDD(number), CPLC: p.cplc(number), IIN: iin, CIN: cin, TARs: []scp80.TAR{scp80.TARIssuerSD, scp80.TARIssuerSDRAM},
		},
		UICC: &usim.Config{Files: files, PINs: pins, Authentication: p.Authentication(number)},
		Remote: []os.RemoteFiles{
			{TAR: scp80.TARFilesUICC}, {TAR: scp80.TARFilesUSIMADF, ADF: u.USIM},
		},
	}, nil
}

// AuthorityKey is the public key of the card's attestations.
func (c *Card) AuthorityKey() *ecdsa.PublicKey { return c.Card.AuthorityKey() }
