package fleet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"inkan/spec/req"
)

// Lives follow from seed and number, all of them can be lived, and at most a tenth make
// their keys on the card.
func TestDraw(t *testing.T) {
	req.Covers(t, "SPEC-FLEET-001")
	for seed := range uint64(5) {
		onCard, seen := 0, map[string]bool{}
		for n := 1; n <= 2000; n++ {
			d, again := draw(seed, n, DefaultSpacing), draw(seed, n, DefaultSpacing)
			if *d != *again {
				t.Fatalf("%v, then %v", d, again)
			}
			if d.OnCard {
				onCard++
			}
			if d.Next == d.Carrier || d.OnCard != (d.Carrier == carriers(seed)[0]) {
				t.Errorf("%v to %s, on card: %v", d, d.Next, d.OnCard)
			}
			for _, what := range []string{string(d.Trouble), string(d.Event), string(d.Bearer), d.Carrier, d.Model} {
				seen[what] = true
			}
		}
		if onCard > 200 || onCard < 100 {
			t.Errorf("seed %d: %d of 2000 with keys of the card", seed, onCard)
		}
		for _, s := range troubles {
			if !seen[string(s.what)] {
				t.Errorf("seed %d: nobody has %s", seed, s.what)
			}
		}
		for _, s := range events {
			if !seen[string(s.what)] {
				t.Errorf("seed %d: nobody has %s", seed, s.what)
			}
		}
	}
}

// No two keys of a pool are alike, and each is one.
func TestPool(t *testing.T) {
	p := newPool(1)
	seen := map[string]bool{}
	for range 40 {
		k, err := p.key("")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Validate(); err != nil {
			t.Error(err)
		}
		if n := k.N.String(); seen[n] {
			t.Error("a key twice")
		} else {
			seen[n] = true
		}
	}
	if len(p.primes) > 10 {
		t.Errorf("%d primes for 40 keys", len(p.primes))
	}
}

// A failed life names the commands that repeat it.
func TestFailureIsReported(t *testing.T) {
	req.Covers(t, "SPEC-FLEET-002", "SPEC-FLEET-003")
	r := newResult(Config{Phones: 50, Seed: 9}, map[string]int{})
	r.ended(&life{Draft: draw(9, 7, time.Second)}, errors.New("something"))
	var b strings.Builder
	if err := r.Write(&b); err != nil || r.Done != 0 || len(r.Failures) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	for _, want := range []string{"something", "inkan fleet --phones 50 --seed 9 --only 7", "again: inkan fleet --phones 50 --seed 9\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
