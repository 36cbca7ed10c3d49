package scp_test

import (
	"testing"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/spec/req"
)

// TestClass: every class byte that has fields means to a channel what it means
// to apdu.Class, and its three readings fit together.
func TestClass(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-040", "SPEC-SCP02-041", "SPEC-SCP03-041")
	for i := range 256 {
		b := byte(i)
		wire, ok := scp.ProtectClass(b)
		plain, protected := scp.UnprotectClass(b)
		if scp.PlainClass(b) && protected {
			t.Errorf("%02X is plain and protected", b)
		}
		if protected && !scp.PlainClass(plain) {
			t.Errorf("%02X: %02X without protection is not plain", b, plain)
		}
		if back, did := scp.UnprotectClass(wire); ok && (!did || back != b) {
			t.Errorf("%02X goes out as %02X and comes back as %02X, %v", b, wire, back, did)
		}
		if c := apdu.Class(b); b != 0xFF && b&0x60 != 0x20 { // has fields
			if scp.PlainClass(b) != (c.SecureMessaging() == apdu.NoSecureMessaging) {
				t.Errorf("%02X: plain is %v", b, scp.PlainClass(b))
			}
			if ok && apdu.Class(wire).Channel() != c.Channel() {
				t.Errorf("%02X goes out on channel %d", b, apdu.Class(wire).Channel())
			}
		}
	}
	for _, never := range []byte{0xDF, 0xFF} { // FF is no class, so DF has no protected form
		if _, ok := scp.ProtectClass(never); ok {
			t.Errorf("%02X goes out protected", never)
		}
	}
}

// TestMACClass: a MAC does not see the channel, and sees everything else.
func TestMACClass(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-042", "SPEC-SCP03-042")
	for _, c := range []struct{ class, protected, plain byte }{
		{0x80, 0x84, 0x80}, {0x84, 0x84, 0x80}, {0x87, 0x84, 0x80}, {0x03, 0x04, 0x00}, {0x94, 0x94, 0x90},
		{0xC0, 0x84, 0x80}, {0xEF, 0x84, 0x80}, {0x6F, 0x04, 0x00}, {0xF2, 0x94, 0x90},
	} {
		if p, u := scp.MACClass(c.class, true), scp.MACClass(c.class, false); p != c.protected || u != c.plain {
			t.Errorf("%02X enters a MAC as %02X and %02X", c.class, p, u)
		}
	}
}
