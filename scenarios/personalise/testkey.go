package personalise

import (
	"crypto/rsa"
	"math/big"
	"sync"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/sim/engine"
)

// TestKey makes an RSA key of 2048 bits that follows from its source, for tries: the
// standard library's generator takes no randomness from outside.
func TestKey(source entropy.Source) (*rsa.PrivateKey, error) {
	g := engine.New(engine.Reference(), new(clock.Clock), source)
	k, err := g.GenerateRSA(2048, []byte{1, 0, 1})
	if err != nil {
		return nil, err
	}
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(k.N), E: 65537}, D: number(k.D), Primes: []*big.Int{number(k.P), number(k.Q)}}
	key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv = number(k.DP), number(k.DQ), number(k.QInv)
	key.Precompute()
	return key, key.Validate()
}

// drawn are test keys that were made before in this process: runs of one seed over
// and over do not look for the same primes again.
var drawn struct {
	mutex sync.Mutex
	keys  map[drawnKey]*rsa.PrivateKey
}

type drawnKey struct {
	seed  uint64
	label string
}

// maxDrawn bounds what is kept, some kilobytes each.
const maxDrawn = 4096

// SeededKey is TestKey of entropy.Seeded: TEST ONLY. The caller may wipe it.
func SeededKey(seed uint64, label string) (*rsa.PrivateKey, error) {
	drawn.mutex.Lock()
	defer drawn.mutex.Unlock()
	key, found := drawn.keys[drawnKey{seed, label}]
	if !found {
		var err error
		if key, err = TestKey(entropy.Seeded(seed, label)); err != nil {
			return nil, err
		}
		if drawn.keys == nil || len(drawn.keys) >= maxDrawn {
			drawn.keys = map[drawnKey]*rsa.PrivateKey{}
		}
		drawn.keys[drawnKey{seed, label}] = key
	}
	return copyOf(key), nil
}

// copyOf is a key with numbers of its own, ready to sign like the other one.
func copyOf(k *rsa.PrivateKey) *rsa.PrivateKey {
	own := func(n *big.Int) *big.Int { return new(big.Int).Set(n) }
	c := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: own(k.N), E: k.E}, D: own(k.D), Precomputed: k.Precomputed}
	for _, prime := range k.Primes {
		c.Primes = append(c.Primes, own(prime))
	}
	c.Precomputed.Dp, c.Precomputed.Dq, c.Precomputed.Qinv = own(k.Precomputed.Dp), own(k.Precomputed.Dq), own(k.Precomputed.Qinv)
	return c
}
