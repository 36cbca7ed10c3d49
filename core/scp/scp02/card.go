package scp02

import (
	"errors"
	"fmt"
	"slices"

	"inkan/core/entropy"
	"inkan/core/observe"
	"inkan/core/scp"
)

// CardConfig is what a Security Domain knows when a channel is opened.
type CardConfig struct {
	Options Options // i
	// Keys looks up the key set of a key version, 00 meaning the first one,
	// and the 16-bit sequence counter that belongs to it. Without such a set
	// it returns nil. The set is only read, and not kept.
	Keys     func(version byte) (*scp.KeySet, scp.Counter)
	KDD      [10]byte       // key diversification data
	AID      []byte         // of the Security Domain, for the pseudo-random challenge
	Entropy  entropy.Source // of the random challenge; not used with PseudoRandom
	Levels   []scp.Level    // accepted levels; nil: every level that Options allows
	Observer observe.Observer
	// Engine makes the DES of every key; nil: the standard library's. A card
	// model accounts for its DES engine here.
	Engine Engine
}

type cardState byte

const (
	cardIdle        cardState = iota // no session, or it has ended
	cardInitialized                  // INITIALIZE UPDATE answered
	cardOpen
)

// Card is the on-card side: it serves one channel after another and implements
// scp.Card for the open one. Not for concurrent use.
type Card struct {
	config    CardConfig
	state     cardState
	challenge [HostChallengeSize]byte
	counter   scp.Counter // of the key set in use
	sequence  uint16
	session   *session
}

var _ scp.Card = (*Card)(nil)

// NewCard checks the configuration.
// Spec: SPEC-SCP02-001.
func NewCard(config CardConfig) (*Card, error) {
	if err := config.Options.Check(); err != nil {
		return nil, err
	}
	switch {
	case config.Keys == nil:
		return nil, errors.New("scp02: CardConfig needs Keys")
	case config.Options&PseudoRandom != 0 && (len(config.AID) < 5 || len(config.AID) > 16):
		return nil, fmt.Errorf("scp02: an AID has 5 to 16 bytes, not %d", len(config.AID))
	case config.Options&PseudoRandom == 0 && config.Entropy == nil:
		return nil, errors.New("scp02: CardConfig needs Entropy for a random challenge")
	}
	for _, level := range config.Levels {
		if !config.Options.Allows(level) {
			return nil, fmt.Errorf("scp02: i %02X does not allow level %02X", byte(config.Options), byte(level))
		}
	}
	config.Engine = engineOr(config.Engine)
	config.AID = slices.Clone(config.AID)
	config.Levels = slices.Clone(config.Levels)
	return &Card{config: config}, nil
}

// Level is the agreed security level, with RMAC while BEGIN R-MAC SESSION asked
// for it; 0 when no session is open.
func (c *Card) Level() scp.Level {
	if c.state != cardOpen {
		return 0
	}
	return c.session.level
}

// Authenticating reports whether INITIALIZE UPDATE has been answered and
// EXTERNAL AUTHENTICATE is due.
func (c *Card) Authenticating() bool { return c.state == cardInitialized }

// IsOpen reports whether a session is open, which level 00 does not show.
func (c *Card) IsOpen() bool { return c.state == cardOpen }

// Close ends the session and wipes its keys. The card can open another.
// Spec: SPEC-SCP02-092.
func (c *Card) Close() {
	if c.session != nil {
		c.session.wipe()
		c.session = nil
	}
	clear(c.challenge[:])
	c.counter, c.state = nil, cardIdle
}

// accepts reports whether EXTERNAL AUTHENTICATE may ask for a level.
func (c *Card) accepts(level scp.Level) bool {
	return c.config.Options.Allows(level) && (c.config.Levels == nil || slices.Contains(c.config.Levels, level))
}

// fail ends the session and tells the observer why; the peer gets ErrSecurity.
// Spec: SPEC-SCP02-080, SPEC-SCP02-090.
func (c *Card) fail(cause string) error {
	c.Close()
	c.trap(cause)
	return scp.ErrSecurity
}

func (c *Card) trap(cause string) {
	if c.config.Observer != nil {
		c.config.Observer.Trap(&observe.Trap{Where: "scp02/card", Cause: cause})
	}
}
