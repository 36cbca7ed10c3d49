package scp02

import (
	"inkan/core/apdu"
	"inkan/core/invariant"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// maxSequence is where the sequence counter stops; its value is never used.
const maxSequence = 0xFFFF

// Transmit executes a command that opens a channel, INITIALIZE UPDATE or
// EXTERNAL AUTHENTICATE, and appends the response APDU to dst. Any other
// instruction is 6D00 and changes nothing.
func (c *Card) Transmit(dst, cmd []byte) []byte {
	if len(cmd) > 1 {
		switch cmd[1] {
		case insInitializeUpdate:
			return c.InitializeUpdate(dst, cmd)
		case insExternalAuthenticate:
			return c.ExternalAuthenticate(dst, cmd)
		}
	}
	return apdu.Response{SW: iso7816.INSNotSupported}.Append(dst)
}

// InitializeUpdate executes the command APDU and appends the response APDU to
// dst. A session that was open or being opened is ended first, whatever the
// command is like.
// Spec: SPEC-SCP02-016, SPEC-SCP02-017, SPEC-SCP02-018, SPEC-SCP02-019,
// SPEC-SCP02-023, SPEC-SCP02-027, SPEC-SCP02-084.
func (c *Card) InitializeUpdate(dst, cmd []byte) []byte {
	c.Close()
	r, sw, cause := c.initializeUpdate(cmd)
	if sw != iso7816.OK {
		c.Close()
		c.trap("INITIALIZE UPDATE: " + cause)
		return apdu.Response{SW: sw}.Append(dst)
	}
	return apdu.Response{SW: sw}.Append(r.Append(dst))
}

func (c *Card) initializeUpdate(raw []byte) (r InitializeUpdateResponse, sw iso7816.SW, cause string) {
	cmd, err := apdu.DecodeCommand(raw)
	switch {
	case err != nil:
		return r, iso7816.WrongLength, err.Error()
	case cmd.CLA&0x80 == 0 || !scp.PlainClass(cmd.CLA):
		return r, iso7816.CLANotSupported, "class byte"
	case cmd.INS != insInitializeUpdate:
		return r, iso7816.INSNotSupported, "instruction"
	case cmd.P2 != 0:
		return r, iso7816.IncorrectP1P2, "P2"
	case cmd.Extended || len(cmd.Data) != HostChallengeSize:
		return r, iso7816.WrongLength, "host challenge"
	}
	ks, found := c.cfg.Keys(cmd.P1)
	if !found || ks == nil || !c.findCounter(ks.Version) {
		return r, iso7816.ReferencedDataNotFound, "key version unknown"
	}
	sequence := c.counter.Load()
	if sequence >= maxSequence {
		return r, iso7816.AuthenticationBlocked, "sequence counter at its end"
	}
	c.sequence = uint16(sequence)
	if c.s, err = newSession(c.cfg.Engine, c.cfg.Option, ks, c.sequence); err != nil {
		return r, iso7816.ReferencedDataNotFound, err.Error()
	}
	copy(c.challenge[:], cmd.Data)
	r = InitializeUpdateResponse{KDD: c.cfg.KDD, KeyVersion: ks.Version, SequenceCounter: c.sequence}
	c.fillChallenge(&r.CardChallenge)
	c.s.setChallenge(c.sequence, &r.CardChallenge)
	c.s.cardCryptogram(&r.CardCryptogram, &c.challenge)
	c.state = cardInitialized
	return r, iso7816.OK, ""
}

// findCounter chooses the sequence counter of a key set.
func (c *Card) findCounter(version byte) bool {
	c.counter = c.cfg.Counter
	if c.cfg.CounterOf != nil {
		c.counter = c.cfg.CounterOf(version)
	}
	return c.counter != nil
}

// fillChallenge chooses the card challenge.
// Spec: SPEC-SCP02-024, SPEC-SCP02-028.
func (c *Card) fillChallenge(dst *[CardChallengeSize]byte) {
	if c.cfg.Option&PseudoRandom != 0 {
		c.s.pseudoRandomChallenge(dst, c.cfg.AID)
		return
	}
	c.cfg.Entropy.Fill(dst[:])
}

// ExternalAuthenticate executes the command APDU and appends the response APDU
// to dst: 9000, or 6300 whatever the failure is, and then no session is left.
// Spec: SPEC-SCP02-030, SPEC-SCP02-031, SPEC-SCP02-032, SPEC-SCP02-033,
// SPEC-SCP02-034, SPEC-SCP02-035, SPEC-SCP02-036, SPEC-SCP02-081.
func (c *Card) ExternalAuthenticate(dst, cmd []byte) []byte {
	if cause := c.externalAuthenticate(cmd); cause != "" {
		c.Close()
		c.trap("EXTERNAL AUTHENTICATE: " + cause)
		return apdu.Response{SW: scp.ErrAuthentication}.Append(dst)
	}
	return apdu.Response{SW: iso7816.OK}.Append(dst)
}

// externalAuthenticate returns the cause of a failure, or "".
func (c *Card) externalAuthenticate(raw []byte) string {
	if c.state != cardInitialized {
		return "no INITIALIZE UPDATE before it"
	}
	cmd, err := apdu.DecodeCommand(raw)
	if err != nil {
		return err.Error()
	}
	_, protected := scp.UnprotectClass(cmd.CLA)
	level := scp.Level(cmd.P1)
	switch {
	case cmd.CLA&0x80 == 0 || !protected:
		return "class byte"
	case cmd.INS != insExternalAuthenticate:
		return "instruction"
	case cmd.P2 != 0:
		return "P2"
	case cmd.Extended || len(cmd.Data) != CryptogramSize+MACSize:
		return "length of the data field"
	case !c.allows(level):
		return "security level not allowed"
	}
	if !c.hostIsAuthentic(&cmd) {
		return "host cryptogram or C-MAC differs"
	}
	if !c.spendSequence() {
		return "sequence counter not stored"
	}
	c.s.advanceChain()
	c.s.responseChain = c.s.chain
	c.s.level, c.state = level, cardOpen
	return ""
}

// hostIsAuthentic computes the host cryptogram and the C-MAC, both whatever
// the other is like. The C-MAC stays in the session for advanceChain.
func (c *Card) hostIsAuthentic(cmd *apdu.Command) bool {
	got, gotMAC := cmd.Data[:CryptogramSize], cmd.Data[CryptogramSize:]
	var want [CryptogramSize]byte
	c.s.hostCryptogram(&want, &c.challenge)
	c.s.commandMAC(cmd.CLA, cmd.INS, cmd.P1, cmd.P2, got)
	cryptogramOK, macOK := equal(want[:], got), equal(c.s.tag[:], gotMAC)
	return cryptogramOK && macOK
}

// spendSequence stores the counter one higher. It compares first with what the
// session was derived from: another channel may have spent that value since.
// Spec: SPEC-SCP02-034, SPEC-SCP02-035, SPEC-SCP02-037, SPEC-SCP02-038.
func (c *Card) spendSequence() bool {
	if c.counter.Load() != uint32(c.sequence) {
		return false
	}
	if c.counter.Store(uint32(c.sequence)+1) != nil {
		return false
	}
	invariant.Check(!invariant.Enabled || c.counter.Load() == uint32(c.sequence)+1, "a stored sequence counter is what was stored")
	return true
}
