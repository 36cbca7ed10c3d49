package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// CBC is AES in cipher block chaining mode (NIST SP 800-38A §6.2) and, for the
// derivation of ICVs, the bare AES block. Not for concurrent use. No method
// allocates.
type CBC struct {
	block    cipher.Block
	enc, dec ivMode
}

// NewCBC makes a CBC under an AES key of 16, 24 or 32 bytes.
func NewCBC(key []byte) (*CBC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("mac: an AES key has 16, 24 or 32 bytes, not %d", len(key))
	}
	return NewCBCFrom(block)
}

// NewCBCFrom makes a CBC from a block cipher of 16-byte blocks.
func NewCBCFrom(block cipher.Block) (*CBC, error) {
	if block.BlockSize() != BlockSize {
		return nil, fmt.Errorf("mac: CBC needs blocks of %d bytes, not %d", BlockSize, block.BlockSize())
	}
	return &CBC{
		block: block,
		enc:   cipher.NewCBCEncrypter(block, zeroIV[:]).(ivMode),
		dec:   cipher.NewCBCDecrypter(block, zeroIV[:]).(ivMode),
	}, nil
}

// Block encrypts one 16-byte block: AES(key, src). dst may be src.
func (c *CBC) Block(dst, src *[BlockSize]byte) { c.block.Encrypt(dst[:], src[:]) }

// Encrypt encrypts whole blocks of src into dst under a 16-byte iv. dst may be
// src. A length that is not whole blocks panics: the caller has padded.
func (c *CBC) Encrypt(dst, src, iv []byte) {
	c.enc.SetIV(iv)
	c.enc.CryptBlocks(dst, src)
}

// Decrypt decrypts whole blocks of src into dst under a 16-byte iv. dst may be
// src. A length that is not whole blocks panics: the caller has checked.
func (c *CBC) Decrypt(dst, src, iv []byte) {
	c.dec.SetIV(iv)
	c.dec.CryptBlocks(dst, src)
}

// Wipe drops the cipher and clears the chaining state. The CBC must not be
// used again. As with CMAC.Wipe, the expanded key is the standard library's.
func (c *CBC) Wipe() {
	if c.block == nil {
		return
	}
	c.enc.SetIV(zeroIV[:])
	c.dec.SetIV(zeroIV[:])
	c.block, c.enc, c.dec = nil, nil, nil
}

// Format prints "CBC", whatever the verb.
func (c CBC) Format(s fmt.State, _ rune) { fmt.Fprint(s, "CBC") }
