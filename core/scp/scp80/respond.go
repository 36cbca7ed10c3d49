package scp80

// Respond appends the proof of receipt (from RPL on) of the command opened
// last. due is false, and dst as it was, when none is to be sent: because the
// command did not ask for one, or because it was answered already, or by
// policy. dst and data must not overlap.
//
// After a command that Open refused, status and data are not looked at: the
// refusal is what the proof says. Data of a bare proof are left out. The error
// is that of a response too long.
// Spec: SPEC-SCP80-060 to SPEC-SCP80-069, SPEC-SCP80-078.
func (c *Card) Respond(dst []byte, status Status, data []byte) (out []byte, due bool, err error) {
	p := c.pending
	c.pending = pending{}
	if p.failed != StatusOK {
		status, data = p.failed, nil
	}
	if !p.due || !wanted(p.command.SPI, status) {
		return dst, false, nil
	}
	c.sealing = sealing{status: status, check: &c.check}
	copy(c.sealing.header[:], p.command.TAR[:])
	switch {
	case p.mayObey():
		if !c.protect(&p.command) {
			return dst, false, nil
		}
	case c.cfg.Policy == PoRPlain:
		c.check.useNone()
		data = nil
	default:
		c.observe("no proof of receipt for a sender that is not authenticated")
		return dst, false, nil
	}
	out, err = responseShape.append(dst, &c.sealing, data)
	return out, err == nil, err
}

// mayObey reports whether the proof may be protected as SPI2 asks. A key is
// used for it only when the command's CC shows that its sender has that key
// too: the application's minimum security says what it executes, not whom the
// card computes a CC for. Spec: SPEC-SCP80-061, SPEC-SCP80-069, SPEC-SCP80-078.
func (p *pending) mayObey() bool {
	return p.opened && (p.command.Authenticated || !p.command.SPI.porKeyed())
}

// wanted reports whether SPI2 asks for a proof of receipt of this status.
// Spec: SPEC-SCP80-060.
func wanted(spi SPI, status Status) bool {
	switch spi.PoRMode() {
	case PoR:
		return true
	case PoROnError:
		return status.Err() != nil
	}
	return false
}

// protect chooses check and cipher as SPI2, KIc and KID ask. The counter is
// the command's. Spec: SPEC-SCP80-061, SPEC-SCP80-062, SPEC-SCP80-063.
func (c *Card) protect(cmd *Command) bool {
	c.sealing.counter = cmd.Counter
	if !c.chooseCheck(cmd.SPI.PoRIntegrity(), porKID(cmd.SPI, cmd.KID)) {
		return false
	}
	if cmd.SPI.PoRCiphered() {
		c.sealing.cipher = c.cipherOf(cmd.KIc)
		return c.sealing.cipher != nil
	}
	return true
}

// porKID is KID as the proof of receipt means it. The low nibble is coded for
// the command's RC or CC; when a command with CC asks for a proof with RC, that
// is CRC-32. Spec: SPEC-SCP80-064.
func porKID(spi SPI, kid KeyReference) KeyReference {
	if spi.Integrity() == CC && spi.PoRIntegrity() == RC {
		return Reference(kid.Version(), CRC32)
	}
	return kid
}
