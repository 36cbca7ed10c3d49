package oracletest

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki/oracle"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
)

// hostKeys are the bare card's.
func hostKeys() *scp.KeySet {
	key := make([]byte, 16)
	for i := range key {
		key[i] = 0x40 + byte(i)
	}
	return &scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key}
}

// handshake opens a session with what is selected.
func (d *driver) handshake(level scp.Level) {
	d.t.Helper()
	host, err := scp03.Open(ctx, d.card, scp03.HostConfig{Keys: scp03.FixedKeys(hostKeys()), Level: level,
		Entropy: entropy.Seeded(uint64(len(d.log)), "oracletest host")})
	if err != nil {
		d.fail("session of level %02X: %v", byte(level), err)
	}
	d.host = host
}

// openOwn selects the application, over contact, and opens a session with it.
func (d *driver) openOwn(level scp.Level) {
	d.t.Helper()
	if d.over {
		d.media(false)
	}
	if !d.applied {
		d.selectApplication(0x0C)
	}
	d.note("own session %02X", byte(level))
	d.handshake(level)
	d.own, d.named = true, false
	d.each((*oracle.Model).SessionEnds)
}

// openDomain selects the security domain and opens a session with it.
func (d *driver) openDomain(level scp.Level) {
	d.t.Helper()
	d.selectDomain()
	d.note("domain session %02X", byte(level))
	d.handshake(level)
	d.own, d.named = false, false
}

// selectDomain selects the security domain.
func (d *driver) selectDomain() {
	d.t.Helper()
	d.plain(gp.Select{Name: gp.AIDIssuerSecurityDomain.Append(nil)})
	d.forgetSelection()
	d.each((*oracle.Model).Other)
}

// plain sends a command to the domain in the open.
func (d *driver) plain(c gp.Command) {
	d.t.Helper()
	if _, err := gp.Exchange(ctx, d.card, c, nil); err != nil {
		d.fail("%v: %v", c, err)
	}
	d.note("%v", c)
}

// selectApplication selects the application by its name.
func (d *driver) selectApplication(p2 byte) {
	d.t.Helper()
	d.send(append([]byte{0x00, 0xA4, 0x04, p2, byte(len(instanceAID))}, instanceAID...))
}

// name has the domain forward to the application, where it does not.
func (d *driver) name() {
	d.t.Helper()
	if d.own || d.named {
		return
	}
	aid, err := gp.NewAID(instanceAID)
	if err != nil {
		d.fail("%v", err)
	}
	c := gp.Install{Purpose: gp.ForPersonalization, Application: aid}
	if _, err := gp.Exchange(ctx, &scp.Secured{Host: d.host, Card: d.card}, c, nil); err != nil {
		d.fail("INSTALL [for personalization]: %v", err)
	}
	d.named = true
}

// store sends one STORE DATA through the session and compares. It says whether
// it was answered 9000, and gives its data; ok is false after a power cut too.
func (d *driver) store(p1, p2 byte, data []byte) (response []byte, ok bool) {
	d.t.Helper()
	c := apdu.Command{CLA: gp.ClassGlobalPlatform, INS: gp.InsStoreData, P1: p1, P2: p2, Data: data}
	if p1&1 != 0 {
		c.Ne = 256
	}
	raw, err := c.Append(nil)
	if err != nil {
		d.fail("%v", err)
	}
	level := d.host.Level()
	wrapped, err := d.host.Wrap(nil, raw)
	if err != nil {
		d.fail("%v", err)
	}
	var expected []*oracle.Expected
	for _, m := range d.states {
		expected = append(expected, m.Store(byte(level), p1, p2, data))
	}
	d.note("%s(%02X) %X", d.where(), byte(level), raw)
	answered := d.transmit(wrapped)
	if answered == nil {
		d.torn(expected)
		return nil, false
	}
	plain, err := d.host.Unwrap(nil, answered)
	if err != nil {
		d.fail("response %X to %X: %v", answered, raw, err)
	}
	d.note("    %X", plain)
	d.settle(fmt.Sprintf("STORE DATA %X", raw), expected, plain)
	d.covered.perso(plain)
	ok = len(plain) >= 2 && iso7816.SW(plain[len(plain)-2])<<8|iso7816.SW(plain[len(plain)-1]) == iso7816.OK
	if ok && p1&0x80 != 0 {
		d.named = false // the last block ends the forwarding
	}
	refused := d.own && d.over && d.model().Parameters().Policy == 0 // before the session saw it
	if refused || level == 0 || answered[len(answered)-2] == 0x69 && answered[len(answered)-1] == 0x82 {
		// The session may have ended with it, or is a command behind.
		d.endSession()
	}
	return plain[:len(plain)-2], ok
}

// endSession gives the session up; the next one is opened anew.
func (d *driver) endSession() {
	if d.own {
		d.each((*oracle.Model).SessionEnds)
	}
	d.host, d.named = nil, false
}

// forge sends a STORE DATA whose MAC is wrong: the session ends.
func (d *driver) forge(c choice) {
	d.t.Helper()
	wrapped, err := d.host.Wrap(nil, []byte{0x80, 0xE2, 0x88, 0x00, 3, 0xB0, 0x09, 0x00})
	if err != nil {
		d.fail("%v", err)
	}
	wrapped[5+c.n(len(wrapped)-5)] ^= 1 << c.n(8)
	if d.own {
		d.send(wrapped)
	} else {
		d.note("forged %X", wrapped)
		if response := d.transmit(wrapped); response != nil && sw(response) != iso7816.SecurityStatusNotSatisfied {
			d.fail("a forged command is answered %X", response)
		}
	}
	d.endSession()
}
