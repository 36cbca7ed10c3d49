package perso

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"inkan/core/jpki"
	"inkan/core/mac"
)

// Limits of an envelope in bytes.
const (
	MaxCiphertextLen = 3072
	envelopeExtra    = 2 + mac.BlockSize // sequence, type and MAC
)

// ErrEnvelope is a wrong MAC: the card answers it 6988.
var ErrEnvelope = errors.New("perso: envelope: wrong MAC")

// Cipher is content encryption under the wrap keys of one order, for either
// side. Not for concurrent use.
type Cipher struct {
	cbc  *mac.CBC
	cmac *mac.CMAC
	iv   [mac.BlockSize]byte
	head [len(label) + 4]byte
	sum  [mac.BlockSize]byte
}

// NewCipher makes a cipher; the keys may be wiped afterwards.
func NewCipher(k *Keys) *Cipher {
	c := new(Cipher)
	var err error
	if c.cbc, err = mac.NewCBC(k.Enc[:]); err != nil {
		panic("perso: a key of 32 bytes is one")
	}
	if c.cmac, err = mac.NewCMAC(k.MAC[:]); err != nil {
		panic("perso: a key of 32 bytes is one")
	}
	copy(c.head[:], label)
	return c
}

// Wipe forgets the keys. The cipher must not be used again.
func (c *Cipher) Wipe() {
	c.cbc.Wipe()
	c.cmac.Wipe()
	clear(c.sum[:])
}

// Format prints no key, whatever the verb.
func (c Cipher) Format(s fmt.State, _ rune) { fmt.Fprint(s, "content cipher") }

// MarshalText is what Format prints.
func (c Cipher) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// CiphertextLen is the length of n bytes of items when encrypted.
func CiphertextLen(n int) int { return mac.PaddedLen(n, mac.BlockSize) }

// Seal appends the value of ENVELOPE: sequence ‖ type ‖ ciphertext ‖ MAC. The
// same arguments give the same bytes. Where dst has no room, one allocation
// makes it, and none holds plain content when Seal returns.
// Spec: SPEC-PERSO-074.
func (c *Cipher) Seal(dst []byte, sequence byte, kind jpki.Purpose, items []Item) ([]byte, error) {
	n := CiphertextLen(itemsLen(items))
	if n > MaxCiphertextLen {
		return dst, fmt.Errorf("perso: envelope: %d bytes of ciphertext, of at most %d", n, MaxCiphertextLen)
	}
	dst = slices.Grow(dst, n+envelopeExtra)
	dst = append(dst, sequence, byte(kind))
	from := len(dst)
	dst = mac.AppendPad80(AppendItems(dst, items), from, mac.BlockSize)
	cipher := dst[from:]
	c.cbc.Encrypt(cipher, cipher, c.vector(sequence, kind))
	return c.appendMAC(dst, sequence, kind, cipher), nil
}

// vector is the IV of a sequence and type.
func (c *Cipher) vector(sequence byte, kind jpki.Purpose) []byte {
	c.iv = [mac.BlockSize]byte{sequence, byte(kind)}
	c.cbc.Block(c.iv[:], c.iv[:])
	return c.iv[:]
}

func (c *Cipher) appendMAC(dst []byte, sequence byte, kind jpki.Purpose, cipher []byte) []byte {
	c.cmac.Reset()
	n := len(label)
	c.head[n], c.head[n+1], c.head[n+2], c.head[n+3] = sequence, byte(kind), byte(len(cipher)>>8), byte(len(cipher))
	c.cmac.Write(c.head[:])
	c.cmac.Write(cipher)
	return c.cmac.Append(dst)
}

// Open is the card's side of Seal: it verifies and decrypts the value of an
// ENVELOPE. Items are the caller's to check (CheckItems) and to wipe. Errors
// are ErrEnvelope and *wire.DecodeError.
func (c *Cipher) Open(value []byte) (sequence byte, kind jpki.Purpose, items []Item, err error) {
	e, err := DecodeEnvelope(value)
	if err != nil {
		return 0, 0, nil, err
	}
	sum := c.appendMAC(c.sum[:0], e.Sequence, e.Type, e.Ciphertext)
	if subtle.ConstantTimeCompare(sum, e.MAC) != 1 {
		return 0, 0, nil, ErrEnvelope
	}
	plain := make([]byte, len(e.Ciphertext))
	c.cbc.Decrypt(plain, e.Ciphertext, c.vector(e.Sequence, e.Type))
	n, ok := mac.Unpad80(plain)
	if !ok || len(plain)-n > mac.BlockSize {
		clear(plain)
		return 0, 0, nil, errPadding(len(plain))
	}
	if items, err = DecodeItems(plain[:n]); err != nil {
		clear(plain)
		return 0, 0, nil, err
	}
	return e.Sequence, e.Type, items, nil
}
