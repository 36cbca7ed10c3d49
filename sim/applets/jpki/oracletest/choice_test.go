// Package oracletest compares the JPKI applet on a bare card with the model of
// core/jpki/oracle: sequences of commands, valid, nearly valid and malformed,
// over both interfaces, in both forms, with power cuts. It has tests only.
//
// It must not know how the applet works. It implements nothing; it verifies
// spec/JPKI-AP.md and spec/PERSO.md.
package oracletest

import "math/rand/v2"

// choice makes the choices of one step of a walk, out of one number.
type choice struct{ r *rand.Rand }

func newChoice(seed uint64) choice { return choice{rand.New(rand.NewPCG(seed, 0x1A5))} }

// n is a number below n.
func (c choice) n(n int) int { return c.r.IntN(n) }

// one in n.
func (c choice) one(n int) bool { return c.r.IntN(n) == 0 }

// bytes are n bytes.
func (c choice) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(c.r.Uint32())
	}
	return b
}

// secret is n bytes that no other choice has, whatever the seed.
func (c choice) secret(n int) []byte {
	return choice{rand.New(rand.NewPCG(c.r.Uint64(), 0xCE27))}.bytes(n)
}

// pick is one of several.
func pick[T any](c choice, of ...T) T { return of[c.n(len(of))] }

// program is the numbers of the steps of a walk that a seed stands for.
func program(seed uint64, steps int) []uint64 {
	r := rand.New(rand.NewPCG(seed, 0x5EED))
	p := make([]uint64, steps)
	for i := range p {
		p[i] = r.Uint64()
	}
	return p
}
