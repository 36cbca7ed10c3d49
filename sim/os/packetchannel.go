package os

import (
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/sim/runtime"
)

// packetChannel is a secured packet as the secure channel of the applets to which
// its script's data go: open, at the level that its protection amounts to.
// Spec: SPEC-UICC-OS-097.
type packetChannel struct{ p *packet }

var _ runtime.SecureChannel = packetChannel{}

// levelOf is a packet's protection in the terms of the other channels.
func levelOf(spi scp80.SPI, authenticated bool) scp.Level {
	if !authenticated {
		return 0
	}
	level := scp.CMAC
	if spi.Ciphered() {
		level |= scp.CDecryption
	}
	if spi.PoRMode() != 0 && spi.PoRIntegrity() == scp80.CC {
		level |= scp.RMAC
		if spi.PoRCiphered() {
			level |= scp.REncryption
		}
	}
	return level
}

// Handshake implements runtime.SecureChannel: there is none over the air.
func (packetChannel) Handshake(dst, _ []byte) []byte {
	return status(dst, iso7816.ConditionsNotSatisfied)
}

// IsOpen implements runtime.SecureChannel.
func (c packetChannel) IsOpen() bool { return c.p.authenticated }

// Level implements scp.Card.
func (c packetChannel) Level() scp.Level { return c.p.level }

// Unwrap implements scp.Card: the packet was unwrapped as a whole.
func (packetChannel) Unwrap(dst, cmd []byte) ([]byte, error) { return append(dst, cmd...), nil }

// Wrap implements scp.Card.
func (packetChannel) Wrap(dst, resp []byte) ([]byte, error) { return append(dst, resp...), nil }

// DecryptSensitive implements scp.Card, under KIK.
func (c packetChannel) DecryptSensitive(dst, enc []byte) ([]byte, error) {
	out, err := c.p.decrypt(dst, enc)
	if err != nil {
		return dst, scp.ErrSecurity
	}
	return out, nil
}

// EncryptSensitive implements scp.Card, under KIK.
func (c packetChannel) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	out, err := c.p.encrypt(dst, plain)
	if err != nil {
		return dst, scp.ErrSecurity
	}
	return out, nil
}

// Close implements scp.Card: an applet ends its use of the packet.
func (c packetChannel) Close() { c.p.authenticated = false }
