package engine

import "inkan/sim/clock"

// RandomEngine is the true random generator: a noise source sampled into
// words. Spec: SPEC-TIMING-016.
type RandomEngine struct {
	Start     uint64 // starting it, with its health test
	Sample    uint64 // one sample
	WordBytes int    // bytes of a sample
}

// Bytes is so many bytes.
func (r *RandomEngine) Bytes(n int) uint64 {
	return r.Start + uint64((n+r.WordBytes-1)/r.WordBytes)*r.Sample
}

// Fill overwrites dst with random bytes and charges the samples. Engines are an
// entropy.Source.
func (g *Engines) Fill(dst []byte) {
	g.Clock.Advance(clock.Random, g.Chip.Random.Bytes(len(dst)))
	g.Source.Fill(dst)
}

// modExp shortens the cause's name.
const modExp = clock.ModExp
