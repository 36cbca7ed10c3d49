package scp03

import (
	"errors"
	"fmt"

	"inkan/core/scp"
)

// Options is the implementation parameter i of SCP03, one byte
// (Amendment D 1.2 table 5-1).
type Options byte

// Bits of Options.
const (
	S16                Options = 0x01 // challenges, cryptograms and MACs of 16 bytes, else 8
	PseudoRandom       Options = 0x10 // the card challenge is computed from a sequence counter, else random
	ResponseMAC        Options = 0x20 // R-MAC is supported
	ResponseEncryption Options = 0x40 // R-ENCRYPTION is supported; needs ResponseMAC
)

// Check tells why i is not defined; nil for 00, 10, 20, 30, 60, 70, and each
// with 01. Spec: SPEC-SCP03-001, SPEC-SCP03-002.
func (i Options) Check() error {
	const defined = S16 | PseudoRandom | ResponseMAC | ResponseEncryption
	switch {
	case i&^defined != 0:
		return fmt.Errorf("scp03: i %02X: bits %02X are reserved", byte(i), byte(i&^defined))
	case i&ResponseEncryption != 0 && i&ResponseMAC == 0:
		return fmt.Errorf("scp03: i %02X: R-ENCRYPTION (bit 40) needs R-MAC (bit 20)", byte(i))
	}
	return nil
}

// MACSize is the length of challenges, cryptograms and MACs in bytes: 8 or 16.
// Spec: SPEC-SCP03-006.
func (i Options) MACSize() int {
	if i&S16 != 0 {
		return 16
	}
	return 8
}

// Allows reports whether host and card with these options can agree on the
// level: 00, 01 and 03 always; 11 and 13 with R-MAC; 33 with R-ENCRYPTION.
// Spec: SPEC-SCP03-003, SPEC-SCP03-004.
func (i Options) Allows(level scp.Level) bool {
	switch level {
	case 0x00, scp.CMAC, scp.CMAC | scp.CDecryption:
		return true
	case scp.CMAC | scp.RMAC, scp.CMAC | scp.CDecryption | scp.RMAC:
		return i&ResponseMAC != 0
	case scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption:
		return i&ResponseEncryption != 0
	}
	return false
}

// Errors of the host side. What the card answers is in scp.ErrAuthentication
// and scp.ErrSecurity.
var (
	// ErrCardCryptogram says that the card does not have the same keys.
	ErrCardCryptogram = errors.New("scp03: card cryptogram differs")
	// ErrCardChallenge says that the card challenge is not the pseudo-random
	// one of the sequence counter and the AID.
	ErrCardChallenge = errors.New("scp03: card challenge is not the pseudo-random one")
	// ErrResponse says that a response is not what the card protected, or is
	// not protected at all. The session has ended.
	ErrResponse = errors.New("scp03: response protection does not verify")
	// ErrTooLong says that data does not fit its APDU once protected. Nothing
	// was made, the session is as before. See MaxCommandData.
	ErrTooLong = errors.New("scp03: data too long to be protected")
	// ErrSequence says that a call is out of turn: no command is outstanding,
	// or a step of the handshake is missing.
	ErrSequence = errors.New("scp03: call out of turn")
	// ErrSensitive says that sensitive data is not whole blocks of 16 bytes.
	ErrSensitive = errors.New("scp03: sensitive data is not whole blocks of 16 bytes")
)

// checkKeys verifies that every key of the set is an AES key.
// Spec: SPEC-SCP03-005.
func checkKeys(k *scp.KeySet) error {
	for _, key := range [][]byte{k.Enc, k.MAC, k.DEK} {
		switch len(key) {
		case 16, 24, 32:
		default:
			return fmt.Errorf("scp03: a key of %d bytes, want 16, 24 or 32", len(key))
		}
	}
	return nil
}
