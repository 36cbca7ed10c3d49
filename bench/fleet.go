package main

import (
	"bytes"
	"runtime"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/sim/os"
)

// Cards of the fleet, and the bytes promised for each: all of them in 1 GiB.
const (
	fleetCount = 1000
	fleetLimit = 1 << 20
)

// fleet makes cards that share one personalised memory until they write to it,
// each with a clock and randomness of its own, ready to sign.
func fleet(count int) ([]*signer, error) {
	base, _, err := personalised()
	if err != nil {
		return nil, err
	}
	all := make([]*signer, count)
	for i := range all {
		k := new(clock.Clock)
		if all[i], err = newSigner(os.Config{Flash: base.ForkOn(k, nil), Clock: k, Entropy: entropy.Seeded(uint64(i), "fleet")}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// fleetBytes is how much memory each of that many cards takes, after one in ten
// has signed. It fails unless they all sign alike in the same number of cycles.
func fleetBytes(count int) (each int64, err error) {
	if _, err := fleet(1); err != nil { // what is made once for all
		return 0, err
	}
	before := held()
	cards, err := fleet(count)
	if err != nil {
		return 0, err
	}
	var first []byte
	for i := 0; i < count; i += 10 {
		signature, err := cards[i].sign()
		if err != nil {
			return 0, err
		}
		if first == nil {
			first = bytes.Clone(signature)
		}
		if !bytes.Equal(signature, first) || cards[i].card.Clock().Ledger() != cards[0].card.Clock().Ledger() {
			return 0, errDiffers
		}
	}
	each = (int64(held()) - int64(before)) / int64(count)
	runtime.KeepAlive(cards)
	return each, nil
}

// held is how many bytes of the heap are in use.
func held() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
