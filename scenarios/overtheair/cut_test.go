package overtheair

import (
	"bytes"
	"testing"

	"inkan/sim/profile"
	"inkan/spec/req"
)

// The power is cut in deletion and installation again and again, on one card:
// each time the server brings the applet back, and the card's files are what
// they were, although an interrupted operation collects objects at the boot.
func TestCuts(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-043", "SPEC-RUNTIME-045", "SPEC-RUNTIME-049")
	c, meter, _ := demo(t, profile.Test())
	counter := Memory(100)
	config := Config{Card: c, Meter: meter, Seed: seed, Delivered: true, Counter: &counter}
	clean, err := Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	before := iccid(t, c)
	start := uint64(0)
	var at []uint64
	// Later runs differ a little in time: the last quarter of a step is left out.
	for _, step := range clean.Steps[:4] {
		if step.Name == "DELETE" || step.Name == "INSTALL" {
			for i := range uint64(8) {
				at = append(at, start+step.Card.Cycles*i*3/32)
			}
		}
		start += step.Card.Cycles
	}
	if len(at) != 16 {
		t.Fatalf("%d points in %+v", len(at), clean.Steps[:4])
	}
	for i, cycle := range at {
		c.Clock.CutAt(c.Clock.Now() + cycle)
		if _, err := Run(t.Context(), config); err != nil {
			t.Fatalf("cut %d: %v", i, err)
		}
		if now := iccid(t, c); !bytes.Equal(now, before) {
			t.Fatalf("cut %d: EF.ICCID is %X, was %X", i, now, before)
		}
	}
}

// iccid reads EF.ICCID of a card that was reset.
func iccid(t *testing.T, c *profile.Card) []byte {
	t.Helper()
	if _, err := c.Reset(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, command := range [][]byte{{0, 0xA4, 0, 0x0C, 2, 0x3F, 0}, {0, 0xA4, 0, 0x0C, 2, 0x2F, 0xE2}, {0, 0xB0, 0, 0, 10}} {
		var err error
		if out, err = c.Transmit(t.Context(), command, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) != 12 {
		t.Fatalf("READ BINARY: %X", out)
	}
	return out
}
