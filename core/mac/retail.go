package mac

import (
	"crypto/cipher"
	"crypto/des"
	"fmt"
)

// Retail computes the "retail MAC" (ISO/IEC 9797-1 algorithm 3, ANSI X9.19):
// single-DES CBC under the left key half, the last block under two-key triple
// DES. Append applies padding method 2 (80, then zeros), so the message is
// written unpadded; every message of n bytes costs n/8 single-DES operations
// and one triple-DES operation. Not for concurrent use; nothing is allocated
// after NewRetail.
// Spec: SPEC-SCP02-029.
type Retail struct {
	left  cipher.Block // single DES under K1
	full  cipher.Block // triple DES under K1 K2 K1
	chain [DESBlockSize]byte
	open  int
}

// NewRetail makes a MAC under a 16-byte key K1 K2, with initial chaining value
// zero.
func NewRetail(key []byte) (*Retail, error) {
	if len(key) != 16 {
		return nil, fmt.Errorf("mac: retail-MAC key of %d bytes, want 16", len(key))
	}
	full, err := NewTDES(key)
	if err != nil {
		return nil, err
	}
	left, err := des.NewCipher(key[:8])
	if err != nil {
		return nil, err
	}
	return NewRetailFrom(left, full)
}

// NewRetailFrom makes a MAC from two block ciphers of 8-byte blocks: left is
// single DES under K1, full triple DES under K1 K2 K1. They may be ones that
// account for the time of a card's DES engine.
func NewRetailFrom(left, full cipher.Block) (*Retail, error) {
	if l, f := left.BlockSize(), full.BlockSize(); l != DESBlockSize || f != DESBlockSize {
		return nil, fmt.Errorf("mac: the retail MAC needs blocks of %d bytes, not %d and %d", DESBlockSize, l, f)
	}
	return &Retail{left: left, full: full}, nil
}

// Reset starts a new message with initial chaining value zero.
func (m *Retail) Reset() { m.ResetICV([DESBlockSize]byte{}) }

// ResetICV starts a new message with the given initial chaining value.
func (m *Retail) ResetICV(icv [DESBlockSize]byte) { m.chain, m.open = icv, 0 }

// ResetEncryptedICV starts a new message whose initial chaining value is icv
// encrypted with single DES under the left key half, as the ICV encryption of
// SCP02 wants it.
func (m *Retail) ResetEncryptedICV(icv [DESBlockSize]byte) {
	m.ResetICV(icv)
	m.left.Encrypt(m.chain[:], m.chain[:])
}

// Write adds p to the message. It never fails.
func (m *Retail) Write(p []byte) (int, error) {
	m.open = cbcAbsorb(m.left, &m.chain, m.open, p)
	return len(p), nil
}

// Append pads and ends the message, appends its 8-byte MAC to dst and resets m.
func (m *Retail) Append(dst []byte) []byte {
	m.chain[m.open] ^= 0x80
	m.full.Encrypt(m.chain[:], m.chain[:])
	dst = append(dst, m.chain[:]...)
	m.Reset()
	return dst
}

// Wipe clears the running value and lets go of the key schedules, as CMAC.Wipe
// does. Any later call but Wipe panics.
func (m *Retail) Wipe() {
	wipeBlock(m.left)
	wipeBlock(m.full)
	*m = Retail{}
}

// Format prints "Retail", whatever the verb.
func (m Retail) Format(s fmt.State, _ rune) { fmt.Fprint(s, "Retail") }
