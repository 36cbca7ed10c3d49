package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// CBC is a block cipher in cipher block chaining mode (NIST SP 800-38A §6.2)
// and, for ICVs and cryptograms, the bare block. Blocks have 16 bytes (AES) or
// 8 (DES). Not for concurrent use. No method allocates.
type CBC struct {
	block    cipher.Block
	enc, dec ivMode
	zero     []byte // the IV of zeros, one block
}

// NewCBC makes a CBC under an AES key of 16, 24 or 32 bytes.
func NewCBC(key []byte) (*CBC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("mac: an AES key has 16, 24 or 32 bytes, not %d", len(key))
	}
	return NewCBCFrom(block)
}

// NewCBCFrom makes a CBC from a block cipher of 8-byte or 16-byte blocks.
func NewCBCFrom(block cipher.Block) (*CBC, error) {
	size := block.BlockSize()
	if size != BlockSize && size != DESBlockSize {
		return nil, fmt.Errorf("mac: CBC needs blocks of %d or %d bytes, not %d", DESBlockSize, BlockSize, size)
	}
	zero := zeroIV[:size]
	return &CBC{
		block: block,
		enc:   cipher.NewCBCEncrypter(block, zero).(ivMode),
		dec:   cipher.NewCBCDecrypter(block, zero).(ivMode),
		zero:  zero,
	}, nil
}

// BlockSize is 8 or 16 bytes.
func (c *CBC) BlockSize() int { return len(c.zero) }

// Block encrypts the first block of src into dst, without chaining. dst may be
// src.
func (c *CBC) Block(dst, src []byte) { c.block.Encrypt(dst, src) }

// Encrypt encrypts whole blocks of src into dst under an iv of one block; nil
// is one of zeros. dst may be src. A length that is not whole blocks panics:
// the caller has padded.
func (c *CBC) Encrypt(dst, src, iv []byte) {
	if iv == nil {
		iv = c.zero
	}
	c.enc.SetIV(iv)
	c.enc.CryptBlocks(dst, src)
}

// Decrypt decrypts whole blocks of src into dst under an iv of one block; nil
// is one of zeros. dst may be src. A length that is not whole blocks panics:
// the caller has checked.
func (c *CBC) Decrypt(dst, src, iv []byte) {
	if iv == nil {
		iv = c.zero
	}
	c.dec.SetIV(iv)
	c.dec.CryptBlocks(dst, src)
}

// Wipe wipes and drops the cipher, as CMAC.Wipe does, and clears the chaining
// state. The CBC must not be used again, but for Wipe.
func (c *CBC) Wipe() {
	if c.block == nil {
		return
	}
	c.enc.SetIV(c.zero)
	c.dec.SetIV(c.zero)
	wipeBlock(c.block)
	c.block, c.enc, c.dec = nil, nil, nil
}

// Format prints "CBC", whatever the verb.
func (c CBC) Format(s fmt.State, _ rune) { fmt.Fprint(s, "CBC") }

// wipeBlock wipes a block cipher that has a method Wipe. Those of the standard
// library have none and keep the expanded key to themselves: it is only given
// back to the collector.
func wipeBlock(b cipher.Block) {
	if w, ok := b.(interface{ Wipe() }); ok {
		w.Wipe()
	}
}
