package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"inkan/sim/clock"
)

// AESEngine computes one round at a time on a 128-bit state; round keys are
// expanded when the key is loaded. Words have 32 bits. Spec: SPEC-TIMING-013.
type AESEngine struct {
	Start   uint64 // starting one block or one key
	Load    uint64 // one word of key or data in
	Store   uint64 // one word of data out
	Round   uint64 // one round, the initial key addition included in the first
	KeyWord uint64 // one word of the key schedule
}

// Block is one block with a key of so many bytes.
func (a *AESEngine) Block(keyBytes int) uint64 {
	return a.Start + 4*a.Load + aesRounds(keyBytes)*a.Round + 4*a.Store
}

// Key is loading and expanding a key of so many bytes.
func (a *AESEngine) Key(keyBytes int) uint64 {
	return a.Start + uint64(keyBytes/4)*a.Load + 4*(aesRounds(keyBytes)+1)*a.KeyWord
}

func aesRounds(keyBytes int) uint64 { return uint64(keyBytes/4 + 6) }

// AES is the cipher of a key of 16, 24 or 32 bytes, whose blocks are charged.
// It fits scp03.CardConfig.Cipher. Error: aes.KeySizeError.
func (g *Engines) AES(key []byte) (cipher.Block, error) {
	std, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if g.Form == Charged {
		g.Clock.Advance(clock.AES, g.Chip.AES.Key(len(key)))
		return &chargedBlock{std, g.Clock, clock.AES, g.Chip.AES.Block(len(key))}, nil
	}
	return g.steppedAES(key), nil
}

// chargedBlock is a block cipher with a price.
type chargedBlock struct {
	cipher.Block
	clock  *clock.Clock
	cause  clock.Cause
	cycles uint64
}

// Encrypt encrypts and charges one block.
func (b *chargedBlock) Encrypt(dst, src []byte) {
	b.clock.Advance(b.cause, b.cycles)
	b.Block.Encrypt(dst, src)
}

// Decrypt decrypts and charges one block.
func (b *chargedBlock) Decrypt(dst, src []byte) {
	b.clock.Advance(b.cause, b.cycles)
	b.Block.Decrypt(dst, src)
}

// Format keeps the key out of prints, whatever the verb.
func (b *chargedBlock) Format(s fmt.State, _ rune) { fmt.Fprint(s, "cipher of an engine") }

// Format keeps the key out of prints, whatever the verb.
func (b *steppedAES) Format(s fmt.State, _ rune) { fmt.Fprint(s, "cipher of an engine") }

// Format keeps the key out of prints, whatever the verb.
func (d *steppedDES) Format(s fmt.State, _ rune) { fmt.Fprint(s, "cipher of an engine") }
