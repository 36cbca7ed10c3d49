package main

import "testing"

// A thousand personalised cards at once fit 1 GiB, and do the same in the same
// number of cycles.
func TestThousandCards(t *testing.T) {
	each, err := fleetBytes(fleetCount)
	if err != nil {
		t.Fatal(err)
	}
	if each > fleetLimit {
		t.Errorf("%d bytes for each of %d cards, want at most %d", each, fleetCount, fleetLimit)
	}
	t.Logf("%d bytes for each of %d cards", each, fleetCount)
}
