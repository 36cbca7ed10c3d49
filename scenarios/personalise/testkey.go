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
	return keyOfParts(keyParts{k.N, k.D, k.P, k.Q, k.DP, k.DQ, k.QInv})
}

// keyParts are modulus, private exponent, primes, their exponents, and the second
// prime's inverse modulo the first.
type keyParts [7][]byte

// keyOfParts makes a key of its parts, and checks that they belong together.
func keyOfParts(parts keyParts) (*rsa.PrivateKey, error) {
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(parts[0]), E: 65537}, D: number(parts[1]), Primes: []*big.Int{number(parts[2]), number(parts[3])}}
	key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv = number(parts[4]), number(parts[5]), number(parts[6])
	key.Precompute()
	return key, key.Validate()
}

// drawn are test keys that were made before in this process: runs of one seed over
// and over do not look for the same primes again.
var drawn struct {
	mutex sync.Mutex
	keys  map[drawnKey]keyParts
}

type drawnKey struct {
	seed  uint64
	label string
}

// maxDrawn bounds what is kept, about a kilobyte each.
const maxDrawn = 4096

// SeededKey is TestKey of entropy.Seeded: TEST ONLY. The caller may wipe it.
func SeededKey(seed uint64, label string) (*rsa.PrivateKey, error) {
	drawn.mutex.Lock()
	defer drawn.mutex.Unlock()
	if parts, found := drawn.keys[drawnKey{seed, label}]; found {
		return keyOfParts(parts)
	}
	key, err := TestKey(entropy.Seeded(seed, label))
	if err != nil {
		return nil, err
	}
	if drawn.keys == nil || len(drawn.keys) >= maxDrawn {
		drawn.keys = map[drawnKey]keyParts{}
	}
	drawn.keys[drawnKey{seed, label}] = keyParts{key.N.Bytes(), key.D.Bytes(), key.Primes[0].Bytes(), key.Primes[1].Bytes(),
		key.Precomputed.Dp.Bytes(), key.Precomputed.Dq.Bytes(), key.Precomputed.Qinv.Bytes()}
	return key, nil
}
