package overtheair

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/scenarios/personalise"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// The server checks the card's receipts of what the carrier's tokens allowed; those
// that are lost on the way are counted.
func TestReceipts(t *testing.T) {
	req.Covers(t, "SPEC-OTA-034", "SPEC-GP-CONTENT-067")
	c, _, by := demo(t, profile.Named("hayate"))
	if by.Receipts != 2 {
		t.Errorf("%d receipts by secure channel, want those of load and installation", by.Receipts)
	}
	counter, lost := Memory(100), 0
	for i, n := range []Conditions{{}, {Loss: 30}, {Loss: 30, Late: 20}, {Loss: 35}, {Loss: 40}, {Loss: 40}} {
		r, err := Run(t.Context(), Config{Card: c, Seed: seed + uint64(i), Delivered: true, Counter: &counter, Conditions: n})
		if err != nil {
			t.Fatalf("%+v: %v", n, err)
		}
		if r.Receipts+r.ReceiptsLost != 3 || n.Loss == 0 && r.ReceiptsLost != 0 {
			t.Errorf("%+v: %d receipts, %d lost", n, r.Receipts, r.ReceiptsLost)
		}
		lost += r.ReceiptsLost
	}
	if lost == 0 {
		t.Error("no receipt was lost")
	}
}

// A receipt under another key ends the run at the operation that it does not confirm.
func TestWrongReceipt(t *testing.T) {
	req.Covers(t, "SPEC-OTA-034", "SPEC-GP-CONTENT-067")
	c, _, _ := demo(t, profile.Named("hayate"))
	counter := Memory(100)
	r := &run{Config: Config{Card: c, Seed: seed, Delivered: true, Counter: &counter}}
	if err := r.connect(); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.receipt.Verifier, err = gp.NewContentMAC(keys.AES, bytes.Repeat([]byte{7}, 16)); err != nil {
		t.Fatal(err)
	}
	r.report = new(Report)
	if err := r.stages(t.Context()); !errors.Is(err, personalise.ErrWrongReceipt) || len(r.report.Steps) != 2 || r.report.Steps[1].Name != "DELETE" {
		t.Errorf("%v after %+v", err, r.report.Steps)
	}
}
