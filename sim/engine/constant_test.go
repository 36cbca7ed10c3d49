package engine

import (
	"crypto"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// spent is the cycles of one operation on fresh engines.
func spent(form Form, work func(*Engines)) uint64 {
	g := New(Reference(), new(clock.Clock), entropy.Seeded(3, "spent"))
	g.Form = form
	work(g)
	return g.Clock.Now()
}

// The time of an exponentiation tells the lengths only: exponents of one bit,
// of all ones and random ones cost the same, and so do operands.
func TestExpTimeHidesOperands(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-012")
	const size = 256
	for _, form := range []Form{Charged, Stepped} {
		var want uint64
		rapid.Check(t, func(t *rapid.T) {
			n := number(t, size, "n")
			n.SetBit(n, 0, 1).SetBit(n, size-1, 1)
			x, e := number(t, size-1, "x"), number(t, size, "e")
			if rapid.Bool().Draw(t, "one bit") {
				e = big.NewInt(1)
			}
			got := spent(form, func(g *Engines) {
				if _, err := g.Exp(x, e, n, size); err != nil {
					t.Fatal(err)
				}
			})
			if want == 0 {
				want = got
			}
			if got != want {
				t.Fatalf("%d cycles, another exponent took %d", got, want)
			}
		})
	}
}

// Private keys of one length cost the same, and differ from another length's.
func TestRSATimeHidesKeys(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-012")
	times := map[int]uint64{}
	for _, bitCount := range []int{512, 1024} {
		for seed := range uint64(4) {
			key := crtKey(t, bitCount, generated(t, bitCount, seed))
			for _, form := range []Form{Charged, Stepped} {
				got := spent(form, func(g *Engines) {
					if _, err := g.RSAPrivate(key, []byte{byte(seed), 1}); err != nil {
						t.Fatal(err)
					}
				})
				if times[bitCount] == 0 {
					times[bitCount] = got
				}
				if got != times[bitCount] {
					t.Errorf("%d bits, key %d: %d cycles, another key took %d", bitCount, seed, got, times[bitCount])
				}
			}
		}
	}
	if times[512] == times[1024] {
		t.Error("length has no cost")
	}
}

func TestScalarTimeHidesScalar(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-018")
	c := DomainNamed("secp256r1").Curve()
	for _, form := range []Form{Charged, Stepped} {
		mult := func(k *big.Int) uint64 {
			return spent(form, func(g *Engines) { g.ScalarMult(c, c.GX, c.GY, k) })
		}
		want := mult(big.NewInt(1))
		for _, k := range []*big.Int{big.NewInt(2), new(big.Int).Sub(c.N, big.NewInt(1)), new(big.Int).Rsh(c.N, 77)} {
			if got := mult(k); got != want {
				t.Errorf("%d cycles, want %d", got, want)
			}
		}
	}
	digest := make([]byte, 32)
	want := uint64(0)
	for seed := range uint64(20) {
		s, _ := New(Reference(), new(clock.Clock), entropy.Seeded(seed, "ec")).GenerateEC(c)
		digest[0]++
		got := spent(Charged, func(g *Engines) {
			if _, _, err := g.ECDSASign(c, crypto.SHA256, s, digest); err != nil {
				t.Fatal(err)
			}
		})
		if want == 0 {
			want = got
		}
		if got != want {
			t.Errorf("key %d: %d cycles, want %d", seed, got, want)
		}
	}
}

func TestKeyGeneration(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-017")
	a, b := rig(Reference())
	b.Form = Charged
	x, errA := a.GenerateRSA(1024, []byte{3})
	y, errB := b.GenerateRSA(1024, []byte{3})
	if errA != nil || errB != nil || string(x.D) != string(y.D) || x.Searches != y.Searches {
		t.Fatal("one seed gave two keys", errA, errB)
	}
	sameTime(t, a, b)
	for _, p := range [][]byte{x.P, x.Q} {
		n := new(big.Int).SetBytes(p)
		if n.BitLen() != 512 || n.Bit(510) != 1 || !n.ProbablyPrime(20) {
			t.Errorf("no prime of 512 bits: %d bits", n.BitLen())
		}
	}
	if n := new(big.Int).SetBytes(x.N); n.BitLen() != 1024 {
		t.Errorf("modulus of %d bits", n.BitLen())
	}
	s := x.Searches[0]
	if s.Candidates < s.Tested || s.Tested < 1 || s.Rounds < s.Tested+millerRabinRounds(512)-1 {
		t.Errorf("%+v", s)
	}
	m := &a.Chip.Multiplier
	rounds := uint64(x.Searches[0].Rounds + x.Searches[1].Rounds)
	least := rounds * m.Exp(m.Words(512), 512)
	if got := a.Clock.Ledger()[clock.ModExp]; got < least || got > least+least/100 {
		t.Errorf("%d cycles of modexp for %d rounds, want about %d", got, rounds, least)
	}
	for _, e := range [][]byte{{}, {1}, {4}, make([]byte, 200)} {
		if _, err := a.GenerateRSA(1024, e); err == nil {
			t.Errorf("public exponent %X was accepted", e)
		}
	}
	if _, err := a.GenerateRSA(1023, []byte{3}); err == nil {
		t.Error("odd length was accepted")
	}
}

// Composites that Fermat's test takes for primes do not pass.
func TestMillerRabinRefusesComposites(t *testing.T) {
	g, _ := rig(Reference())
	for _, n := range []int64{561, 41041, 825265, 321197185, 3215031751, 15, 49} {
		var s Search
		if g.isPrime(big.NewInt(n), 16, &s) {
			t.Errorf("%d passed", n)
		}
	}
	for _, n := range []int64{7, 65537, 2147483647} {
		var s Search
		if !g.isPrime(big.NewInt(n), 16, &s) {
			t.Errorf("%d failed", n)
		}
	}
}
