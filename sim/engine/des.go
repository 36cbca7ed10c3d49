package engine

import (
	"crypto/cipher"
	"crypto/des"

	"inkan/core/mac"
	"inkan/sim/clock"
)

// DESEngine computes one round at a time; the key schedule is wired. Words have
// 32 bits. Spec: SPEC-TIMING-014.
type DESEngine struct {
	Start uint64 // starting one block or one key
	Load  uint64 // one word of key or data in
	Store uint64 // one word of data out
	Round uint64 // one round
}

// Block is one block through so many DES passes: 1, or 3 of triple DES.
func (d *DESEngine) Block(passes int) uint64 {
	return d.Start + 2*d.Load + 16*uint64(passes)*d.Round + 2*d.Store
}

// Key is loading a key of so many bytes.
func (d *DESEngine) Key(keyBytes int) uint64 { return d.Start + uint64(keyBytes/4)*d.Load }

// DES is single DES under an 8-byte key, charged.
func (g *Engines) DES(key []byte) (cipher.Block, error) {
	std, err := des.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return g.desBlock(std, key, 1), nil
}

// TDES is triple DES under a key of 16 or 24 bytes, charged. With DES it is an
// scp02.Engine.
func (g *Engines) TDES(key []byte) (cipher.Block, error) {
	std, err := mac.NewTDES(key)
	if err != nil {
		return nil, err
	}
	return g.desBlock(std, key, 3), nil
}

func (g *Engines) desBlock(std cipher.Block, key []byte, passes int) cipher.Block {
	e := &g.Chip.DES
	if g.Form == Charged {
		g.Clock.Advance(clock.DES, e.Key(len(key)))
		return &chargedBlock{std, g.Clock, clock.DES, e.Block(passes)}
	}
	return newSteppedDES(e, g.Clock, key, passes)
}
