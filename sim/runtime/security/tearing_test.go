package security

import (
	"math/big"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/vm"
)

// A power cut at any NVM write of key generation and of setting a component
// leaves the old value, none, or the new one: never a mixture.
func TestGenerationIsAtomic(t *testing.T) {
	c := newCard(t)
	var pair vm.Ref
	if e := c.Try(func() { pair = c.NewInstance(testContext, classOf("inkan/platform/Pair")) }); e != nil {
		t.Fatal(e)
	}
	c.must(pair, "make(BS)V", alg(pairName+".ALG_RSA_CRT"), short(512))
	public := vm.Ref(c.must(pair, "getPublic()Ljavacard/security/PublicKey;"))
	private := vm.Ref(c.must(pair, "getPrivate()Ljavacard/security/PrivateKey;"))
	var forks []*nvm.Flash
	var clocks []*clock.Clock
	c.flash.BeforeUpdate(func(uint32) {
		k := new(clock.Clock)
		forks, clocks = append(forks, c.flash.ForkOn(k, nil)), append(clocks, k)
	})
	c.must(pair, "genKeyPair()V")
	c.must(pair, "genKeyPair()V")
	c.flash.BeforeUpdate(nil)
	empty, moduli := 0, map[string]bool{}
	for i, f := range forks {
		d := start(t, f, clocks[i], c.api)
		a, b := d.must(public, "isInitialized()Z"), d.must(private, "isInitialized()Z")
		if a != b {
			t.Fatalf("cut at write %d: one key of the pair has a value", i)
		}
		if a == 0 {
			empty++
			continue
		}
		n := new(big.Int).Mul(new(big.Int).SetBytes(d.get(private, "P")), new(big.Int).SetBytes(d.get(private, "Q")))
		modulus := d.get(public, "Modulus")
		if n.Cmp(new(big.Int).SetBytes(modulus)) != 0 {
			t.Fatalf("cut at write %d: modulus and primes do not belong together", i)
		}
		moduli[string(modulus)] = true
	}
	if empty == 0 || len(moduli) == 0 {
		t.Errorf("%d cuts: %d left no key, %d different keys seen", len(forks), empty, len(moduli))
	}
	t.Logf("%d cuts, %d without key", len(forks), empty)
}
