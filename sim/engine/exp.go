package engine

import (
	"fmt"
	"math/big"
	"math/bits"

	"inkan/sim/clock"
)

// MaxModulusBits is the longest modulus of the multiplier's operand memory.
const MaxModulusBits = 4096

// checkModulus refuses a modulus that the multiplier can't work with.
func checkModulus(n *big.Int) error {
	if n.Sign() <= 0 || n.Bit(0) == 0 || n.BitLen() < 2 || n.BitLen() > MaxModulusBits {
		return fmt.Errorf("engine: modulus of %d bits: want an odd one of 2 to %d bits", n.BitLen(), MaxModulusBits)
	}
	return nil
}

// Exp is x^e mod n for a secret exponent, in a time that depends on the
// lengths of n and expBits only. x must be below n, e below 2^expBits.
// Spec: SPEC-TIMING-011, SPEC-TIMING-012.
func (g *Engines) Exp(x, e, n *big.Int, expBits int) (*big.Int, error) {
	if err := checkModulus(n); err != nil {
		return nil, err
	}
	if x.Sign() < 0 || x.Cmp(n) >= 0 || e.Sign() < 0 || e.BitLen() > expBits {
		return nil, fmt.Errorf("engine: operand or exponent out of range")
	}
	m := &g.Chip.Multiplier
	s := m.Words(n.BitLen())
	if g.Form == Charged {
		g.Clock.Advance(clock.ModExp, m.Exp(s, expBits))
		return new(big.Int).Exp(x, e, n), nil
	}
	p := newStepper(m)
	p.prepare(p.load(n, s))
	base := p.load(x, s)
	p.cycles += uint64(m.Words(expBits)) * m.Load
	p.product(base, base, p.r2)
	acc := p.power(base, m.digits(e, expBits))
	p.leave(acc)
	out := p.store(acc)
	g.Clock.Advance(clock.ModExp, p.cycles)
	return out, nil
}

// leave takes a number out of Montgomery form.
func (p *stepper) leave(x words) {
	one := make(words, len(x))
	one[0] = 1
	p.product(x, x, one)
}

// PublicExp is x^e mod n for a public exponent, in a time that depends on e.
func (g *Engines) PublicExp(x, e, n *big.Int) (*big.Int, error) {
	if err := checkModulus(n); err != nil {
		return nil, err
	}
	if x.Sign() < 0 || x.Cmp(n) >= 0 || e.Sign() <= 0 || e.BitLen() > MaxModulusBits {
		return nil, fmt.Errorf("engine: operand or exponent out of range")
	}
	m := &g.Chip.Multiplier
	s := m.Words(n.BitLen())
	if g.Form == Charged {
		ones := 0
		for _, w := range e.Bits() {
			ones += bits.OnesCount(uint(w))
		}
		g.Clock.Advance(clock.ModExp, m.PublicExp(s, e.BitLen(), ones))
		return new(big.Int).Exp(x, e, n), nil
	}
	p := newStepper(m)
	p.prepare(p.load(n, s))
	base := p.load(x, s)
	p.cycles += uint64(m.Words(e.BitLen())) * m.Load
	p.product(base, base, p.r2)
	acc := append(words(nil), base...)
	for i := e.BitLen() - 2; i >= 0; i-- {
		p.product(acc, acc, acc)
		if e.Bit(i) == 1 {
			p.product(acc, acc, base)
		}
	}
	p.leave(acc)
	out := p.store(acc)
	g.Clock.Advance(clock.ModExp, p.cycles)
	return out, nil
}

// crtParts are the components of a private key in its CRT form.
type crtParts struct{ p, q, dp, dq, qInv *big.Int }

// crt is c^d mod pq. half is the bit length of the halves, whatever the
// components' values; all must fit it, p and q be odd, c below pq.
func (g *Engines) crt(c *big.Int, k *crtParts, half int) *big.Int {
	m := &g.Chip.Multiplier
	s := m.Words(half)
	if g.Form == Charged {
		g.Clock.Advance(clock.ModExp, m.CRT(s))
		return garner(c, k)
	}
	p := newStepper(m)
	out := p.crt(c, k, s)
	g.Clock.Advance(clock.ModExp, p.cycles)
	return out
}

func garner(c *big.Int, k *crtParts) *big.Int {
	m1, m2 := new(big.Int).Mod(c, k.p), new(big.Int).Mod(c, k.q)
	m1.Exp(m1, k.dp, k.p)
	m2.Exp(m2, k.dq, k.q)
	m1.Sub(m1, m2).Mul(m1, k.qInv).Mod(m1, k.p).Mul(m1, k.q)
	return m1.Add(m1, m2)
}

func (p *stepper) crt(c *big.Int, k *crtParts, s int) *big.Int {
	wide := p.load(c, 2*s)
	n1, n2 := p.load(k.p, s), p.load(k.q, s)
	m := p.m
	p.cycles += 2 * uint64(s) * m.Load // exponents
	qInv := p.load(k.qInv, s)
	m2 := p.half(wide, n2, m.digits(k.dq, s*m.WordBits))
	m1 := p.half(wide, n1, m.digits(k.dp, s*m.WordBits))
	// The modulus is p from here on.
	t := make(words, s)
	p.product(t, m2, p.r2)
	p.leave(t)
	p.difference(t, m1, t)
	p.product(t, t, p.r2)
	p.product(t, t, qInv)
	h := p.plain(t, n2)
	return p.store(p.plainSum(h, m2))
}

// half is wide mod n, raised to an exponent.
func (p *stepper) half(wide, n words, digits []int) words {
	s := len(n)
	p.prepare(n)
	high, low := make(words, s), make(words, s)
	p.product(high, wide[s:], p.r2)
	p.product(high, high, p.r2)
	p.product(low, wide[:s], p.r2)
	p.sum(high, high, low)
	acc := p.power(high, digits)
	p.leave(acc)
	return acc
}
