package apdu

import (
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

func TestClass(t *testing.T) {
	req.Covers(t, "SPEC-APDU-010")
	for _, c := range []struct {
		class       Class
		channel     int
		sm          SecureMessaging
		chained     bool
		proprietary bool
	}{
		{0x00, 0, NoSecureMessaging, false, false},
		{0x03, 3, NoSecureMessaging, false, false},
		{0x0C, 0, HeaderAuthenticated, false, false},
		{0x1A, 2, HeaderNotAuthenticated, true, false},
		{0x40, 4, NoSecureMessaging, false, false},
		{0x4F, 19, NoSecureMessaging, false, false},
		{0x65, 9, HeaderNotAuthenticated, false, false},
		{0x70, 4, HeaderNotAuthenticated, true, false},
		{0x80, 0, NoSecureMessaging, false, true},
		{0x84, 0, ProprietaryMessaging, false, true},
		{0x87, 3, ProprietaryMessaging, false, true},
		{0xC0, 4, NoSecureMessaging, false, true},
		{0xE0, 4, ProprietaryMessaging, false, true},
		{0xEF, 19, ProprietaryMessaging, false, true},
		{0xA0, 0, NoSecureMessaging, false, true},
		{0xB4, 0, NoSecureMessaging, false, true},
	} {
		if c.class.Channel() != c.channel || c.class.SecureMessaging() != c.sm ||
			c.class.Chained() != c.chained || c.class.Proprietary() != c.proprietary {
			t.Errorf("%02X: channel %d SM %d chained %t proprietary %t", byte(c.class), c.class.Channel(),
				c.class.SecureMessaging(), c.class.Chained(), c.class.Proprietary())
		}
	}
}

// Every class, moved to every channel: the channel is right, what else it says
// stays, and the way back restores it.
func TestWithChannel(t *testing.T) {
	req.Covers(t, "SPEC-APDU-010")
	for v := range 256 {
		c := Class(v)
		for n := -1; n <= MaxChannel+1; n++ {
			m, err := c.WithChannel(n)
			if n < 0 || n > MaxChannel || !c.structured() && n != 0 {
				if err == nil {
					t.Errorf("%02X on channel %d accepted", v, n)
				}
				continue
			}
			if err != nil {
				if !(n == MaxChannel && c.Chained() && c.Proprietary() && c.SecureMessaging() != 0) {
					t.Errorf("%02X on channel %d: %v", v, n, err)
				}
				continue
			}
			if m.Channel() != n || m.Chained() != c.Chained() || m.Proprietary() != c.Proprietary() ||
				(m.SecureMessaging() == NoSecureMessaging) != (c.SecureMessaging() == NoSecureMessaging) {
				t.Errorf("%02X on channel %d: %02X", v, n, byte(m))
			}
			if same := (n < 4) == (c.Channel() < 4); same && m.SecureMessaging() != c.SecureMessaging() {
				t.Errorf("%02X on channel %d: %02X, other secure messaging", v, n, byte(m))
			}
		}
	}
	if m, _ := Class(0x84).WithChannel(4); m != 0xE0 {
		t.Errorf("84 on channel 4: %02X", byte(m))
	}
	if m, _ := Class(0xE0).WithChannel(1); m != 0x85 {
		t.Errorf("E0 on channel 1: %02X", byte(m))
	}
}

func TestWithSecureMessaging(t *testing.T) {
	for _, c := range []struct {
		in   Class
		sm   SecureMessaging
		want Class
		ok   bool
	}{
		{0x80, ProprietaryMessaging, 0x84, true},
		{0x84, NoSecureMessaging, 0x80, true},
		{0x01, HeaderAuthenticated, 0x0D, true},
		{0xC2, ProprietaryMessaging, 0xE2, true},
		{0xC2, HeaderAuthenticated, 0xC2, false},
		{0x42, HeaderNotAuthenticated, 0x62, true},
		{0x42, ProprietaryMessaging, 0x42, false},
		{0xA0, ProprietaryMessaging, 0xA0, false},
		{0xA0, NoSecureMessaging, 0xA0, true},
		{0x00, 4, 0x00, false},
	} {
		got, err := c.in.WithSecureMessaging(c.sm)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%02X with %d: %02X %v", byte(c.in), c.sm, byte(got), err)
		}
	}
}

func TestHeaderStatus(t *testing.T) {
	req.Covers(t, "SPEC-APDU-011", "SPEC-APDU-012")
	for _, c := range []struct {
		cla, ins byte
		want     iso7816.SW
	}{
		{0x00, 0xA4, 0x9000}, {0xFF, 0xA4, 0x6E00}, {0x20, 0xA4, 0x6E00}, {0x3F, 0xA4, 0x6E00},
		{0x00, 0x61, 0x6D00}, {0x80, 0x9F, 0x6D00}, {0xFE, 0x50, 0x9000}, {0x80, 0xE2, 0x9000},
	} {
		cmd := Command{CLA: c.cla, INS: c.ins}
		if got := cmd.HeaderStatus(); got != c.want {
			t.Errorf("%02X %02X: %04X", c.cla, c.ins, uint16(got))
		}
	}
}

func TestManageChannel(t *testing.T) {
	req.Covers(t, "SPEC-APDU-060", "SPEC-APDU-061")
	check := func(want string, c Command, err error) {
		t.Helper()
		raw, _ := c.Append(nil)
		if string(raw) != want || err != nil {
			t.Errorf("% X %v, want % X", raw, err, want)
		}
	}
	c, err := ManageChannelOpen(0)
	check("\x00\x70\x00\x00\x01", c, err)
	c, err = ManageChannelOpen(4)
	check("\x40\x70\x00\x00\x01", c, err)
	c, err = ManageChannelOpenNumber(0, 19)
	check("\x00\x70\x00\x13", c, err)
	c, err = ManageChannelClose(1, 2)
	check("\x01\x70\x80\x02", c, err)
	for _, n := range []int{-1, 0, 20} {
		if _, err := ManageChannelClose(0, n); err == nil {
			t.Errorf("closing channel %d accepted", n)
		}
	}
	if _, err := ManageChannelOpen(20); err == nil {
		t.Error("opening from channel 20 accepted")
	}
	if n, err := OpenedChannel([]byte{19}); n != 19 || err != nil {
		t.Error(n, err)
	}
	for _, b := range [][]byte{nil, {0}, {20}, {1, 1}} {
		if _, err := OpenedChannel(b); err == nil {
			t.Errorf("% X accepted", b)
		}
	}
}
