package engine

import "math/bits"

// Multiplier is a word-serial Montgomery multiplier with its own operand
// memory. The methods are its cost formulas; s and t are operand lengths in
// words. spec/TIMING.md derives them. Spec: SPEC-TIMING-010.
type Multiplier struct {
	WordBits   int    // 8, 16 or 32
	MAC        uint64 // multiply-accumulate of one word pair, fetch and store included
	Row        uint64 // per word of the multiplier operand: loop and quotient digit's turn-around
	Add        uint64 // one word of an addition, subtraction or shift
	Start      uint64 // starting one operation
	Load       uint64 // one word from the CPU into operand memory
	Store      uint64 // one word back
	WindowBits int    // exponent bits for each multiplication by a table entry
}

// Words is the operand length of numbers of a size.
func (m *Multiplier) Words(bitCount int) int { return (bitCount + m.WordBits - 1) / m.WordBits }

func (m *Multiplier) log2Word() int { return bits.TrailingZeros(uint(m.WordBits)) }

// Product is one Montgomery product: s rows of 2s+1 word multiplications, then
// the subtraction that is always made.
func (m *Multiplier) Product(s int) uint64 {
	n := uint64(s)
	return m.Start + n*(m.Row+(2*n+1)*m.MAC) + n*m.Add
}

// Sum is a modular addition, subtraction or doubling: two passes, always both.
func (m *Multiplier) Sum(s int) uint64 { return m.Start + 2*uint64(s)*m.Add }

// Plain is an ordinary product of s by t words.
func (m *Multiplier) Plain(s, t int) uint64 {
	return m.Start + uint64(s)*(m.Row+uint64(t)*m.MAC)
}

// Prepare makes the Montgomery constants of a modulus: the inverse of its
// lowest word by Newton's iteration, R mod n by doubling 1 once for each bit,
// and R² by s further doublings and log2(WordBits) squarings.
func (m *Multiplier) Prepare(s int) uint64 {
	log := uint64(m.log2Word())
	doublings := uint64(s*m.WordBits + s)
	return m.Start + 2*log*m.MAC + doublings*m.Sum(s) + log*m.Product(s)
}

// Windows is the number of exponent digits.
func (m *Multiplier) Windows(expBits int) int {
	return max(1, (expBits+m.WindowBits-1)/m.WindowBits)
}

// Power raises a number in Montgomery form to a secret exponent of a fixed
// length: table of 2^k entries, then k squarings and one multiplication for
// each digit after the first, whatever its value.
func (m *Multiplier) Power(s, expBits int) uint64 {
	table := uint64(1)<<m.WindowBits - 2
	digits := uint64(m.Windows(expBits)-1) * uint64(m.WindowBits+1)
	return (table + digits) * m.Product(s)
}

// Exp is a whole exponentiation with a secret exponent of a fixed length:
// loading, constants, conversion, Power, conversion back, storing.
func (m *Multiplier) Exp(s, expBits int) uint64 {
	load := uint64(2*s+m.Words(expBits)) * m.Load
	return load + m.Prepare(s) + 2*m.Product(s) + m.Power(s, expBits) + uint64(s)*m.Store
}

// PublicExp is an exponentiation with a public exponent: one squaring for each
// bit after the first, one multiplication for each of them that is set.
func (m *Multiplier) PublicExp(s, expBits, ones int) uint64 {
	load := uint64(2*s+m.Words(expBits)) * m.Load
	return load + m.Prepare(s) + uint64(expBits-1+ones-1+2)*m.Product(s) + uint64(s)*m.Store
}

// CRT is a private RSA operation with primes of s words each, exponents of
// s words: two exponentiations and Garner's recombination.
func (m *Multiplier) CRT(s int) uint64 {
	n := uint64(s)
	half := m.Prepare(s) + 3*m.Product(s) + m.Sum(s) + // input reduced and converted
		m.Power(s, s*m.WordBits) + m.Product(s)
	garner := 2*m.Product(s) + // m2 mod p
		m.Sum(s) + 2*m.Product(s) + // h = qInv (m1 - m2)
		m.Plain(s, s) + m.Start + 2*n*m.Add // m2 + h q
	return 7*n*m.Load + 2*half + garner + 2*n*m.Store
}
