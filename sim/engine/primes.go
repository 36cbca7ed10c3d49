package engine

import (
	"fmt"
	"math/big"

	"inkan/sim/clock"
)

// maxTrialPrimes bounds the trial divisors: those below 8192.
const maxTrialPrimes = 1028

// PrimeSearch is how the chip looks for primes.
type PrimeSearch struct {
	TrialPrimes int    // divisors tried on each candidate, all of them on each
	TrialWord   uint64 // one multiplier word divided by one of them, on the CPU
}

// Trial is the cost of trying all divisors on a candidate of s words.
func (p *PrimeSearch) Trial(s int) uint64 {
	return uint64(p.TrialPrimes) * uint64(s) * p.TrialWord
}

// Search counts what a search for a prime took.
type Search struct {
	Candidates int // numbers drawn
	Tested     int // of them, without a small divisor
	Rounds     int // Miller-Rabin rounds, those of the prime itself included
}

// Rounds is the number of Miller-Rabin rounds for a prime of a size: an error
// below 2^-100 for random candidates.
func millerRabinRounds(bitCount int) int {
	switch {
	case bitCount < 512:
		return 16
	case bitCount < 1024:
		return 8
	case bitCount < 1536:
		return 5
	}
	return 4
}

func smallPrimes(count int) []int {
	var out []int
next:
	for n := 2; len(out) < count; n++ {
		for _, p := range out {
			if n%p == 0 {
				continue next
			}
		}
		out = append(out, n)
	}
	return out
}

var trialPrimes = smallPrimes(maxTrialPrimes + 1)[1:] // odd ones

// Prime finds a prime of exactly bitCount bits, its two highest bits set, with
// p-1 prime to e. Candidates are drawn afresh from the random generator, so a
// seed gives a prime and its cost. Key generation is the one operation whose
// time depends on a secret. Spec: SPEC-TIMING-017.
func (g *Engines) Prime(bitCount int, e *big.Int) (*big.Int, Search, error) {
	var search Search
	if bitCount < 64 || bitCount > MaxModulusBits/2 {
		return nil, search, fmt.Errorf("engine: prime of %d bits: want 64 to %d", bitCount, MaxModulusBits/2)
	}
	if e.Sign() <= 0 || e.Bit(0) == 0 {
		return nil, search, fmt.Errorf("engine: public exponent must be odd")
	}
	buf := make([]byte, (bitCount+7)/8)
	s := g.Chip.Multiplier.Words(bitCount)
	for {
		search.Candidates++
		p := g.candidate(buf, bitCount)
		g.Clock.Advance(clock.Native, g.Chip.Primes.Trial(s))
		if hasSmallDivisor(p, g.Chip.Primes.TrialPrimes) {
			continue
		}
		search.Tested++
		minus1 := new(big.Int).Sub(p, big.NewInt(1))
		if new(big.Int).GCD(nil, nil, minus1, e).Cmp(big.NewInt(1)) != 0 {
			continue
		}
		if g.isPrime(p, millerRabinRounds(bitCount), &search) {
			clear(buf)
			return p, search, nil
		}
	}
}

func (g *Engines) candidate(buf []byte, bitCount int) *big.Int {
	g.Fill(buf)
	p := new(big.Int).SetBytes(buf)
	p.Rsh(p, uint(8*len(buf)-bitCount))
	p.SetBit(p, bitCount-1, 1)
	p.SetBit(p, bitCount-2, 1)
	return p.SetBit(p, 0, 1)
}

func hasSmallDivisor(p *big.Int, count int) bool {
	var r, d big.Int
	for _, q := range trialPrimes[:count] {
		if r.Mod(p, d.SetInt64(int64(q))).Sign() == 0 && p.Cmp(&d) != 0 {
			return true
		}
	}
	return false
}

// isPrime runs Miller-Rabin rounds (FIPS 186-5 B.3.1) with random bases.
func (g *Engines) isPrime(p *big.Int, rounds int, search *Search) bool {
	one := big.NewInt(1)
	minus1 := new(big.Int).Sub(p, one)
	shift := minus1.TrailingZeroBits()
	odd := new(big.Int).Rsh(minus1, shift)
	buf := make([]byte, (p.BitLen()+7)/8)
	for range rounds {
		search.Rounds++
		g.Fill(buf)
		base := new(big.Int).SetBytes(buf)
		base.Mod(base, new(big.Int).Sub(minus1, one)).Add(base, one) // 1 to p-2
		z, err := g.Exp(base, odd, p, p.BitLen())
		if err != nil {
			return false
		}
		if !g.witnessSilent(z, p, minus1, shift) {
			return false
		}
	}
	return true
}

// witnessSilent squares z up to shift-1 times and tells whether the base is no
// witness of compositeness.
func (g *Engines) witnessSilent(z, p, minus1 *big.Int, shift uint) bool {
	if z.Cmp(big.NewInt(1)) == 0 || z.Cmp(minus1) == 0 {
		return true
	}
	m := &g.Chip.Multiplier
	for range shift - 1 {
		g.Clock.Advance(clock.ModExp, m.Product(m.Words(p.BitLen())))
		z.Mul(z, z).Mod(z, p)
		if z.Cmp(minus1) == 0 {
			return true
		}
	}
	return false
}
