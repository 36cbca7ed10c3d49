package engine

import (
	"crypto"
	"encoding/binary"
	"hash"
	"math/big"
	"math/bits"

	"inkan/sim/clock"
)

// Round constants of FIPS 180-4 §4.2.2 and §4.2.3, and the initial values of
// §5.3: fractional parts of cube and square roots of primes.
var (
	sha512K    = rootBits(80, 3)
	sha512Init = rootBits(8, 2)
	sha384Init = rootBits(16, 2)[8:]
)

// rootBits is the first 64 fractional bits of the roots of the first primes.
func rootBits(count, degree int) []uint64 {
	out := make([]uint64, count)
	for i, p := range smallPrimes(count) {
		// floor(p^(1/degree) * 2^64), by bisection
		target := new(big.Int).Lsh(big.NewInt(int64(p)), uint(64*degree))
		low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), 72)
		for {
			mid := new(big.Int).Add(low, high)
			mid.Rsh(mid, 1)
			if mid.Cmp(low) == 0 {
				break
			}
			if new(big.Int).Exp(mid, big.NewInt(int64(degree)), nil).Cmp(target) <= 0 {
				low = mid
			} else {
				high = mid
			}
		}
		out[i] = new(big.Int).And(low, new(big.Int).SetUint64(1<<64-1)).Uint64()
	}
	return out
}

// steppedHash executes SHA-1 and SHA-2 round by round and counts.
type steppedHash struct {
	engine *HashEngine
	clock  *clock.Clock
	alg    crypto.Hash
	h      [8]uint64
	block  []byte
	total  uint64
}

// newSteppedHash returns nil for an algorithm that has no stepped form.
func newSteppedHash(e *HashEngine, k *clock.Clock, alg crypto.Hash) hash.Hash {
	switch alg {
	case crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512:
	default:
		return nil
	}
	s := &steppedHash{engine: e, clock: k, alg: alg}
	s.Reset()
	return s
}

// Reset begins a new message.
func (s *steppedHash) Reset() {
	s.block, s.total = s.block[:0], 0
	for i := range s.h {
		switch s.alg {
		case crypto.SHA1:
			s.h = [8]uint64{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}
		case crypto.SHA224: // second 32 bits of SHA-384's
			s.h[i] = sha384Init[i] & (1<<32 - 1)
		case crypto.SHA256: // first 32 bits of SHA-512's
			s.h[i] = sha512Init[i] >> 32
		case crypto.SHA384:
			s.h[i] = sha384Init[i]
		case crypto.SHA512:
			s.h[i] = sha512Init[i]
		}
	}
}

// Size is the digest's length.
func (s *steppedHash) Size() int { return s.alg.Size() }

// BlockSize is the block's length.
func (s *steppedHash) BlockSize() int { return BlockBytes(s.alg) }

// Write adds to the message.
func (s *steppedHash) Write(b []byte) (int, error) {
	for _, c := range b {
		s.block = append(s.block, c)
		s.total++
		if len(s.block) == s.BlockSize() {
			s.compress()
			s.block = s.block[:0]
		}
	}
	return len(b), nil
}

// Sum pads and ends the message.
func (s *steppedHash) Sum(dst []byte) []byte {
	length := 8 * s.total
	s.Write([]byte{0x80})
	for len(s.block) != s.BlockSize()-8 {
		s.Write([]byte{0})
	}
	s.Write(binary.BigEndian.AppendUint64(nil, length))
	var out []byte
	for _, h := range s.h {
		if s.BlockSize() == 128 {
			out = binary.BigEndian.AppendUint64(out, h)
		} else {
			out = binary.BigEndian.AppendUint32(out, uint32(h))
		}
	}
	return append(dst, out[:s.Size()]...)
}

// compress runs the rounds of one block.
func (s *steppedHash) compress() {
	e := s.engine
	cycles := e.Start
	for range len(s.block) / 4 {
		cycles += e.Load
	}
	switch s.alg {
	case crypto.SHA1:
		cycles += s.sha1()
	case crypto.SHA224, crypto.SHA256:
		cycles += s.sha256()
	default:
		cycles += s.sha512()
	}
	s.clock.Advance(clock.Hash, cycles)
}

func (s *steppedHash) sha1() (cycles uint64) {
	var w [80]uint32
	for i := range w {
		if i < 16 {
			w[i] = binary.BigEndian.Uint32(s.block[4*i:])
		} else {
			w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
		}
	}
	a, b, c, d, e := uint32(s.h[0]), uint32(s.h[1]), uint32(s.h[2]), uint32(s.h[3]), uint32(s.h[4])
	for i, word := range w {
		f, k := b&c|^b&d, uint32(0x5A827999)
		switch i / 20 {
		case 1:
			f, k = b^c^d, 0x6ED9EBA1
		case 2:
			f, k = b&c|b&d|c&d, 0x8F1BBCDC
		case 3:
			f, k = b^c^d, 0xCA62C1D6
		}
		a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+word, a, bits.RotateLeft32(b, 30), c, d
		cycles += s.engine.Round32
	}
	for i, v := range []uint32{a, b, c, d, e} {
		s.h[i] = uint64(uint32(s.h[i]) + v)
	}
	return cycles
}

func (s *steppedHash) sha256() (cycles uint64) {
	rot := func(x uint32, n int) uint32 { return bits.RotateLeft32(x, -n) }
	var w [64]uint32
	for i := range w {
		if i < 16 {
			w[i] = binary.BigEndian.Uint32(s.block[4*i:])
			continue
		}
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + (rot(x, 7) ^ rot(x, 18) ^ x>>3) + w[i-7] + (rot(y, 17) ^ rot(y, 19) ^ y>>10)
	}
	var v [8]uint32
	for i := range v {
		v[i] = uint32(s.h[i])
	}
	for i := range w {
		a, e := v[0], v[4]
		t1 := v[7] + (rot(e, 6) ^ rot(e, 11) ^ rot(e, 25)) + (e&v[5] ^ ^e&v[6]) + uint32(sha512K[i]>>32) + w[i]
		t2 := (rot(a, 2) ^ rot(a, 13) ^ rot(a, 22)) + (a&v[1] ^ a&v[2] ^ v[1]&v[2])
		v = [8]uint32{t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]}
		cycles += s.engine.Round32
	}
	for i := range v {
		s.h[i] = uint64(uint32(s.h[i]) + v[i])
	}
	return cycles
}

func (s *steppedHash) sha512() (cycles uint64) {
	rot := func(x uint64, n int) uint64 { return bits.RotateLeft64(x, -n) }
	var w [80]uint64
	for i := range w {
		if i < 16 {
			w[i] = binary.BigEndian.Uint64(s.block[8*i:])
			continue
		}
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + (rot(x, 1) ^ rot(x, 8) ^ x>>7) + w[i-7] + (rot(y, 19) ^ rot(y, 61) ^ y>>6)
	}
	v := s.h
	for i := range w {
		a, e := v[0], v[4]
		t1 := v[7] + (rot(e, 14) ^ rot(e, 18) ^ rot(e, 41)) + (e&v[5] ^ ^e&v[6]) + sha512K[i] + w[i]
		t2 := (rot(a, 28) ^ rot(a, 34) ^ rot(a, 39)) + (a&v[1] ^ a&v[2] ^ v[1]&v[2])
		v = [8]uint64{t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]}
		cycles += s.engine.Round64
	}
	for i := range v {
		s.h[i] += v[i]
	}
	return cycles
}

// resume sets the chaining value and the bytes so far.
func (s *steppedHash) resume(state []byte, length uint64) {
	for i := range s.h {
		switch {
		case s.BlockSize() == 128:
			s.h[i] = binary.BigEndian.Uint64(state[8*i:])
		case 4*i < len(state):
			s.h[i] = uint64(binary.BigEndian.Uint32(state[4*i:]))
		}
	}
	s.total = length
}
