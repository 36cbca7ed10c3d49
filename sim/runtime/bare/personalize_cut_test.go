package bare

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// record is what the applet personal keeps.
func record(t *testing.T, card *Card) []byte {
	t.Helper()
	send(t, card, "00A4040008"+personalAID.String())
	data, sw := send(t, card, "8020000000")
	if sw != iso7816.OK || len(data) != 64 {
		t.Fatalf("record: %X %v", data, sw)
	}
	return data
}

// storeTwice is a STORE DATA of the applet's that writes twice in one transaction.
func storeTwice(b byte) gp.StoreData {
	return gp.StoreData{Data: append([]byte{15}, bytes.Repeat([]byte{b}, 30)...)}
}

// runCut powers a card, sends a STORE DATA, cuts the power so many cycles after
// its begin (0: not), and says how long it took.
func runCut(t *testing.T, state *nvm.Flash, store gp.StoreData, after uint64) (*Card, uint64, error) {
	t.Helper()
	card, k := bootCut(t, state)
	secured := reopen(t, card, 0x33)
	exchange(t, secured, target(personalAID), iso7816.OK)
	start := k.Now()
	if after > 0 {
		k.CutAt(start + after)
	}
	_, err := gp.Exchange(ctx, secured, store, nil)
	if k.Ledger().Sum() != k.Now() {
		t.Fatalf("cut at %d: the ledger is not the clock", after)
	}
	return card, k.Now() - start, err
}

// TestPersonalizationCut cuts the power anywhere in a forwarded STORE DATA that
// writes twice in one transaction: the card boots with all of it or nothing,
// names no applet any more, and can be personalised.
func TestPersonalizationCut(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-011", "SPEC-RUNTIME-013", "SPEC-RUNTIME-050", "SPEC-RUNTIME-121")
	flash, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := bootCut(t, flash)
	personal.onto(t, first)
	first, _, err = runCut(t, first.Machine().Flash(), storeTwice(0xA1), 0)
	if err != nil {
		t.Fatal(err)
	}
	state, store := first.Machine().Flash(), storeTwice(0xB2)
	whole, length, err := runCut(t, state, store, 0)
	if err != nil {
		t.Fatal(err)
	}
	before, after := record(t, first), record(t, whole)
	seen := map[string]int{}
	var cuts []uint64
	for i := range uint64(60) { // everywhere, and close to the end: behind the commit
		cuts = append(cuts, 1+i*(length-1)/60, length-1-100*i)
	}
	for _, i := range cuts {
		card, _, err := runCut(t, state, store, i)
		if _, ok := errors.AsType[clock.PowerCut](err); !ok {
			t.Fatalf("cut at %d: %v", i, err)
		}
		again, _ := bootCut(t, card.Machine().Flash())
		if again.Machine().TransactionDepth() != 0 || again.target != nil {
			t.Fatalf("cut at %d: something is open", i)
		}
		got := record(t, again)
		if !bytes.Equal(got, before) && !bytes.Equal(got, after) {
			t.Fatalf("cut at %d: %X", i, got)
		}
		seen[string(got)]++
		secured := reopen(t, again, 0x33)
		wantBlock(t, secured, "6A88", 0)
		exchange(t, secured, target(personalAID), iso7816.OK)
		exchange(t, secured, store, iso7816.OK)
		if got := record(t, again); !bytes.Equal(got, after) {
			t.Fatalf("cut at %d: personalised again: %X", i, got)
		}
	}
	if len(seen) != 2 {
		t.Errorf("%d states seen, want the old one and the new one", len(seen))
	}
}
