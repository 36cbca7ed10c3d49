package idcard

import (
	"context"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/os"
	"inkan/sim/profile"
	"inkan/sim/runtime"
)

// MaxNumber is the highest number of a card.
const MaxNumber = 99_999_999

// Parts are what a card is made of. The zero value is a new card 0 without
// applications, in a contact reader, with randomness of the seed 0.
type Parts struct {
	Number   uint32         // of the body, 0 to MaxNumber: production data
	Clock    *clock.Clock   // nil: a new one
	Entropy  entropy.Source // nil: that of the operating system, which everybody can repeat
	Observer observe.Observer

	// Memory is that of a card like this one, of which the new one is a copy that
	// shares what neither changes; nil: a new one. It needs a card that does nothing.
	Memory *nvm.Flash
	// Snapshot is a memory as Flash.Snapshot wrote it, in the place of Memory.
	Snapshot []byte

	// Contactless is a reader without contacts.
	Contactless bool
	// Slot is the contact reader whose line commands take; nil: there is no line.
	Slot *profile.Slot
}

// Card is a My Number Card: an apdu.Terminal. Not for concurrent use.
type Card struct {
	*os.Card
	Chip   *engine.Chip
	Clock  *clock.Clock
	Flash  *nvm.Flash
	Number uint32

	behind *profile.Behind
}

// New makes a card and powers it. Errors are those of parts that do not go
// together, and for a snapshot those of nvm.Restore. Spec: SPEC-IDCARD-010 to SPEC-IDCARD-014.
func New(parts Parts) (*Card, error) {
	switch {
	case parts.Number > MaxNumber:
		return nil, fmt.Errorf("idcard: card number %d: want at most %d", parts.Number, MaxNumber)
	case parts.Memory != nil && parts.Snapshot != nil:
		return nil, fmt.Errorf("idcard: both the memory of a card and a snapshot")
	case parts.Contactless && parts.Slot != nil:
		return nil, fmt.Errorf("idcard: a line has contacts")
	}
	c := &Card{Chip: engine.Reference(), Clock: parts.Clock, Number: parts.Number}
	if c.Clock == nil {
		c.Clock = new(clock.Clock)
	}
	var err error
	switch {
	case parts.Memory != nil:
		c.Flash = parts.Memory.ForkOn(c.Clock, parts.Observer)
	case parts.Snapshot != nil:
		c.Flash, err = nvm.Restore(parts.Snapshot, c.Chip.NVM, c.Clock, parts.Observer)
	default:
		c.Flash, err = nvm.NewFlash(c.Chip.NVM, c.Clock, parts.Observer)
	}
	if err != nil {
		return nil, err
	}
	cfg := config(parts.Number)
	cfg.Chip, cfg.Clock, cfg.Flash, cfg.Entropy, cfg.Observer = c.Chip, c.Clock, c.Flash, parts.Entropy, parts.Observer
	cfg.ATR, cfg.Protocol = ContactATR(), contact
	if parts.Contactless {
		cfg.ATR, cfg.Protocol = ContactlessATR(), contactless
	}
	if c.Card, err = os.New(cfg); err != nil || parts.Slot == nil {
		return c, err
	}
	return c, c.insert(&parts)
}

// Protocols of the two readers: T=1, and type B of ISO/IEC 14443.
const (
	contact     = 0x01
	contactless = runtime.MediaContactlessB | 0x01
)

// config is what makes this card of the operating system: no telephone's files, no
// controlling authority, one logical channel, keys of the batch.
func config(number uint32) os.Config {
	batch := BatchKeys()
	return os.Config{
		MaxData: 255, State: gp.CardOpReady, Protocols: []gp.SCPOption{{Protocol: gp.SCP03, I: channelI}},
		Issuer: os.Issuer{Keys: os.KeySet(KeyType, &batch), KDD: BatchKDD(), CPLC: cplc(number)},
		Policy: os.Policy{SeparateVersions: true}, Authority: &os.Authority{Off: true},
	}
}

// Another makes a card whose memory is a copy of this one's: another body of the
// same batch, with other parts. Spec: SPEC-IDCARD-014.
func (c *Card) Another(parts Parts) (*Card, error) {
	parts.Memory, parts.Snapshot = c.Flash, nil
	return New(parts)
}

// insert puts the card into its slot and has the reader reset it.
func (c *Card) insert(parts *Parts) (err error) {
	if c.behind, err = profile.BehindLine(c.Card, c.Chip, c.Clock, *parts.Slot, parts.Observer); err != nil {
		return err
	}
	_, err = c.behind.Reset(context.Background(), false)
	return err
}

// Line is the card behind its line; nil: there is none.
func (c *Card) Line() *profile.Behind { return c.behind }

// Transmit implements apdu.Card, over the line where there is one.
func (c *Card) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if c.behind != nil {
		return c.behind.Transmit(ctx, cmd, dst)
	}
	return c.Card.Transmit(ctx, cmd, dst)
}

// Reset implements apdu.Terminal, over the line where there is one.
func (c *Card) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if c.behind != nil {
		return c.behind.Reset(ctx, warm)
	}
	return c.Card.Reset(ctx, warm)
}

// PowerOff implements apdu.Terminal.
func (c *Card) PowerOff() error {
	if c.behind != nil {
		return c.behind.PowerOff()
	}
	return c.Card.PowerOff()
}
