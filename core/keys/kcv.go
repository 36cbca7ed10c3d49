package keys

import (
	"crypto/aes"
	"crypto/des"
	"crypto/sha1"
	"crypto/subtle"
	"errors"
	"fmt"

	"inkan/core/mac"
)

// KCVSize is the length of a key check value, bytes.
const KCVSize = 3

// ErrNoKCV is the error of CheckValue for a key type that has no key check
// value defined.
var ErrNoKCV = errors.New("keys: no key check value is defined for this key type")

// CheckValue is the key check value of a key. For DES types it is 3DES-ECB
// (single DES for an 8-byte key) of eight 00, for AES the AES of sixteen 01,
// for a TLS pre-shared key its SHA-1, each cut to three bytes. The error is
// ErrNoKCV, or tells a length that is not the type's.
// Spec: SPEC-KEYS-010, SPEC-KEYS-011, SPEC-KEYS-012, SPEC-KEYS-013.
func CheckValue(t Type, key []byte) (kcv [KCVSize]byte, err error) {
	if info, ok := t.Info(); !ok || info.Form != Symmetric || t == HMACSHA1 || t == HMACSHA1160 {
		return kcv, ErrNoKCV
	}
	if !t.Valid(len(key)) {
		return kcv, fmt.Errorf("keys: %v cannot have %d bytes", t, len(key))
	}
	var block [aes.BlockSize]byte
	switch {
	case t == PSKTLS:
		sum := sha1.Sum(key)
		copy(kcv[:], sum[:])
	case t == AES:
		c, err := aes.NewCipher(key)
		if err != nil {
			return kcv, err
		}
		for i := range block {
			block[i] = 0x01
		}
		c.Encrypt(block[:], block[:])
		copy(kcv[:], block[:])
	case len(key) == des.BlockSize:
		c, err := des.NewCipher(key)
		if err != nil {
			return kcv, err
		}
		c.Encrypt(block[:des.BlockSize], block[:des.BlockSize])
		copy(kcv[:], block[:])
	default:
		c, err := mac.NewTDES(key)
		if err != nil {
			return kcv, err
		}
		c.Encrypt(block[:des.BlockSize], block[:des.BlockSize])
		copy(kcv[:], block[:])
	}
	return kcv, nil
}

// VerifyCheckValue reports whether kcv is the key check value of key, in time
// that does not depend on where they differ. It is false for a type without
// one and for any length but KCVSize. Spec: SPEC-KEYS-014.
func VerifyCheckValue(t Type, key, kcv []byte) bool {
	want, err := CheckValue(t, key)
	return err == nil && subtle.ConstantTimeCompare(want[:], kcv) == 1
}
