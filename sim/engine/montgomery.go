package engine

import "math/big"

// words is a number in operand memory, lowest word first. A word has the
// multiplier's width, whatever the host's.
type words []uint32

// stepper is the multiplier executed: it counts cycles as it goes.
type stepper struct {
	m      *Multiplier
	cycles uint64
	mask   uint64

	n     words  // modulus, odd
	inv   uint64 // -1/n modulo the word
	one   words  // R mod n
	r2    words  // R² mod n
	carry words  // working row, s+2 words
}

func newStepper(m *Multiplier) *stepper {
	return &stepper{m: m, mask: 1<<m.WordBits - 1}
}

// fill puts a number into s words.
func (p *stepper) fill(x *big.Int, s int) words {
	w := make(words, s)
	rest := new(big.Int).Set(x)
	mask := new(big.Int).SetUint64(p.mask)
	for i := range w {
		w[i] = uint32(new(big.Int).And(rest, mask).Uint64())
		rest.Rsh(rest, uint(p.m.WordBits))
	}
	if rest.Sign() != 0 {
		panic("engine: operand longer than its register")
	}
	return w
}

// load is fill, charged.
func (p *stepper) load(x *big.Int, s int) words {
	p.cycles += uint64(s) * p.m.Load
	return p.fill(x, s)
}

func (p *stepper) value(w words) *big.Int {
	x := new(big.Int)
	for i := len(w) - 1; i >= 0; i-- {
		x.Lsh(x, uint(p.m.WordBits)).Or(x, big.NewInt(int64(w[i])))
	}
	return x
}

// store is value, charged.
func (p *stepper) store(w words) *big.Int {
	p.cycles += uint64(len(w)) * p.m.Store
	return p.value(w)
}

// prepare makes the constants of a modulus already in operand memory.
func (p *stepper) prepare(n words) {
	s := len(n)
	p.n, p.carry = n, make(words, s+2)
	p.cycles += p.m.Start
	x := uint64(1) // inverse of n[0] modulo 2, then twice the bits each time
	for range p.m.log2Word() {
		x = x * (2 - uint64(n[0])*x) & p.mask
		p.cycles += 2 * p.m.MAC
	}
	p.inv = -x & p.mask
	acc := make(words, s)
	acc[0] = 1
	for range s * p.m.WordBits {
		p.sum(acc, acc, acc)
	}
	p.one = append(words(nil), acc...)
	for range s {
		p.sum(acc, acc, acc)
	}
	for range p.m.log2Word() {
		p.product(acc, acc, acc)
	}
	p.r2 = acc
}

// product is dst = a b / R mod n, by coarsely integrated operand scanning.
func (p *stepper) product(dst, a, b words) {
	s, w := len(p.n), p.m.WordBits
	t := p.carry
	clear(t)
	p.cycles += p.m.Start
	for i := range s {
		p.cycles += p.m.Row
		var c uint64
		for j := range s {
			v := uint64(a[j])*uint64(b[i]) + uint64(t[j]) + c
			t[j], c = uint32(v&p.mask), v>>w
			p.cycles += p.m.MAC
		}
		v := uint64(t[s]) + c
		t[s], t[s+1] = uint32(v&p.mask), uint32(v>>w)
		q := uint64(t[0]) * p.inv & p.mask
		p.cycles += p.m.MAC
		c = 0
		for j := range s {
			v := q*uint64(p.n[j]) + uint64(t[j]) + c
			if j > 0 {
				t[j-1] = uint32(v & p.mask)
			}
			c = v >> w
			p.cycles += p.m.MAC
		}
		v = uint64(t[s]) + c
		t[s-1], t[s] = uint32(v&p.mask), t[s+1]+uint32(v>>w)
	}
	copy(dst, t[:s])
	p.reduceOnce(dst, t[s])
	p.cycles += uint64(s) * p.m.Add
}

// reduceOnce subtracts n if top:x is not below it. The subtraction is made in
// any case, and kept by selection; its words are charged by the caller.
func (p *stepper) reduceOnce(x words, top uint32) {
	s, w := len(p.n), p.m.WordBits
	d := make(words, s)
	var borrow uint64
	for j := range s {
		v := uint64(x[j]) - uint64(p.n[j]) - borrow
		d[j], borrow = uint32(v&p.mask), v>>w&1
	}
	keep := uint32(-(borrow &^ uint64(top) & 1)) // all ones: x was below n
	for j := range s {
		x[j] = x[j]&keep | d[j]&^keep
	}
}

// sum is dst = a + b mod n.
func (p *stepper) sum(dst, a, b words) {
	w := p.m.WordBits
	var c uint64
	for j := range p.n {
		v := uint64(a[j]) + uint64(b[j]) + c
		dst[j], c = uint32(v&p.mask), v>>w
	}
	p.reduceOnce(dst, uint32(c))
	p.cycles += p.m.Start + 2*uint64(len(p.n))*p.m.Add
}

// difference is dst = a - b mod n: the modulus is added back under a mask.
func (p *stepper) difference(dst, a, b words) {
	w := p.m.WordBits
	var borrow, c uint64
	for j := range p.n {
		v := uint64(a[j]) - uint64(b[j]) - borrow
		dst[j], borrow = uint32(v&p.mask), v>>w&1
	}
	for j := range p.n {
		v := uint64(dst[j]) + uint64(p.n[j])&-borrow + c
		dst[j], c = uint32(v&p.mask), v>>w
	}
	p.cycles += p.m.Start + 2*uint64(len(p.n))*p.m.Add
}

// power is x^e in Montgomery form, e being digits of the window's width,
// highest first.
func (p *stepper) power(x words, digits []int) words {
	table := make([]words, 1<<p.m.WindowBits)
	table[0], table[1] = p.one, x
	for i := 2; i < len(table); i++ {
		table[i] = make(words, len(p.n))
		p.product(table[i], table[i-1], x)
	}
	acc := append(words(nil), table[digits[0]]...)
	for _, d := range digits[1:] {
		for range p.m.WindowBits {
			p.product(acc, acc, acc)
		}
		p.product(acc, acc, table[d])
	}
	return acc
}

// digits cuts an exponent of a fixed length into windows, highest first.
func (m *Multiplier) digits(e *big.Int, expBits int) []int {
	d := make([]int, m.Windows(expBits))
	for i := range d {
		at := (len(d) - 1 - i) * m.WindowBits
		for b := m.WindowBits - 1; b >= 0; b-- {
			d[i] = d[i]<<1 | int(e.Bit(at+b))
		}
	}
	return d
}

// plain is the ordinary product of a and b.
func (p *stepper) plain(a, b words) words {
	w := p.m.WordBits
	out := make(words, len(a)+len(b))
	p.cycles += p.m.Start
	for i := range a {
		p.cycles += p.m.Row
		var c uint64
		for j := range b {
			v := uint64(a[i])*uint64(b[j]) + uint64(out[i+j]) + c
			out[i+j], c = uint32(v&p.mask), v>>w
			p.cycles += p.m.MAC
		}
		out[i+len(b)] = uint32(c)
	}
	return out
}

// plainSum is a + b in len(a) words; the result fits.
func (p *stepper) plainSum(a, b words) words {
	w := p.m.WordBits
	out := make(words, len(a))
	var c uint64
	for j := range a {
		v := uint64(a[j]) + c
		if j < len(b) {
			v += uint64(b[j])
		}
		out[j], c = uint32(v&p.mask), v>>w
	}
	p.cycles += p.m.Start + uint64(len(a))*p.m.Add
	return out
}
