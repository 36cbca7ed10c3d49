package engine

import (
	"inkan/sim/clock"
)

// The S-box is computed as FIPS 197 §5.1.1 defines it: inversion in GF(2^8),
// then an affine map.
var sbox, inverseSbox = makeSboxes()

func makeSboxes() (s, inverse [256]byte) {
	for x := range 256 {
		inv := byte(1) // x^254
		for range 254 {
			inv = gfMul(inv, byte(x))
		}
		v := inv
		for i := 1; i <= 4; i++ {
			v ^= inv<<i | inv>>(8-i)
		}
		v ^= 0x63
		s[x], inverse[v] = v, byte(x)
	}
	return s, inverse
}

// gfMul multiplies in GF(2^8) modulo x^8+x^4+x^3+x+1.
func gfMul(a, b byte) byte {
	var p byte
	for range 8 {
		p ^= a & -(b & 1)
		a = a<<1 ^ 0x1B&-(a>>7)
		b >>= 1
	}
	return p
}

// steppedAES executes rounds and counts them.
type steppedAES struct {
	engine *AESEngine
	clock  *clock.Clock
	keys   [][4]byte // words of the key schedule
}

func (g *Engines) steppedAES(key []byte) *steppedAES {
	b := &steppedAES{engine: &g.Chip.AES, clock: g.Clock}
	e := b.engine
	cycles := e.Start
	nk := len(key) / 4
	rcon := byte(1)
	for i := range 4 * (nk + 7) {
		var w [4]byte
		if i < nk {
			copy(w[:], key[4*i:])
			cycles += e.Load
		} else {
			w = b.keys[i-1]
			switch {
			case i%nk == 0:
				w = [4]byte{sbox[w[1]] ^ rcon, sbox[w[2]], sbox[w[3]], sbox[w[0]]}
				rcon = gfMul(rcon, 2)
			case nk > 6 && i%nk == 4:
				w = [4]byte{sbox[w[0]], sbox[w[1]], sbox[w[2]], sbox[w[3]]}
			}
			for j := range w {
				w[j] ^= b.keys[i-nk][j]
			}
		}
		b.keys = append(b.keys, w)
		cycles += e.KeyWord
	}
	b.clock.Advance(clock.AES, cycles)
	return b
}

// BlockSize is 16.
func (b *steppedAES) BlockSize() int { return 16 }

func (b *steppedAES) addKey(s *[16]byte, round int) {
	for i := range s {
		s[i] ^= b.keys[4*round+i/4][i%4]
	}
}

// Encrypt runs the cipher of FIPS 197 §5.1.
func (b *steppedAES) Encrypt(dst, src []byte) {
	e := b.engine
	var s [16]byte
	copy(s[:], src[:16])
	cycles := e.Start + 4*e.Load
	b.addKey(&s, 0)
	last := len(b.keys)/4 - 1
	for round := 1; round <= last; round++ {
		var t [16]byte
		for i := range t { // SubBytes and ShiftRows
			t[i] = sbox[s[(i+4*(i%4))%16]]
		}
		s = t
		if round < last {
			mixColumns(&s, [4]byte{2, 3, 1, 1})
		}
		b.addKey(&s, round)
		cycles += e.Round
	}
	copy(dst, s[:])
	b.clock.Advance(clock.AES, cycles+4*e.Store)
}

// Decrypt runs the inverse cipher of FIPS 197 §5.3.
func (b *steppedAES) Decrypt(dst, src []byte) {
	e := b.engine
	var s [16]byte
	copy(s[:], src[:16])
	cycles := e.Start + 4*e.Load
	last := len(b.keys)/4 - 1
	for round := last; round > 0; round-- {
		b.addKey(&s, round)
		if round < last {
			mixColumns(&s, [4]byte{14, 11, 13, 9})
		}
		var t [16]byte
		for i := range t {
			t[(i+4*(i%4))%16] = inverseSbox[s[i]]
		}
		s = t
		cycles += e.Round
	}
	b.addKey(&s, 0)
	copy(dst, s[:])
	b.clock.Advance(clock.AES, cycles+4*e.Store)
}

func mixColumns(s *[16]byte, row [4]byte) {
	for c := 0; c < 16; c += 4 {
		var t [4]byte
		for i := range t {
			for j := range t {
				t[i] ^= gfMul(row[(4+j-i)%4], s[c+j])
			}
		}
		copy(s[c:], t[:])
	}
}
