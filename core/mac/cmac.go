package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
)

// BlockSize is the block length of AES and the length of a full CMAC, bytes.
const BlockSize = 16

// ivMode is a CBC mode whose initialization vector can be set anew without
// allocation; every CBC mode of crypto/cipher is one.
type ivMode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

var zeroIV [BlockSize]byte

// CMAC is AES-CMAC (RFC 4493, NIST SP 800-38B). Not for concurrent use. No
// method allocates.
type CMAC struct {
	block   cipher.Block
	chain   ivMode // CBC over the whole blocks so far
	k1, k2  [BlockSize]byte
	x       [BlockSize]byte // CBC state; equal to chain's
	last    [BlockSize]byte // the block that may be the last one
	n       int             // bytes of last in use; 0 only for the empty message
	scratch [16 * BlockSize]byte
}

// NewCMAC makes a CMAC under an AES key of 16, 24 or 32 bytes.
// Spec: SPEC-SCP03-020.
func NewCMAC(key []byte) (*CMAC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("mac: an AES key has 16, 24 or 32 bytes, not %d", len(key))
	}
	return NewCMACFrom(block)
}

// NewCMACFrom makes a CMAC from a block cipher of 16-byte blocks, such as one
// that accounts for the time of a card's AES engine.
func NewCMACFrom(block cipher.Block) (*CMAC, error) {
	if block.BlockSize() != BlockSize {
		return nil, fmt.Errorf("mac: CMAC needs blocks of %d bytes, not %d", BlockSize, block.BlockSize())
	}
	m := &CMAC{block: block, chain: cipher.NewCBCEncrypter(block, zeroIV[:]).(ivMode)}
	block.Encrypt(m.k1[:], m.k1[:])
	double(&m.k1)
	m.k2 = m.k1
	double(&m.k2)
	return m, nil
}

// double multiplies by x in GF(2^128), without a branch on the value
// (RFC 4493 §2.3).
func double(b *[BlockSize]byte) {
	carry := byte(0)
	for i := BlockSize - 1; i >= 0; i-- {
		next := b[i] >> 7
		b[i] = b[i]<<1 | carry
		carry = next
	}
	b[BlockSize-1] ^= 0x87 & -carry
}

// Reset begins a new message.
func (m *CMAC) Reset() {
	clear(m.x[:])
	clear(m.last[:])
	m.n = 0
	if m.chain != nil {
		m.chain.SetIV(zeroIV[:])
	}
}

// Write adds p to the message. It returns len(p) and nil.
func (m *CMAC) Write(p []byte) (int, error) {
	total := len(p)
	if m.n > 0 {
		k := copy(m.last[m.n:], p)
		m.n += k
		p = p[k:]
		if len(p) == 0 {
			return total, nil
		}
		m.absorb(m.last[:])
	}
	for len(p) > BlockSize {
		// All but the block that may be the last one.
		k := min((len(p)-1)&^(BlockSize-1), len(m.scratch))
		m.absorb(p[:k])
		p = p[k:]
	}
	m.n = copy(m.last[:], p)
	return total, nil
}

func (m *CMAC) absorb(whole []byte) {
	m.chain.CryptBlocks(m.scratch[:len(whole)], whole)
	copy(m.x[:], m.scratch[len(whole)-BlockSize:])
}

// Append appends the 16-byte MAC of the message so far to dst. The state
// stays: more can be written afterwards.
func (m *CMAC) Append(dst []byte) []byte {
	t := m.scratch[:BlockSize]
	if m.n == BlockSize {
		subtle.XORBytes(t, m.last[:], m.k1[:])
	} else {
		clear(t)
		copy(t, m.last[:m.n])
		t[m.n] = 0x80
		subtle.XORBytes(t, t, m.k2[:])
	}
	subtle.XORBytes(t, t, m.x[:])
	m.block.Encrypt(t, t)
	return append(dst, t...)
}

// Chain begins a new message whose first bytes are mcv, the MAC chaining value
// of the message before: Reset, then Write(mcv).
func (m *CMAC) Chain(mcv []byte) {
	m.Reset()
	m.Write(mcv)
}

// Wipe overwrites subkeys and state with zeros, and drops the cipher after its
// own method Wipe, if it has one. The standard library's have none and keep the
// expanded key to themselves, so that its memory is only given back. The CMAC
// must not be used again, but for Wipe.
func (m *CMAC) Wipe() {
	m.Reset()
	clear(m.k1[:])
	clear(m.k2[:])
	clear(m.scratch[:])
	wipeBlock(m.block)
	m.block, m.chain = nil, nil
}

// Format prints "CMAC", whatever the verb: never the state.
func (m CMAC) Format(s fmt.State, _ rune) { fmt.Fprint(s, "CMAC") }
