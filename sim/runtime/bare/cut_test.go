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

// cutModule is the applet that the cuts install.
var cutModule = gp.MustAID("F0696E6B616E431201")

// bootCut boots a card on a fork of f; every registry entry has its applet, and every
// package its hash, none of which is there without one.
func bootCut(t *testing.T, f *nvm.Flash) (*Card, *clock.Clock) {
	t.Helper()
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
	hashes := 0
	card.Machine().EachRecord(recordLoadFile, func(id, _ []byte) {
		if hashes++; card.Machine().PackageByAID(id) == nil {
			t.Errorf("after a boot, %X has a hash and no package", id)
		}
	})
	if n := len(card.Machine().Packages()); n != hashes {
		t.Errorf("after a boot, %d hashes of %d packages", hashes, n)
	}
	return card, k
}

// finishCut does what is missing of loading and installing, deletes it all, and
// gives the bytes that are free then.
func finishCut(t *testing.T, card *Card, load, install, remove func(*Card) error) int {
	t.Helper()
	if card.Machine().PackageByAID(multiAID.Append(nil)) == nil {
		if err := load(card); err != nil {
			t.Fatal(err)
		}
	}
	if card.Applet(cutModule.Append(nil)) == nil {
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

// TestCutContent cuts the power at any cycle of loading, installing and
// deleting, which is also within a page update. The card always boots; once the
// work is done again and undone, no byte of memory is missing.
func TestCutContent(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-011", "SPEC-RUNTIME-041", "SPEC-RUNTIME-045", "SPEC-RUNTIME-142")
	flash, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	raw := capFile(t, "multi", "305")
	load := func(c *Card) error { _, err := c.Load(raw); return err }
	install := func(c *Card) error {
		_, err := c.Install(multiAID.Append(nil), cutModule.Append(nil), cutModule.Append(nil), []byte{1, 2})
		return err
	}
	remove := func(c *Card) error { return c.Delete(multiAID.Append(nil), true) }
	first, _ := bootCut(t, flash)
	want := finishCut(t, first, load, install, remove)
	random := rand.New(rand.NewPCG(1, 2))
	state := first.Machine().Flash()
	for i, step := range []func(*Card) error{load, install, remove} {
		whole, k := bootCut(t, state)
		start := k.Now()
		if err := step(whole); err != nil {
			t.Fatal(err)
		}
		length := k.Now() - start
		for range 150 {
			card, k := bootCut(t, state)
			at := k.Now() + 1 + random.Uint64N(length-1)
			k.CutAt(at)
			if err := step(card); err == nil {
				t.Fatalf("step %d is not cut at %d", i, at)
			}
			if k.Ledger().Sum() != k.Now() {
				t.Fatalf("step %d cut at %d: ledger %d, clock %d", i, at, k.Ledger().Sum(), k.Now())
			}
			again, _ := bootCut(t, card.Machine().Flash())
			if got := finishCut(t, again, load, install, remove); got != want {
				t.Fatalf("step %d cut at %d: %d bytes free, want %d", i, at-start, got, want)
			}
		}
		state = whole.Machine().Flash()
	}
}
