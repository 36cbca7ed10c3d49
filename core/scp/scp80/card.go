package scp80

import (
	"inkan/core/invariant"
	"inkan/core/observe"
)

// PoRPolicy is what the card answers to a command whose sender it could not
// authenticate.
type PoRPolicy byte

// Policies for failures before or in the check of the CC, and for a command
// that was accepted without one and asks for a CC or ciphering of its proof. A
// protected proof of receipt is never among them: it would be a MAC, under a
// key the attacker names, over text the attacker mostly knows.
const (
	PoRSilent PoRPolicy = iota // no proof of receipt
	PoRPlain                   // status alone: no check, no ciphering, CNTR zero
)

// KeyStore finds the card's over-the-air key sets.
type KeyStore interface {
	// KeySet is the set with this key version number, or nil.
	KeySet(version byte) *KeySet
}

// Applications knows who can be addressed.
type Applications interface {
	// MinimumSecurity is the least SPI1 (in an SPI whose low byte is not looked
	// at) that the application with this TAR wants; ok is false when there is
	// none with it.
	MinimumSecurity(tar TAR) (min SPI, ok bool)
}

// CardConfig is the receiving entity's surroundings.
type CardConfig struct {
	Keys         KeyStore
	Applications Applications
	Policy       PoRPolicy
	Observer     observe.Observer // nil: nobody listens
}

// Card is the receiving entity. Not for concurrent use; Open and Respond do
// not allocate when dst has room.
type Card struct {
	cfg     CardConfig
	check   check
	sealing sealing
	pending pending
	trap    observe.Trap
}

// pending is the command that may still get its proof of receipt.
type pending struct {
	due     bool
	command Command
	failed  Status // StatusOK: the command was delivered
	opened  bool   // SPI2 may be obeyed: RC or CC is right, or none is wanted
}

// NewCard makes a receiving entity. Keys and Applications are needed.
func NewCard(cfg CardConfig) *Card {
	if cfg.Keys == nil || cfg.Applications == nil {
		panic("scp80: NewCard without Keys or Applications")
	}
	return &Card{cfg: cfg}
}

// Open verifies and decrypts a command packet (from CPL on) and appends its
// secured data to dst. dst and packet must not overlap.
//
// The error is a *wire.DecodeError for a packet with broken lengths, which gets
// no answer, or the Status that refuses it; ask Respond for the proof of
// receipt then too. Whatever fails, dst comes back as it was, and no plain text
// stays behind it. When the error is nil the counter has been stored already.
// Spec: SPEC-SCP80-040 to SPEC-SCP80-058.
func (c *Card) Open(dst, packet []byte) ([]byte, Command, error) {
	c.pending = pending{}
	f, err := commandShape.decode(packet)
	if err != nil {
		c.observe("malformed packet")
		return dst, Command{}, err
	}
	cmd := commandOf(f.head[headLen:])
	c.pending = pending{due: true, command: cmd}
	ciph, set, status := c.prepare(&cmd)
	if status != StatusOK {
		return c.refuse(dst, cmd, status)
	}
	mark := len(dst)
	out, in, status := commandShape.open(dst, &f, &c.check, ciph)
	if status == StatusCheckFailed {
		c.observe("RC or CC differs")
	} else if status != StatusOK {
		c.observe("impossible length or padding")
	}
	if status == StatusOK {
		cmd.Counter, cmd.Authenticated = in.counter, cmd.SPI.Integrity() == CC
		c.pending.command, c.pending.opened = cmd, true
		status = c.advance(&cmd, set)
	}
	if status != StatusOK {
		clear(out[mark:])
		return c.refuse(dst, cmd, status)
	}
	n := copy(out[mark:], in.data)
	clear(out[mark+n:])
	return out[:mark+n], cmd, nil
}

func (c *Card) refuse(dst []byte, cmd Command, status Status) ([]byte, Command, error) {
	c.pending.failed = status
	return dst, cmd, status
}

// prepare decides from the clear header whether to look at the packet at all,
// and with which keys. set is the one whose counter counts.
// Spec: SPEC-SCP80-040, SPEC-SCP80-041, SPEC-SCP80-042, SPEC-SCP80-043,
// SPEC-SCP80-044, SPEC-SCP80-045.
func (c *Card) prepare(cmd *Command) (ciph *blockCipher, set *KeySet, status Status) {
	min, known := c.cfg.Applications.MinimumSecurity(cmd.TAR)
	if !known {
		c.observe("unknown TAR")
		return nil, nil, StatusTARUnknown
	}
	if why := cmd.SPI.unsupported(); why != "" {
		c.observe(why)
		return nil, nil, StatusSecurityError
	}
	if !cmd.SPI.Meets(min) {
		c.observe("SPI below the application's minimum security level")
		return nil, nil, StatusInsufficientSecurity
	}
	if cmd.SPI.Ciphered() {
		if ciph = c.cipherOf(cmd.KIc); ciph == nil {
			return nil, nil, StatusSecurityError
		}
	}
	if !c.chooseCheck(cmd.SPI.Integrity(), cmd.KID) {
		return nil, nil, StatusSecurityError
	}
	if cmd.SPI.counterChecked() {
		if cmd.SPI.Integrity() != CC {
			c.observe("checked counter without CC")
			return nil, nil, StatusSecurityError
		}
		set = c.cfg.Keys.KeySet(cmd.KID.Version())
	}
	return ciph, set, StatusOK
}

// cipherOf is the cipher that a KIc names, or nil. Spec: SPEC-SCP80-043,
// SPEC-SCP80-044.
func (c *Card) cipherOf(k KeyReference) *blockCipher {
	set := c.cfg.Keys.KeySet(k.Version())
	switch {
	case set == nil || set.cipher.size == 0:
		c.observe("no ciphering key of this version")
	case k.Algorithm() != Implicit && k.Algorithm() != set.cipher.algorithm:
		c.observe("the ciphering key is for another algorithm")
	default:
		return &set.cipher
	}
	return nil
}

// chooseCheck prepares the check that integrity and KID ask for.
// Spec: SPEC-SCP80-043, SPEC-SCP80-044, SPEC-SCP80-045.
func (c *Card) chooseCheck(integrity SPI, k KeyReference) bool {
	switch integrity {
	case RC:
		if c.check.useCRC(k.Algorithm()) {
			return true
		}
		c.observe("unknown redundancy check")
		return false
	case CC:
		set := c.cfg.Keys.KeySet(k.Version())
		switch {
		case set == nil || !c.check.useMAC(&set.mac):
			c.observe("no CC key of this version")
		case k.Algorithm() != Implicit && k.Algorithm() != set.mac.algorithm:
			c.observe("the CC key is for another algorithm")
		default:
			return true
		}
		return false
	}
	c.check.useNone()
	return true
}

// advance checks the counter and stores it before the command is delivered.
// Spec: SPEC-SCP80-050 to SPEC-SCP80-056.
func (c *Card) advance(cmd *Command, set *KeySet) Status {
	if set == nil {
		return StatusOK
	}
	if set.counter == nil {
		c.observe("key set without counter")
		return StatusSecurityError
	}
	if s := checkCounter(cmd.SPI.CounterMode(), set.counter.Load(), cmd.Counter); s != StatusOK {
		c.observe(s.Meaning())
		return s
	}
	if err := set.counter.Store(cmd.Counter); err != nil {
		c.observe("the counter could not be stored")
		return StatusSecurityError
	}
	invariant.Check(!invariant.Enabled || set.counter.Load() == cmd.Counter, "a stored counter is what was stored")
	return StatusOK
}

func (c *Card) observe(cause string) {
	if c.cfg.Observer != nil {
		c.trap = observe.Trap{Where: "scp80/card", Cause: cause}
		c.cfg.Observer.Trap(&c.trap)
	}
}
