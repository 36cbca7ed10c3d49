package scp02

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"

	"inkan/core/mac"
	"inkan/core/scp"
)

// Derivation constants of the session keys (GP 2.3.1 §E.4.1).
const (
	constCMAC = 0x0101
	constRMAC = 0x0102
	constDEK  = 0x0181
	constENC  = 0x0182
)

const (
	blockSize   = mac.DESBlockSize
	baseKeySize = 16
)

// deriveKey writes the 16-byte session key for a constant and a sequence
// counter: triple-DES CBC, IV zero, over constant || counter || 12 zeros.
// Spec: SPEC-SCP02-020, SPEC-SCP02-021.
func deriveKey(dst *[baseKeySize]byte, base cipher.Block, constant, sequence uint16) {
	*dst = [baseKeySize]byte{byte(constant >> 8), byte(constant), byte(sequence >> 8), byte(sequence)}
	base.Encrypt(dst[:blockSize], dst[:blockSize])
	base.Encrypt(dst[blockSize:], dst[:blockSize]) // the second block is zeros
}

// baseKeys gives the three base keys of a key set under an option. With one
// base key it is KeySet.Enc; MAC and DEK are empty or the same key.
// Spec: SPEC-SCP02-022.
func baseKeys(i Options, ks *scp.KeySet) (enc, macKey, dek []byte, err error) {
	enc, macKey, dek = ks.Enc, ks.MAC, ks.DEK
	if i&ThreeKeys == 0 {
		for _, k := range [][]byte{macKey, dek} {
			if len(k) != 0 && subtle.ConstantTimeCompare(k, enc) != 1 {
				return nil, nil, nil, fmt.Errorf("scp02: i %02X has one base key, the key set %02X several", byte(i), ks.Version)
			}
		}
		macKey, dek = enc, enc
	}
	for _, k := range [][]byte{enc, macKey, dek} {
		if len(k) != baseKeySize {
			return nil, nil, nil, fmt.Errorf("scp02: key set %02X has a key of %d bytes, want %d", ks.Version, len(k), baseKeySize)
		}
	}
	return enc, macKey, dek, nil
}
