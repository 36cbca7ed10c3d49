package row

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/bits"
	"sync"
)

// Sum is the sum of the hashes of rows, as big-endian numbers, modulo 2^256. It
// does not depend on their order: one pass over a store finds it again.
type Sum [32]byte

// Add adds a row as it stands under its key. Spec: SPEC-STORE-042.
func (s *Sum) Add(key, value []byte) { s.combine(key, value, bits.Add64) }

// Remove takes a row away.
func (s *Sum) Remove(key, value []byte) { s.combine(key, value, bits.Sub64) }

// combine hashes the key's length, key and value.
func (s *Sum) combine(key, value []byte, f func(x, y, carry uint64) (uint64, uint64)) {
	h := hashers.Get().(*hasher)
	binary.BigEndian.PutUint32(h.length[:], uint32(len(key)))
	h.Reset()
	h.Write(h.length[:])
	h.Write(key)
	h.Write(value)
	h.Sum(h.out[:0])
	var carry, word uint64
	for i := len(s) - 8; i >= 0; i -= 8 {
		word, carry = f(binary.BigEndian.Uint64(s[i:]), binary.BigEndian.Uint64(h.out[i:]), carry)
		binary.BigEndian.PutUint64(s[i:], word)
	}
	hashers.Put(h)
}

// hasher is a SHA-256 to use again, with what goes through its interface.
type hasher struct {
	hash.Hash
	length [4]byte
	out    Hash
}

var hashers = sync.Pool{New: func() any { return &hasher{Hash: sha256.New()} }}
