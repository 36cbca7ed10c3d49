package bare

import (
	"testing"

	"inkan/sim/runtime"
	"inkan/spec/req"
)

const selectPersonal = "00A4040008F0696E6B616E5801 -> 9000"

// TestMedia: what an applet sees of the interface. The answer of INS 21 is the
// protocol, the size of a block, a counter in CLEAR_ON_DESELECT memory, Ne.
func TestMedia(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-150", "SPEC-RUNTIME-151", "SPEC-RUNTIME-152")
	card, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	personal.onto(t, card)
	exchanges(t, card, selectPersonal, "80210000 -> 00010000 9000")
	// Powered by the other interfaces.
	for _, c := range []struct {
		protocol byte
		answer   string
	}{{0x01, "01FE0000"}, {runtime.MediaContactlessA | 1, "81FE0000"}, {runtime.MediaContactlessB | 1, "91FE0000"},
		{runtime.MediaUSB | 1, "A1FE0000"}, {runtime.MediaHCI | 1, "B1FE0000"}, {0x00, "00010000"}} {
		if err := card.SetProtocol(c.protocol); err != nil {
			t.Fatal(err)
		}
		if _, err := card.Reset(ctx, false); err != nil {
			t.Fatal(err)
		}
		exchanges(t, card, selectPersonal, "80210000 -> "+c.answer+" 9000")
	}
	// Between two commands: the selection and the RAM stay.
	use := func(p byte) {
		t.Helper()
		if err := card.Interface(p); err != nil {
			t.Fatal(err)
		}
	}
	use(runtime.MediaContactlessA | 1)
	exchanges(t, card, "80210000 -> 81FE0100 9000", "8021000004 -> 81FE0204 9000")
	use(0)
	exchanges(t, card, "80210000 -> 00010300 9000")
	use(runtime.MediaContactlessB | 1)
	exchanges(t, card, "80210000 -> 91FE0400 9000")
	if err := card.SetProtocol(1); err != nil { // not before the reset
		t.Fatal(err)
	}
	exchanges(t, card, "80210000 -> 91FE0500 9000")
	if _, err := card.Reset(ctx, true); err != nil {
		t.Fatal(err)
	}
	exchanges(t, card, selectPersonal, "80210000 -> 01FE0000 9000")
	for _, p := range []byte{0x80, 0x90, 0x02, 0x0F, 0x10, 0x71, 0xC1, 0xF1} {
		if card.SetProtocol(p) == nil || card.Interface(p) == nil {
			t.Errorf("protocol %02X is taken", p)
		}
		if _, err := New(Config{Protocol: p}); err == nil {
			t.Errorf("protocol %02X is taken by a new card", p)
		}
	}
	exchanges(t, card, "80210000 -> 01FE0100 9000")
}
