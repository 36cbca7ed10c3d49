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
	secured := reopen(t, first, 0x33)
	exchange(t, secured, target(personalAID), iso7816.OK)
	old, fresh := bytes.Repeat([]byte{0xA1}, 30), bytes.Repeat([]byte{0xB2}, 30)
	wantBlock(t, secured, "9000", append([]byte{15}, old...)...)
	before := record(t, first)
	state := first.Machine().Flash()

	// run powers a card, sends the command under test, and says how long it took.
	store := gp.StoreData{Data: append([]byte{15}, fresh...)}
	run := func(after uint64) (*Card, uint64, error) {
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
	whole, length, err := run(0)
	if err != nil {
		t.Fatal(err)
	}
	after := record(t, whole)
	if bytes.Equal(before, after) {
		t.Fatal("nothing is written")
	}
	olds, news := 0, 0
	var cuts []uint64
	for i := range uint64(60) { // everywhere, and close to the end: behind the commit
		cuts = append(cuts, 1+i*(length-1)/60, length-1-100*i)
	}
	for _, i := range cuts {
		card, _, err := run(i)
		if _, ok := errors.AsType[clock.PowerCut](err); !ok {
			t.Fatalf("cut %d: %v", i, err)
		}
		again, _ := bootCut(t, card.Machine().Flash())
		if again.Machine().TransactionDepth() != 0 || again.target != nil {
			t.Fatalf("cut %d: something is open", i)
		}
		switch got := record(t, again); {
		case bytes.Equal(got, before):
			olds++
		case bytes.Equal(got, after):
			news++
		default:
			t.Fatalf("cut %d: %X", i, got)
		}
		secured := reopen(t, again, 0x33)
		wantBlock(t, secured, "6A88", 0)
		exchange(t, secured, target(personalAID), iso7816.OK)
		exchange(t, secured, store, iso7816.OK)
		if got := record(t, again); !bytes.Equal(got, after) {
			t.Fatalf("cut %d: personalised again: %X", i, got)
		}
	}
	if olds == 0 || news == 0 {
		t.Errorf("%d cuts before the commit, %d behind", olds, news)
	}
}
