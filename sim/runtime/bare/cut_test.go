package bare

import (
	"math/rand/v2"
	"testing"

	"inkan/core/gp"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// TestCutContent cuts the power at any cycle of loading, installing and
// deleting, which is also within a page update. The card always boots; once the
// work is done again and undone, no byte of memory is missing.
func TestCutContent(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-011", "SPEC-RUNTIME-041", "SPEC-RUNTIME-045")
	flash, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	module := gp.MustAID("F0696E6B616E431201")
	raw := capFile(t, "multi", "305")
	load := func(c *Card) error { _, err := c.Load(raw); return err }
	install := func(c *Card) error {
		_, err := c.Install(multiAID.Append(nil), module.Append(nil), module.Append(nil), []byte{1, 2})
		return err
	}
	remove := func(c *Card) error { return c.Delete(multiAID.Append(nil), true) }
	on := func(f *nvm.Flash) (*Card, *clock.Clock) {
		k := new(clock.Clock)
		card, err := New(Config{Clock: k, Flash: f.ForkOn(k, nil)})
		if err != nil {
			t.Fatalf("the card does not boot: %v", err)
		}
		card.Machine().EachRecord(recordEntry, func(id, _ []byte) {
			if card.Applet(id) == nil {
				t.Errorf("after a boot, %X has an entry and no applet", id)
			}
		})
		return card, k
	}
	finish := func(card *Card) int {
		if card.Machine().PackageByAID(multiAID.Append(nil)) == nil {
			if err := load(card); err != nil {
				t.Fatal(err)
			}
		}
		if card.Applet(module.Append(nil)) == nil {
			if err := install(card); err != nil {
				t.Fatal(err)
			}
		}
		if err := remove(card); err != nil {
			t.Fatal(err)
		}
		if _, err := card.Reset(ctx, false); err != nil {
			t.Fatal(err)
		}
		card.Machine().Collect()
		if n := len(card.Applets()) + len(card.Machine().Packages()); n != 0 {
			t.Fatalf("%d applets and packages are left", n)
		}
		return card.Machine().FreeBytes()
	}
	first, _ := on(flash)
	want := finish(first)
	random := rand.New(rand.NewPCG(1, 2))
	state := first.Machine().Flash()
	for i, step := range []func(*Card) error{load, install, remove} {
		whole, k := on(state)
		start := k.Now()
		if err := step(whole); err != nil {
			t.Fatal(err)
		}
		length := k.Now() - start
		for range 150 {
			card, k := on(state)
			at := k.Now() + 1 + random.Uint64N(length-1)
			k.CutAt(at)
			if err := step(card); err == nil {
				t.Fatalf("step %d is not cut at %d", i, at)
			}
			if k.Ledger().Sum() != k.Now() {
				t.Fatalf("step %d cut at %d: ledger %d, clock %d", i, at, k.Ledger().Sum(), k.Now())
			}
			again, _ := on(card.Machine().Flash())
			if got := finish(again); got != want {
				t.Fatalf("step %d cut at %d: %d bytes free, want %d", i, at-start, got, want)
			}
		}
		state = whole.Machine().Flash()
	}
}
