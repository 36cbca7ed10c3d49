package scp03

import (
	"crypto/subtle"
	"slices"

	"inkan/core/apdu"
	"inkan/core/invariant"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

const maximumSequence = 0xFFFFFF // of the 24-bit sequence counter

// Handshake answers a command that opens a channel, INITIALIZE UPDATE or
// EXTERNAL AUTHENTICATE, and appends the response APDU to dst. Any other
// instruction is 6D00 and changes nothing; the commands of an open channel go
// through Unwrap.
func (c *Card) Handshake(dst, cmd []byte) []byte {
	if len(cmd) > 1 {
		switch cmd[1] {
		case scp.InsInitializeUpdate:
			return c.InitializeUpdate(dst, cmd)
		case scp.InsExternalAuthenticate:
			return c.ExternalAuthenticate(dst, cmd)
		}
	}
	return appendSW(dst, iso7816.INSNotSupported)
}

// InitializeUpdate answers an INITIALIZE UPDATE command APDU with a response
// APDU. Whatever it answers, a session that was open has ended.
// Spec: SPEC-SCP03-011 to SPEC-SCP03-019, SPEC-SCP03-024 to SPEC-SCP03-026,
// SPEC-SCP03-036.
func (c *Card) InitializeUpdate(dst, cmd []byte) []byte {
	c.Close()
	r, sw, cause := c.initialize(cmd)
	if cause != "" {
		c.fail(cause)
		return appendSW(dst, sw)
	}
	return appendSW(r.Append(dst), iso7816.OK)
}

func (c *Card) initialize(cmd []byte) (r InitializeUpdateResponse, sw iso7816.SW, cause string) {
	size := c.config.Options.MACSize()
	command, err := apdu.DecodeCommand(cmd)
	switch {
	case err != nil:
		return r, iso7816.WrongLength, "INITIALIZE UPDATE: malformed command APDU"
	case !scp.IsInitializeClass(command.CLA):
		return r, iso7816.CLANotSupported, "INITIALIZE UPDATE: class"
	case command.P2 != 0:
		return r, iso7816.IncorrectP1P2, "INITIALIZE UPDATE: key identifier"
	case len(command.Data) != size:
		return r, iso7816.WrongLength, "INITIALIZE UPDATE: length of the host challenge"
	}
	keys, counter := c.config.Keys(command.P1)
	if keys == nil {
		return r, iso7816.ReferencedDataNotFound, "INITIALIZE UPDATE: no such key version"
	}
	challenge := make([]byte, size)
	if c.config.Options&PseudoRandom == 0 {
		c.config.Entropy.Fill(challenge)
	} else if r.SequenceCounter, sw, cause = nextSequence(counter); cause != "" {
		return r, sw, cause
	} else if err := cardChallenge(c.config.Cipher, challenge, keys.Enc, r.SequenceCounter, c.config.AID); err != nil {
		return r, iso7816.ReferencedDataNotFound, "INITIALIZE UPDATE: unusable key set"
	}
	if !c.begin(keys, command.Data, challenge) {
		return r, iso7816.ReferencedDataNotFound, "INITIALIZE UPDATE: unusable key set"
	}
	r.KDD, r.KeyVersion, r.Options = c.config.KDD, keys.Version, c.config.Options
	r.CardChallenge, r.CardCryptogram = challenge, c.derived.cardCryptogram[:size]
	return r, iso7816.OK, ""
}

// begin derives session keys and cryptograms: the card is authenticating then.
func (c *Card) begin(keys *scp.KeySet, host, challenge []byte) bool {
	var err error
	if c.derived, err = derive(c.config.Cipher, keys, host, challenge); err != nil {
		return false
	}
	c.session, err = newSession(c.config.Cipher, c.derived, keys.DEK, 0, len(host))
	return err == nil
}

// nextSequence takes the next value of the sequence counter, stored before it
// is used. A counter that has reached FFFFFF never moves again.
// Spec: SPEC-SCP03-018, SPEC-SCP03-019, SPEC-SCP03-026.
func nextSequence(counter scp.Counter) (uint32, iso7816.SW, string) {
	if counter == nil {
		return 0, scp.ErrSecurity, "INITIALIZE UPDATE: no sequence counter"
	}
	last := counter.Load()
	if last >= maximumSequence {
		return 0, iso7816.AuthenticationBlocked, "INITIALIZE UPDATE: sequence counter is used up"
	}
	if err := counter.Store(last + 1); err != nil {
		return 0, scp.ErrSecurity, "INITIALIZE UPDATE: sequence counter cannot be stored"
	}
	invariant.Check(!invariant.Enabled || counter.Load() == last+1, "a stored sequence counter is what was stored")
	return last + 1, iso7816.OK, ""
}

// ExternalAuthenticate answers an EXTERNAL AUTHENTICATE command APDU: 9000 and
// a session is open, or 6300 whatever the cause, and nothing is.
// Spec: SPEC-SCP03-004, SPEC-SCP03-031, SPEC-SCP03-032, SPEC-SCP03-034.
func (c *Card) ExternalAuthenticate(dst, cmd []byte) []byte {
	if cause := c.authenticate(cmd); cause != "" {
		c.fail(cause)
		return appendSW(dst, scp.ErrAuthentication)
	}
	return appendSW(dst, iso7816.OK)
}

func (c *Card) authenticate(cmd []byte) (cause string) {
	if c.derived == nil {
		return "EXTERNAL AUTHENTICATE: no INITIALIZE UPDATE before"
	}
	command, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return "EXTERNAL AUTHENTICATE: malformed command APDU"
	}
	size := c.config.Options.MACSize()
	if !scp.IsAuthenticateClass(command.CLA) || command.INS != scp.InsExternalAuthenticate ||
		command.P2 != 0 || command.Extended || len(command.Data) != 2*size {
		return "EXTERNAL AUTHENTICATE: form"
	}
	cryptogram, received := command.Data[:size], command.Data[size:]
	c.session.commandMAC(&command, cryptogram)
	// Both are always computed and compared: time tells neither from the other.
	right := subtle.ConstantTimeCompare(c.derived.hostCryptogram[:size], cryptogram)
	macRight := subtle.ConstantTimeCompare(c.session.tag[:size], received)
	if right&macRight != 1 {
		if right == 1 {
			return "EXTERNAL AUTHENTICATE: C-MAC differs"
		}
		return "EXTERNAL AUTHENTICATE: host cryptogram differs"
	}
	level := scp.Level(command.P1)
	if !c.accepts(level) {
		return "EXTERNAL AUTHENTICATE: security level not allowed"
	}
	c.session.mcv = c.session.tag
	c.session.level = level
	c.derived.wipe()
	c.derived = nil
	return ""
}

func (c *Card) accepts(level scp.Level) bool {
	return c.config.Options.Allows(level) && (c.config.Levels == nil || slices.Contains(c.config.Levels, level))
}

func appendSW(dst []byte, sw iso7816.SW) []byte {
	return append(dst, byte(sw>>8), byte(sw))
}
