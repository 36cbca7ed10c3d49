package aram_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime/bare"
	"inkan/spec/req"
)

// torn makes a bench whose memory is forked before each page update while
// forks is not nil: what a power cut would leave there.
func torn(t *testing.T) (b *bench, forks *[]*nvm.Flash, flash *nvm.Flash) {
	cfg := config()
	cfg.Clock = new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, cfg.Clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Flash = flash
	return benchOf(t, cfg), new([]*nvm.Flash), flash
}

// revive boots a card on what a power cut left.
func revive(t *testing.T, flash *nvm.Flash) *bench {
	t.Helper()
	cfg := config()
	cfg.Clock = new(clock.Clock)
	cfg.Flash = flash.ForkOn(cfg.Clock, nil)
	card, err := bare.New(cfg)
	if err != nil {
		t.Fatalf("after a power cut: %v", err)
	}
	return &bench{t, card, routes["domain"]}
}

// updates are command data objects of every kind, each of which changes
// something behind those before it.
func updates() []string {
	return []string{
		storeHex(others), storeHex(aRule(1)), storeHex(aRule(2)), storeHex(aRule(3)),
		storeHex(do("e2", "e104c000c100", do("e3", "d00800a40400ffffff00"))), storeHex(aRule(4)),
		deleteHex(aTarget(1)), deleteHex(aRule(3)), deleteHex("4f00"), "f200",
		storeHex(aRule(5)), storeHex(aRule(6)), deleteHex(anAID), storeHex(aRule(7)), deleteHex(),
	}
}

// settled checks what a power cut left: the state before, from which the same
// command leads to the one behind it, or that one. It tells which.
func (b *bench) settled(step string, before, after state) (old bool) {
	b.Helper()
	left := b.state()
	if left != before && left != after {
		b.Fatalf("%s:\nbefore %v\nafter  %v\nleft   %v", step, before, after, left)
	}
	if left == after {
		b.wantWrite(storeHex(do("e2", "e104c000c100", do("e3", "db080000000000000001"))), b.settledWith(after))
		return false
	}
	b.wantWrite(step, iso7816.OK)
	if now := b.state(); now != after {
		b.Fatalf("%s again: %v, want %v", step, now, after)
	}
	return true
}

// settledWith is the answer to one more rule for the default application.
func (b *bench) settledWith(s state) iso7816.SW {
	if strings.Contains(s.rules, "e104c000c100") {
		return ara.RuleExisted
	}
	return iso7816.OK
}

// TestTearing cuts the power at every write of every kind of update: what is
// left is the state before or the one behind it, refresh tag included.
func TestTearing(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-073")
	for _, name := range []string{"channel", "domain", "small blocks", "domain, small"} {
		t.Run(name, func(t *testing.T) {
			b, forks, flash := torn(t)
			b.at = routes[name]
			cuts := 0
			for _, step := range updates() {
				before := b.state()
				*forks = (*forks)[:0]
				card := b.writer()
				flash.BeforeUpdate(func(uint32) { *forks = append(*forks, flash.ForkOn(new(clock.Clock), nil)) })
				if sw := b.blocks(card, unhex(t, step)); sw != iso7816.OK {
					t.Fatalf("%s: %v", step, sw)
				}
				flash.BeforeUpdate(nil)
				after := b.state()
				if after.tag == before.tag || len(*forks) == 0 {
					t.Fatalf("%s: the tag stays, or nothing is written", step)
				}
				for _, fork := range *forks {
					revive(t, fork).settled(step, before, after)
					cuts++
				}
			}
			t.Logf("%d cuts", cuts)
		})
	}
}

// TestCuts cuts the power at any cycle of every kind of update, which is also
// within a page update, and behind the last one.
func TestCuts(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-073")
	random := rand.New(rand.NewPCG(1, 2))
	b, _, _ := torn(t)
	cuts, old := 0, 0
	for _, step := range updates() {
		before := b.state()
		flash := b.card.Machine().Flash()
		whole := revive(t, flash)
		card := whole.writer()
		start := whole.card.Clock().Now()
		if sw := whole.blocks(card, unhex(t, step)); sw != iso7816.OK {
			t.Fatalf("%s: %v", step, sw)
		}
		length := whole.card.Clock().Now() - start
		after := whole.state()
		for range 25 {
			c := revive(t, flash)
			card := c.writer()
			c.card.Clock().CutAt(c.card.Clock().Now() + 1 + random.Uint64N(length-1))
			cmd, err := gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, step)}.APDU(nil)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := cmd.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := card.Transmit(ctx, raw, nil); err == nil {
				t.Fatalf("%s is not cut", step)
			}
			if revive(t, c.card.Machine().Flash()).settled(step, before, after) {
				old++
			}
			cuts++
		}
		b = whole
	}
	if old == 0 || old == cuts {
		t.Fatalf("%d of %d cuts left the state before", old, cuts)
	}
	t.Logf("%d cuts, %d left the state before", cuts, old)
}
