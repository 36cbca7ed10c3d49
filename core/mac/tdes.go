package mac

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
	"fmt"
)

// DESBlockSize is the block size of DES and triple DES in bytes, and the size
// of their MACs.
const DESBlockSize = des.BlockSize

// ExpandTDESKey gives the 24-byte form of a triple-DES key: 16 bytes K1 K2
// become K1 K2 K1, 24 bytes stay. Parity bits are not looked at. The caller
// wipes the result.
func ExpandTDESKey(key []byte) (k [24]byte, err error) {
	switch len(key) {
	case 16:
		copy(k[:], key)
		copy(k[16:], key[:8])
	case 24:
		copy(k[:], key)
	default:
		return k, fmt.Errorf("mac: triple-DES key of %d bytes, want 16 or 24", len(key))
	}
	return k, nil
}

// NewTDES is a triple-DES block cipher under a key of 16 or 24 bytes, with its
// key schedule done.
func NewTDES(key []byte) (cipher.Block, error) {
	k, err := ExpandTDESKey(key)
	if err != nil {
		return nil, err
	}
	defer clear(k[:])
	return des.NewTripleDESCipher(k[:])
}

// TDESMAC computes the CBC-MAC with full triple DES (ISO/IEC 9797-1 algorithm
// 1): every block goes through triple DES, the MAC is the last block. Padding
// is the caller's choice: a partial last block is taken as filled with zeros
// (padding method 1), so write 80 before Append for padding method 2. Not for
// concurrent use; nothing is allocated after NewTDESMAC.
type TDESMAC struct {
	block cipher.Block
	chain [DESBlockSize]byte // running CBC value, the open block XORed in
	open  int                // bytes of the open block already XORed in
	empty bool               // nothing has been written since Reset
}

// NewTDESMAC makes a MAC under a key of 16 or 24 bytes, with initial chaining
// value zero.
func NewTDESMAC(key []byte) (*TDESMAC, error) {
	block, err := NewTDES(key)
	if err != nil {
		return nil, err
	}
	return NewTDESMACFrom(block)
}

// NewTDESMACFrom makes a MAC from a block cipher of 8-byte blocks, such as one
// that accounts for the time of a card's DES engine.
func NewTDESMACFrom(block cipher.Block) (*TDESMAC, error) {
	if block.BlockSize() != DESBlockSize {
		return nil, fmt.Errorf("mac: the MAC needs blocks of %d bytes, not %d", DESBlockSize, block.BlockSize())
	}
	return &TDESMAC{block: block, empty: true}, nil
}

// Reset starts a new message with initial chaining value zero.
func (m *TDESMAC) Reset() { m.ResetICV([DESBlockSize]byte{}) }

// ResetICV starts a new message with the given initial chaining value.
func (m *TDESMAC) ResetICV(icv [DESBlockSize]byte) {
	m.chain, m.open, m.empty = icv, 0, true
}

// Write adds p to the message. It never fails.
func (m *TDESMAC) Write(p []byte) (int, error) {
	m.empty = m.empty && len(p) == 0
	m.open = cbcAbsorb(m.block, &m.chain, m.open, p)
	return len(p), nil
}

// Append ends the message, appends its 8-byte MAC to dst and resets m. A
// partial last block is filled with zeros; an empty message is one block of
// zeros (ISO/IEC 9797-1:2011 §6.3.2).
func (m *TDESMAC) Append(dst []byte) []byte {
	if m.open > 0 || m.empty {
		m.block.Encrypt(m.chain[:], m.chain[:])
	}
	dst = append(dst, m.chain[:]...)
	m.Reset()
	return dst
}

// Wipe clears the running value and lets go of the key schedule, as CMAC.Wipe
// does. Any later call but Wipe panics.
func (m *TDESMAC) Wipe() {
	wipeBlock(m.block)
	*m = TDESMAC{}
}

// Format prints "TDESMAC", whatever the verb.
func (m TDESMAC) Format(s fmt.State, _ rune) { fmt.Fprint(s, "TDESMAC") }

// cbcAbsorb XORs p into chain, of whose open block open bytes are already
// filled, and encrypts each block that becomes full. It returns the new open.
func cbcAbsorb(block cipher.Block, chain *[DESBlockSize]byte, open int, p []byte) int {
	if open > 0 {
		n := subtle.XORBytes(chain[open:], chain[open:], p)
		p, open = p[n:], open+n
		if open < DESBlockSize {
			return open
		}
		block.Encrypt(chain[:], chain[:])
	}
	for ; len(p) >= DESBlockSize; p = p[DESBlockSize:] {
		subtle.XORBytes(chain[:], chain[:], p)
		block.Encrypt(chain[:], chain[:])
	}
	return subtle.XORBytes(chain[:], chain[:], p)
}
