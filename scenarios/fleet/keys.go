package fleet

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/sim/engine"
)

// pool makes many RSA keys of few primes, no two keys alike: TEST ONLY. Who has two of
// these moduli may have both factors.
type pool struct {
	engines *engine.Engines
	primes  []*big.Int
	i, j    int // of the next key: its primes, i < j
}

func newPool(seed uint64) *pool {
	return &pool{engines: engine.New(engine.Reference(), new(clock.Clock), entropy.Seeded(seed, "fleet/primes"))}
}

// keyBits are of a modulus.
const keyBits = 2048

// prime is the n-th prime of the pool.
func (p *pool) prime(n int) (*big.Int, error) {
	for len(p.primes) <= n {
		q, _, err := p.engines.Prime(keyBits/2, big.NewInt(65537))
		if err != nil {
			return nil, fmt.Errorf("fleet: %w", err)
		}
		p.primes = append(p.primes, new(big.Int).Set(q))
	}
	return p.primes[n], nil
}

// key is a key that nobody has, whatever it is for: in the order of calls.
func (p *pool) key(string) (*rsa.PrivateKey, error) {
	if p.i++; p.i >= p.j {
		p.i, p.j = 0, p.j+1
	}
	a, err := p.prime(p.i)
	if err != nil {
		return nil, err
	}
	b, err := p.prime(p.j)
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(a, one), new(big.Int).Sub(b, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(a, b), E: 65537}, Primes: []*big.Int{new(big.Int).Set(b), new(big.Int).Set(a)}}
	if key.D = new(big.Int).ModInverse(big.NewInt(int64(key.E)), phi); key.D == nil || key.N.BitLen() != keyBits {
		return nil, errors.New("fleet: two primes make no key")
	}
	key.Precompute()
	return key, nil
}
