package engine

import "math/big"

// point is a projective point in Montgomery form.
type point struct{ x, y, z words }

func (p *stepper) words() words { return make(words, len(p.n)) }

// pointAdd is the complete addition of Renes, Costello and Batina (2016),
// algorithm 1, step by step as printed there. b3 is 3b.
func (p *stepper) pointAdd(l, r point, a, b3 words) point {
	t := [6]words{}
	for i := range t {
		t[i] = p.words()
	}
	x, y, z := p.words(), p.words(), p.words()
	p.product(t[0], l.x, r.x)
	p.product(t[1], l.y, r.y)
	p.product(t[2], l.z, r.z)
	p.sum(t[3], l.x, l.y)
	p.sum(t[4], r.x, r.y)
	p.product(t[3], t[3], t[4])
	p.sum(t[4], t[0], t[1])
	p.difference(t[3], t[3], t[4])
	p.sum(t[4], l.x, l.z)
	p.sum(t[5], r.x, r.z)
	p.product(t[4], t[4], t[5])
	p.sum(t[5], t[0], t[2])
	p.difference(t[4], t[4], t[5])
	p.sum(t[5], l.y, l.z)
	p.sum(x, r.y, r.z)
	p.product(t[5], t[5], x)
	p.sum(x, t[1], t[2])
	p.difference(t[5], t[5], x)
	p.product(z, a, t[4])
	p.product(x, b3, t[2])
	p.sum(z, x, z)
	p.difference(x, t[1], z)
	p.sum(z, t[1], z)
	p.product(y, x, z)
	p.sum(t[1], t[0], t[0])
	p.sum(t[1], t[1], t[0])
	p.product(t[2], a, t[2])
	p.product(t[4], b3, t[4])
	p.sum(t[1], t[1], t[2])
	p.difference(t[2], t[0], t[2])
	p.product(t[2], a, t[2])
	p.sum(t[4], t[4], t[2])
	p.product(t[0], t[1], t[4])
	p.sum(y, y, t[0])
	p.product(t[0], t[5], t[4])
	p.product(x, t[3], x)
	p.difference(x, x, t[0])
	p.product(t[0], t[3], t[1])
	p.product(z, t[5], z)
	p.sum(z, z, t[0])
	return point{x, y, z}
}

// scalarMult is Multiplier.ScalarMult executed.
func (p *stepper) scalarMult(c *Curve, x, y, k *big.Int, s int) (rx, ry *big.Int, ok bool) {
	p.prepare(p.load(c.P, s))
	in := func(v *big.Int) words {
		w := p.load(v, s)
		p.product(w, w, p.r2)
		return w
	}
	a, b := in(c.A), in(c.B)
	b3 := p.words()
	p.sum(b3, b, b)
	p.sum(b3, b3, b)
	p.cycles += uint64(p.m.Words(c.N.BitLen())) * p.m.Load
	table := make([]point, 1<<p.m.WindowBits)
	table[0] = point{p.words(), p.one, p.words()}
	table[1] = point{in(x), in(y), p.one}
	for i := 2; i < len(table); i++ {
		table[i] = p.pointAdd(table[i-1], table[1], a, b3)
	}
	digits := p.m.digits(k, c.N.BitLen())
	acc := table[digits[0]]
	for _, d := range digits[1:] {
		for range p.m.WindowBits {
			acc = p.pointAdd(acc, acc, a, b3)
		}
		acc = p.pointAdd(acc, table[d], a, b3)
	}
	return p.toAffine(c, acc)
}

// toAffine divides by z, inverted by Fermat's theorem: 0 gives 0.
func (p *stepper) toAffine(c *Curve, q point) (x, y *big.Int, ok bool) {
	e := new(big.Int).Sub(c.P, big.NewInt(2))
	inv := p.power(q.z, p.m.digits(e, c.P.BitLen()))
	p.product(q.x, q.x, inv)
	p.product(q.y, q.y, inv)
	p.leave(q.x)
	p.leave(q.y)
	return p.store(q.x), p.store(q.y), p.value(q.z).Sign() != 0
}
