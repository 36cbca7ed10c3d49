package security

import (
	"fmt"
	"math/big"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// A power cut at any NVM write of key generation leaves the old pair, none, or
// the new one: never a mixture. A pair that is too long for one transaction may
// lose its private key's value first, and its public key's.
func TestGenerationIsAtomic(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-107")
	for _, k := range []struct {
		alg   string
		bits  int
		whole bool
	}{{"ALG_RSA_CRT", 512, true}, {"ALG_RSA", 512, true}, {"ALG_RSA_CRT", 2048, true}, {"ALG_RSA_CRT", 3520, false}, {"ALG_RSA", 3520, false}} {
		t.Run(fmt.Sprintf("%s %d", k.alg, k.bits), func(t *testing.T) { tearGeneration(t, k.alg, k.bits, k.whole) })
	}
}

func tearGeneration(t *testing.T, algorithm string, bits int, whole bool) {
	c := newCard(t)
	var pair vm.Ref
	if e := c.Try(func() { pair = c.NewInstance(testContext, classOf("inkan/platform/Pair")) }); e != nil {
		t.Fatal(e)
	}
	c.must(pair, "make(BS)V", alg(pairName+"."+algorithm), short(bits))
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
		if a != b && whole {
			t.Fatalf("cut at write %d: one key of the pair has a value", i)
		}
		if a == 0 || b == 0 {
			empty++
			continue
		}
		n := new(big.Int)
		if algorithm == "ALG_RSA" {
			n.SetBytes(d.get(private, "Modulus"))
		} else {
			n.Mul(new(big.Int).SetBytes(d.get(private, "P")), new(big.Int).SetBytes(d.get(private, "Q")))
		}
		modulus := d.get(public, "Modulus")
		if n.Cmp(new(big.Int).SetBytes(modulus)) != 0 {
			t.Fatalf("cut at write %d: modulus and private key do not belong together", i)
		}
		moduli[string(modulus)] = true
	}
	if empty == 0 || len(moduli) == 0 {
		t.Errorf("%d cuts: %d left no key, %d different keys seen", len(forks), empty, len(moduli))
	}
	t.Logf("%d cuts, %d without key", len(forks), empty)
}
