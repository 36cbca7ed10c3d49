package scp02

import (
	"inkan/core/apdu"
	"inkan/core/invariant"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// maxSequence is where the sequence counter stops; its value is never used.
const maxSequence = 0xFFFF

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
	case !scp.IsInitializeClass(cmd.CLA):
		return r, iso7816.CLANotSupported, "class byte"
	case cmd.INS != scp.InsInitializeUpdate:
		return r, iso7816.INSNotSupported, "instruction"
	case cmd.P2 != 0:
		return r, iso7816.IncorrectP1P2, "P2"
	case cmd.Extended || len(cmd.Data) != HostChallengeSize:
		return r, iso7816.WrongLength, "host challenge"
	}
	ks, counter := c.config.Keys(cmd.P1)
	if ks == nil {
		return r, iso7816.ReferencedDataNotFound, "no such key version"
	}
	if counter == nil {
		return r, scp.ErrSecurity, "no sequence counter"
	}
	sequence := counter.Load()
	if sequence >= maxSequence {
		return r, iso7816.AuthenticationBlocked, "sequence counter at its end"
	}
	c.counter, c.sequence = counter, uint16(sequence)
	if c.session, err = newSession(c.config.Engine, c.config.Options, ks, c.sequence); err != nil {
		return r, iso7816.ReferencedDataNotFound, err.Error()
	}
	copy(c.challenge[:], cmd.Data)
	r = InitializeUpdateResponse{KDD: c.config.KDD, KeyVersion: ks.Version, SequenceCounter: c.sequence}
	c.fillChallenge(&r.CardChallenge)
	c.session.setChallenge(c.sequence, &r.CardChallenge)
	c.session.cardCryptogram(&r.CardCryptogram, &c.challenge)
	c.state = cardInitialized
	return r, iso7816.OK, ""
}

// fillChallenge chooses the card challenge.
// Spec: SPEC-SCP02-024, SPEC-SCP02-028.
func (c *Card) fillChallenge(dst *[CardChallengeSize]byte) {
	if c.config.Options&PseudoRandom != 0 {
		c.session.pseudoRandomChallenge(dst, c.config.AID)
		return
	}
	c.config.Entropy.Fill(dst[:])
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
	level := scp.Level(cmd.P1)
	switch {
	case !scp.IsAuthenticateClass(cmd.CLA):
		return "class byte"
	case cmd.INS != scp.InsExternalAuthenticate:
		return "instruction"
	case cmd.P2 != 0:
		return "P2"
	case cmd.Extended || len(cmd.Data) != CryptogramSize+MACSize:
		return "length of the data field"
	case !c.accepts(level):
		return "security level not allowed"
	}
	if !c.hostIsAuthentic(&cmd) {
		return "host cryptogram or C-MAC differs"
	}
	if !c.spendSequence() {
		return "sequence counter not stored"
	}
	c.session.advanceChain()
	c.session.responseChain = c.session.chain
	c.session.level, c.state = level, cardOpen
	return ""
}

// hostIsAuthentic computes the host cryptogram and the C-MAC, both whatever
// the other is like. The C-MAC stays in the session for advanceChain.
func (c *Card) hostIsAuthentic(cmd *apdu.Command) bool {
	got, gotMAC := cmd.Data[:CryptogramSize], cmd.Data[CryptogramSize:]
	var want [CryptogramSize]byte
	c.session.hostCryptogram(&want, &c.challenge)
	c.session.commandMAC(cmd.CLA, cmd.INS, cmd.P1, cmd.P2, got)
	cryptogramOK, macOK := equal(want[:], got), equal(c.session.tag[:], gotMAC)
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
