package security

import (
	"crypto"
	"crypto/subtle"
	"encoding/binary"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const randomName = "javacard/security/RandomData"

var classRandom = binding.Class(randomName)

// Cells of a generator: algorithm, and whether a OneShot was closed.
const (
	randomAlg  = 0
	randomOpen = 1
)

var (
	algPseudo    = byteConstant(randomName + ".ALG_PSEUDO_RANDOM")
	algPreseeded = byteConstant(randomName + ".ALG_PRESEEDED_DRBG")
	algSecure    = byteConstant(randomName + ".ALG_SECURE_RANDOM")
	algTRNG      = byteConstant(randomName + ".ALG_TRNG")
	algFast      = byteConstant(randomName + ".ALG_FAST")
	algKeyGen    = byteConstant(randomName + ".ALG_KEYGENERATION")
)

// drbg is what an application's seed makes of a generator: a hash chain. It is
// running state, lost at reset.
type drbg struct {
	state   [32]byte
	counter uint64
}

func bindRandom(t *binding.Table) {
	t.State(randomName, 0, 2)
	t.Bind(randomName+".<init>()V", func(*vm.Call) {})
	t.Hidden("inkan/platform/RandomData", randomName)
	t.Bind(randomName+".getInstance(B)Ljavacard/security/RandomData;", func(c *vm.Call) {
		c.ReturnRef(newRandom(c, "inkan/platform/RandomData", 0))
	})
	t.Bind(randomName+"$OneShot.open(B)Ljavacard/security/RandomData$OneShot;", func(c *vm.Call) {
		c.ReturnRef(newRandom(c, randomName+"$OneShot", 1))
	})
	t.Bind(randomName+"$OneShot.close()V", func(c *vm.Call) { closeOneShot(c, classRandom, randomOpen) })
	for _, class := range []string{"inkan/platform/RandomData", randomName + "$OneShot"} {
		t.BindAll(class, map[string]binding.Native{
			"generateData([BSS)V": func(c *vm.Call) { generate(c) },
			"nextBytes([BSS)S":    func(c *vm.Call) { c.ReturnShort(generate(c)) },
			"setSeed([BSS)V":      setSeed,
			"getAlgorithm()B":     func(c *vm.Call) { c.ReturnByte(randomAlgOf(c)) },
		})
	}
}

func randomAlgOf(c *vm.Call) int8 {
	refuseClosed(c, classRandom, randomOpen)
	return int8(c.Machine().DataCell(c.This(), classRandom, randomAlg))
}

func newRandom(c *vm.Call, class string, open uint16) vm.Ref {
	switch c.Byte(0) {
	case algPseudo, algSecure, algTRNG, algPreseeded, algFast, algKeyGen:
	default:
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class(class))
	m.SetDataCell(ref, classRandom, randomAlg, uint16(c.Byte(0)))
	if open != 0 {
		m.SetDataCell(ref, classRandom, randomOpen, open)
	}
	return ref
}

// generate fills the caller's bytes and returns the offset behind them. A
// length of zero is ILLEGAL_VALUE.
func generate(c *vm.Call) int16 {
	alg := randomAlgOf(c)
	array, offset, n := c.Ref(0), c.Short(1), c.Short(2)
	c.Range(array, offset, n)
	if n == 0 {
		fail(c, illegalValue)
	}
	g, out := engines(c), make([]byte, n)
	d, seeded := c.Machine().HostValue(c.This()).(*drbg)
	if seeded && (alg == algPseudo || alg == algPreseeded || alg == algFast) {
		d.fill(c, out)
	} else {
		g.Fill(out)
		if seeded { // a seed adds to the true random bytes, it never replaces them
			mask := make([]byte, n)
			d.fill(c, mask)
			subtle.XORBytes(out, out, mask)
		}
	}
	output(c, array, offset, out)
	return offset + n
}

func (d *drbg) fill(c *vm.Call, out []byte) {
	g := engines(c)
	for len(out) > 0 {
		d.counter++
		h := g.Hash(crypto.SHA256, nil, d.state[:], binary.BigEndian.AppendUint64(nil, d.counter))
		out = out[copy(out, h):]
	}
}

// setSeed makes a pseudo-random generator's further output depend on the seeds
// alone; a true generator's output has them mixed in.
func setSeed(c *vm.Call) {
	alg := randomAlgOf(c)
	if alg == algTRNG {
		fail(c, illegalUse)
	}
	m := c.Machine()
	seed := input(c, c.Ref(0), c.Short(1), c.Short(2))
	d, _ := m.HostValue(c.This()).(*drbg)
	if d == nil {
		d = &drbg{}
	}
	engines(c).Hash(crypto.SHA256, d.state[:0], d.state[:], seed)
	d.counter = 0
	m.SetHostValue(c.This(), d)
}
