package gp

import (
	"fmt"
	"strconv"

	"inkan/core/keys"
	"inkan/core/wire"
)

// Open deciphers a key and checks its check value. The values are copies, the
// caller's to wipe; on failure none is left. Errors are *wire.DecodeError, or
// the cipher's own. blockSize is DEKBlockDES or DEKBlockAES.
// Spec: SPEC-GP-CONTENT-104, SPEC-GP-CONTENT-105, SPEC-GP-CONTENT-106, SPEC-GP-CONTENT-107, SPEC-GP-CONTENT-108.
func (f *KeyField) Open(decrypt SensitiveCipher, blockSize int) (Key, error) {
	k := Key{CheckValue: f.CheckValue, Extended: f.Extended, Usage: f.Usage, Access: f.Access}
	for i := range f.Components {
		value, err := f.openComponent(&f.Components[i], decrypt, blockSize)
		if err != nil {
			k.Wipe()
			return Key{}, err
		}
		k.Components = append(k.Components, KeyValue{Type: f.Components[i].Type, Value: value})
	}
	if len(f.CheckValue) > 0 && !k.verifyCheckValue() {
		k.Wipe()
		return Key{}, f.fault(f.kcvOffset, "KCV", "the check value of the key", "another one")
	}
	return k, nil
}

func (f *KeyField) fault(offset int, path, want, got string) error {
	return &wire.DecodeError{Format: formatKeyData, Path: path, Offset: offset, Want: want, Got: got}
}

// verifyCheckValue checks the check value of a symmetric key. Keys of several
// components have none that could be checked: one that is sent does not match.
// Spec: SPEC-GP-CONTENT-107.
func (k *Key) verifyCheckValue() bool {
	return len(k.Components) == 1 &&
		keys.VerifyCheckValue(k.Components[0].Type, k.Components[0].Value, k.CheckValue)
}

// openComponent gives the clear value of one component.
func (f *KeyField) openComponent(c *KeyValue, decrypt SensitiveCipher, blockSize int) ([]byte, error) {
	if blockSize != DEKBlockDES && blockSize != DEKBlockAES {
		return nil, fmt.Errorf("gp: DEK block size %d", blockSize)
	}
	info, _ := c.Type.Info()
	if !info.Secret {
		return append([]byte(nil), c.Value...), nil
	}
	sealed, size, err := f.splitBlock(c, blockSize)
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(make([]byte, 0, len(sealed)), sealed)
	if err != nil {
		return nil, err
	}
	if len(plain) != len(sealed) {
		clear(plain)
		return nil, fmt.Errorf("gp: the data encryption key turned %d bytes into %d", len(sealed), len(plain))
	}
	clear(plain[size:])
	plain = plain[:size:size]
	if !c.Type.Valid(size) {
		clear(plain)
		return nil, f.fault(f.offset, "component", "a length that "+c.Type.String()+" keys have", strconv.Itoa(size))
	}
	return plain, nil
}

// splitBlock finds ciphertext and length of the clear value in a key component
// block: a length byte and padded ciphertext (GP Card Specification 2.3.1 table
// 11-70), or ciphertext alone when the value is whole blocks (table 11-71).
// Which of them it is shows in the length, except for TLS pre-shared keys,
// which always have the length byte.
// Spec: SPEC-GP-CONTENT-104, SPEC-GP-CONTENT-105, SPEC-GP-CONTENT-106.
func (f *KeyField) splitBlock(c *KeyValue, blockSize int) (sealed []byte, size int, err error) {
	n := len(c.Value)
	if n == 0 {
		return nil, 0, f.fault(f.offset, "component", "a value", "none")
	}
	if n%blockSize == 0 && c.Type != keys.PSKTLS {
		return c.Value, n, nil
	}
	sealed = c.Value[1:]
	size = int(c.Value[0])
	switch {
	case len(sealed) == 0 || len(sealed)%blockSize != 0:
		return nil, 0, f.fault(f.offset, "component", "whole blocks of "+strconv.Itoa(blockSize)+" bytes, with or without a length before", strconv.Itoa(n)+" bytes")
	case size > len(sealed) || size <= len(sealed)-blockSize:
		return nil, 0, f.fault(f.offset, "component", "the length of a value that fills "+strconv.Itoa(len(sealed))+" bytes", strconv.Itoa(size))
	}
	return sealed, size, nil
}

// Seal makes the key data field of a key: it computes the check value where
// the type has one and CheckValue is empty, pads and enciphers secret values.
// lengthAlways writes the length byte of AES keys even when they are whole
// blocks, as Amendment D has it; TLS pre-shared keys always have it.
// Spec: SPEC-GP-CONTENT-104, SPEC-GP-CONTENT-105, SPEC-GP-CONTENT-106, SPEC-GP-CONTENT-109.
func (k *Key) Seal(encrypt SensitiveCipher, blockSize int, lengthAlways bool) (KeyField, error) {
	f := KeyField{CheckValue: k.CheckValue, Extended: k.Extended, Usage: k.Usage, Access: k.Access}
	if len(k.Components) == 0 {
		return KeyField{}, fmt.Errorf("gp: key without components")
	}
	for _, c := range k.Components {
		block, err := sealComponent(c, encrypt, blockSize, lengthAlways)
		if err != nil {
			return KeyField{}, err
		}
		f.Components = append(f.Components, KeyValue{Type: c.Type, Value: block})
	}
	if f.CheckValue == nil && len(k.Components) == 1 {
		if kcv, err := keys.CheckValue(k.Components[0].Type, k.Components[0].Value); err == nil {
			f.CheckValue = kcv[:]
		}
	}
	return f, nil
}

func sealComponent(c KeyValue, encrypt SensitiveCipher, blockSize int, lengthAlways bool) ([]byte, error) {
	info, ok := c.Type.Info()
	if !ok || !c.Type.Valid(len(c.Value)) {
		return nil, fmt.Errorf("gp: %v key of %d bytes", c.Type, len(c.Value))
	}
	if !info.Secret {
		return append([]byte(nil), c.Value...), nil
	}
	if blockSize != DEKBlockDES && blockSize != DEKBlockAES {
		return nil, fmt.Errorf("gp: DEK block size %d", blockSize)
	}
	padded := make([]byte, (len(c.Value)+blockSize-1)/blockSize*blockSize)
	copy(padded, c.Value)
	defer clear(padded)
	var block []byte
	if len(padded) != len(c.Value) || c.Type == keys.PSKTLS || lengthAlways && c.Type == keys.AES {
		if len(c.Value) > 127 {
			return nil, fmt.Errorf("gp: %v key of %d bytes does not fit a length byte", c.Type, len(c.Value))
		}
		block = append(block, byte(len(c.Value)))
	}
	return encrypt(block, padded)
}

// AppendCheckValues appends the check values of the keys, one after another:
// PutKeyResponse.CheckValues. Those of keys that came without one are computed;
// types that have none add nothing. Spec: SPEC-GP-CONTENT-110.
func AppendCheckValues(dst []byte, installed []Key) []byte {
	for i := range installed {
		kcv := installed[i].CheckValue
		if len(kcv) == 0 && len(installed[i].Components) == 1 {
			c := installed[i].Components[0]
			if own, err := keys.CheckValue(c.Type, c.Value); err == nil {
				kcv = own[:]
			}
		}
		dst = append(dst, kcv...)
	}
	return dst
}

// DecodeCheckValues separates PutKeyResponse.CheckValues. Errors are
// *wire.DecodeError. Spec: SPEC-GP-CONTENT-110.
func DecodeCheckValues(b []byte) ([][keys.KCVSize]byte, error) {
	r := wire.Sub("PUT KEY response", b, 1)
	values := make([][keys.KCVSize]byte, 0, len(b)/keys.KCVSize)
	for r.More() {
		if kcv := r.Bytes(keys.KCVSize, "KCV"); kcv != nil {
			values = append(values, [keys.KCVSize]byte(kcv))
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return values, nil
}
