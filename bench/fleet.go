package main

import (
	"runtime"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/sim/os"
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

// held is how many bytes of the heap are in use.
func held() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
