package engine

import (
	"crypto"
	_ "crypto/md5"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"encoding"
	"encoding/binary"
	"errors"
	"hash"

	_ "golang.org/x/crypto/ripemd160"

	"inkan/sim/clock"
)

// HashEngine compresses block by block, one round at a time. Words have 32
// bits. Spec: SPEC-TIMING-015.
type HashEngine struct {
	Start   uint64 // starting one block: chaining value in and out
	Load    uint64 // one word of the message
	Round32 uint64 // one round on 32-bit words
	Round64 uint64 // one round on 64-bit words
	Keccak  uint64 // one round of Keccak-f[1600]
}

// Block is one block of a hash function.
func (h *HashEngine) Block(alg crypto.Hash) uint64 {
	rounds := map[crypto.Hash]uint64{
		crypto.MD5: 64, crypto.SHA1: 80, crypto.RIPEMD160: 160, crypto.SHA224: 64, crypto.SHA256: 64,
	}
	load := h.Start + uint64(BlockBytes(alg)/4)*h.Load
	switch alg {
	case crypto.SHA384, crypto.SHA512:
		return load + 80*h.Round64
	case crypto.SHA3_224, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512:
		return load + 24*h.Keccak
	}
	return load + rounds[alg]*h.Round32
}

// BlockBytes is the block length of a hash function.
func BlockBytes(alg crypto.Hash) int {
	switch alg {
	case crypto.SHA384, crypto.SHA512:
		return 128
	case crypto.SHA3_224, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512:
		return 200 - 2*alg.Size()
	}
	return 64
}

// Blocks is the number of blocks that a message of a length is padded to.
func Blocks(alg crypto.Hash, length uint64) uint64 {
	size, tail := uint64(BlockBytes(alg)), uint64(9)
	switch alg {
	case crypto.SHA384, crypto.SHA512:
		tail = 17
	case crypto.SHA3_224, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512:
		tail = 1
	}
	return (length + tail + size - 1) / size
}

// Digest is a running hash whose blocks are charged. Not for concurrent use.
type Digest struct {
	engines *Engines
	alg     crypto.Hash
	hash    hash.Hash
	length  uint64 // bytes of the message so far
	charged uint64 // blocks of it that were paid for
}

// NewDigest starts a hash: MD5, RIPEMD-160, SHA-1, SHA-224 to SHA-512, SHA-3.
// Other algorithms panic. MD5, RIPEMD-160 and SHA-3 have a charged form only.
func (g *Engines) NewDigest(alg crypto.Hash) *Digest {
	d := &Digest{engines: g, alg: alg}
	if g.Form == Stepped {
		d.hash = newSteppedHash(&g.Chip.Hash, g.Clock, alg)
	}
	if d.hash == nil {
		d.hash = alg.New()
	}
	return d
}

// Hash is the digest of parts, appended to dst.
func (g *Engines) Hash(alg crypto.Hash, dst []byte, parts ...[]byte) []byte {
	d := g.NewDigest(alg)
	for _, p := range parts {
		d.Write(p)
	}
	return d.Sum(dst)
}

// Algorithm is the hash function.
func (d *Digest) Algorithm() crypto.Hash { return d.alg }

// Length is the number of bytes so far.
func (d *Digest) Length() uint64 { return d.length }

// Reset begins a new message.
func (d *Digest) Reset() {
	d.hash.Reset()
	d.length, d.charged = 0, 0
}

// Write adds to the message. It never fails.
func (d *Digest) Write(b []byte) (int, error) {
	d.hash.Write(b)
	d.length += uint64(len(b))
	d.pay(d.length / uint64(BlockBytes(d.alg)))
	return len(b), nil
}

// Sum appends the digest of the message so far. The message can't go on: only
// Reset may follow.
func (d *Digest) Sum(dst []byte) []byte {
	dst = d.hash.Sum(dst)
	d.pay(Blocks(d.alg, d.length))
	return dst
}

// pay charges blocks; the stepped form has paid for them itself.
func (d *Digest) pay(blocks uint64) {
	if _, stepped := d.hash.(*steppedHash); !stepped && blocks > d.charged {
		d.engines.Clock.Advance(clock.Hash, (blocks-d.charged)*d.engines.Chip.Hash.Block(d.alg))
	}
	d.charged = blocks
}

// Resume goes on from a chaining value after length bytes of message, whole
// blocks. It is for SHA-1 and SHA-2, whose chaining value has the length that
// StateBytes says. Error: ErrState.
func (d *Digest) Resume(state []byte, length uint64) error {
	if len(state) != StateBytes(d.alg) || len(state) == 0 || length%uint64(BlockBytes(d.alg)) != 0 {
		return ErrState
	}
	d.Reset()
	d.length, d.charged = length, length/uint64(BlockBytes(d.alg))
	if s, ok := d.hash.(*steppedHash); ok {
		s.resume(state, length)
		return nil
	}
	raw, err := d.hash.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	// The standard library's form: four bytes of name, state, open block, length.
	copy(raw[4:], state)
	binary.BigEndian.PutUint64(raw[len(raw)-8:], length)
	return d.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(raw)
}

// ErrState is a chaining value of a wrong length, or not at a block's end.
var ErrState = errors.New("engine: no chaining value of this hash function")

// StateBytes is the length of a chaining value; 0: the function has none that a
// hash could go on from.
func StateBytes(alg crypto.Hash) int {
	switch alg {
	case crypto.SHA1:
		return 20
	case crypto.SHA224, crypto.SHA256:
		return 32
	case crypto.SHA384, crypto.SHA512:
		return 64
	}
	return 0
}

// hashAlgorithms are all that NewDigest takes.
var hashAlgorithms = []crypto.Hash{
	crypto.MD5, crypto.RIPEMD160, crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512,
	crypto.SHA3_224, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512,
}
