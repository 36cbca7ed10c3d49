package main

import (
	"bytes"
	"runtime"
	"testing"
)

// A thousand personalised cards at once fit 1 GiB: each takes less than 1 MiB,
// after it has signed too.
func TestThousandCards(t *testing.T) {
	const count, limit = 1000, 1 << 20
	if _, err := fleet(1); err != nil { // what is made once for all
		t.Fatal(err)
	}
	before := held()
	cards, err := fleet(count)
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for i, c := range cards {
		if i%100 != 0 {
			continue
		}
		signature, err := c.sign()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = bytes.Clone(signature)
		}
		if !bytes.Equal(signature, first) {
			t.Errorf("card %d signs otherwise", i)
		}
		if c.card.Clock().Now() != cards[0].card.Clock().Now() {
			t.Errorf("card %d took %d cycles, the first %d", i, c.card.Clock().Now(), cards[0].card.Clock().Now())
		}
	}
	each := int64(held()-before) / count
	if each > limit {
		t.Errorf("%d bytes for each of %d cards, want at most %d", each, count, limit)
	}
	t.Logf("%d bytes for each of %d cards", each, count)
	runtime.KeepAlive(cards)
}
