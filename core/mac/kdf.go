package mac

import (
	"crypto/cipher"
	"fmt"
)

// KDF is the key derivation function in counter mode of NIST SP 800-108r1
// §4.1 with AES-CMAC as its PRF. Not for concurrent use.
type KDF struct{ prf *CMAC }

// NewKDF makes a KDF whose key-derivation key has 16, 24 or 32 bytes.
func NewKDF(key []byte) (*KDF, error) {
	prf, err := NewCMAC(key)
	if err != nil {
		return nil, err
	}
	return &KDF{prf: prf}, nil
}

// NewKDFFrom makes a KDF from a block cipher of 16-byte blocks.
func NewKDFFrom(block cipher.Block) (*KDF, error) {
	prf, err := NewCMACFrom(block)
	if err != nil {
		return nil, err
	}
	return &KDF{prf: prf}, nil
}

// Counter fills dst with K(1) || K(2) || …, where K(i) = CMAC(key, before || i
// || after) and i is a big-endian counter of counterBytes (1 to 4) bytes that
// starts at 1. before and after together are the fixed input data (label,
// separator, context, length) around the place of the counter. It fails when
// dst needs more blocks than the counter can number.
func (k *KDF) Counter(dst []byte, counterBytes int, before, after []byte) error {
	if counterBytes < 1 || counterBytes > 4 {
		return fmt.Errorf("mac: a KDF counter has 1 to 4 bytes, not %d", counterBytes)
	}
	if blocks := (len(dst) + BlockSize - 1) / BlockSize; uint64(blocks) >= 1<<(8*counterBytes) {
		return fmt.Errorf("mac: %d blocks of KDF output do not fit a counter of %d bytes", blocks, counterBytes)
	}
	var counter [4]byte
	var out [BlockSize]byte
	for i := uint32(1); len(dst) > 0; i++ {
		for j := range counterBytes {
			counter[j] = byte(i >> (8 * (counterBytes - 1 - j)))
		}
		k.prf.Reset()
		k.prf.Write(before)
		k.prf.Write(counter[:counterBytes])
		k.prf.Write(after)
		dst = dst[copy(dst, k.prf.Append(out[:0])):]
	}
	clear(out[:])
	return nil
}

// GlobalPlatform fills dst in the layout of Amendment D 1.2 §4.1.5: label
// (eleven 00, derivation constant), separator 00, L (two bytes, in bits:
// 8*len(dst)), counter (one byte), context. dst has at most 4080 bytes.
// Spec: SPEC-SCP03-021.
func (k *KDF) GlobalPlatform(dst []byte, constant byte, context []byte) error {
	bits := 8 * len(dst)
	before := [15]byte{11: constant, 13: byte(bits >> 8), 14: byte(bits)}
	return k.Counter(dst, 1, before[:], context)
}

// Wipe overwrites the state and drops the key.
func (k *KDF) Wipe() { k.prf.Wipe() }

// Format prints "KDF", whatever the verb.
func (k KDF) Format(s fmt.State, _ rune) { fmt.Fprint(s, "KDF") }

// DeriveCounter is a KDF used once: a one-byte counter between before and
// after, under key. Key diversification uses it with an empty before and
// label || KDD as after.
func DeriveCounter(dst, key, before, after []byte) error {
	k, err := NewKDF(key)
	if err != nil {
		return err
	}
	defer k.Wipe()
	return k.Counter(dst, 1, before, after)
}
