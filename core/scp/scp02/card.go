package scp02

import (
	"errors"
	"slices"

	"inkan/core/entropy"
	"inkan/core/observe"
	"inkan/core/scp"
)

// CardConfig is what a card's security domain needs to serve channels.
type CardConfig struct {
	Option Option
	// Keys finds a key set by key version number; 00 asks for the default one.
	// The set is only read; its Version goes into the response.
	Keys func(version byte) (*scp.KeySet, bool)
	// KDD is the key diversification data of INITIALIZE UPDATE's response.
	KDD [10]byte
	// AID of the selected security domain, for the pseudo-random challenge.
	AID []byte
	// Counter is the 16-bit sequence counter. Its value is used for the next
	// session; it is stored one higher before that session is open.
	Counter scp.Counter
	// CounterOf finds the sequence counter of a key set by the set's version,
	// where each has its own; nil when Counter serves all of them.
	CounterOf func(version byte) scp.Counter
	// Entropy gives card challenges where the option has no PseudoRandom.
	Entropy entropy.Source
	// Observer hears the precise causes of failures; it may be nil.
	Observer observe.Observer
	// Levels that the security domain allows; nil allows all that the option
	// has.
	Levels []scp.Level
	// Engine makes the block ciphers; nil is crypto/des.
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
	cfg       CardConfig
	state     cardState
	challenge [HostChallengeSize]byte
	counter   scp.Counter // of the key set in use
	sequence  uint16
	s         *session
}

var _ scp.Card = (*Card)(nil)

// NewCard checks the configuration. An option that cannot be used is an error.
// Spec: SPEC-SCP02-001.
func NewCard(cfg CardConfig) (*Card, error) {
	if err := cfg.Option.Check(); err != nil {
		return nil, err
	}
	if cfg.Keys == nil || cfg.Counter == nil && cfg.CounterOf == nil {
		return nil, errors.New("scp02: a card needs Keys and Counter")
	}
	if cfg.Option&PseudoRandom != 0 && len(cfg.AID) == 0 {
		return nil, errors.New("scp02: a pseudo-random card challenge needs the AID")
	}
	if cfg.Option&PseudoRandom == 0 && cfg.Entropy == nil {
		return nil, errors.New("scp02: a random card challenge needs Entropy")
	}
	cfg.Engine = engineOr(cfg.Engine)
	cfg.AID = slices.Clone(cfg.AID)
	cfg.Levels = slices.Clone(cfg.Levels)
	return &Card{cfg: cfg}, nil
}

// Level is the agreed security level, with RMAC while BEGIN R-MAC SESSION asked
// for it; 0 when no session is open.
func (c *Card) Level() scp.Level {
	if c.state != cardOpen {
		return 0
	}
	return c.s.level
}

// Authenticating reports whether INITIALIZE UPDATE has been answered and
// EXTERNAL AUTHENTICATE is due.
func (c *Card) Authenticating() bool { return c.state == cardInitialized }

// IsOpen reports whether a session is open, which level 00 does not show.
func (c *Card) IsOpen() bool { return c.state == cardOpen }

// Close ends the session and wipes its keys. The card can open another.
// Spec: SPEC-SCP02-092.
func (c *Card) Close() {
	if c.s != nil {
		c.s.wipe()
		c.s = nil
	}
	clear(c.challenge[:])
	c.counter, c.state = nil, cardIdle
}

// allows reports whether EXTERNAL AUTHENTICATE may ask for a level.
func (c *Card) allows(level scp.Level) bool {
	return c.cfg.Option.Permits(level) && (c.cfg.Levels == nil || slices.Contains(c.cfg.Levels, level))
}

// fail ends the session and tells the observer why; the peer gets ErrSecurity.
// Spec: SPEC-SCP02-080, SPEC-SCP02-090.
func (c *Card) fail(cause string) error {
	c.Close()
	c.trap(cause)
	return scp.ErrSecurity
}

func (c *Card) trap(cause string) {
	if c.cfg.Observer != nil {
		c.cfg.Observer.Trap(&observe.Trap{Where: "scp02/card", Cause: cause})
	}
}
