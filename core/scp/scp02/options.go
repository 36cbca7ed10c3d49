package scp02

import (
	"errors"
	"fmt"

	"inkan/core/scp"
)

// Options is the implementation option i of SCP02, one byte (GP Card
// Specification 2.3.1 table E-1).
type Options byte

// Bits of Options.
const (
	ThreeKeys       Options = 0x01 // else one Secure Channel base key
	MACOnUnmodified Options = 0x02 // C-MAC over the command before CLA and Lc change
	Explicit        Options = 0x04 // INITIALIZE UPDATE and EXTERNAL AUTHENTICATE
	ICVFromAID      Options = 0x08 // first ICV is a MAC over the AID; implicit initiation only
	ICVEncryption   Options = 0x10 // later ICVs are encrypted with single DES
	ResponseMAC     Options = 0x20 // responses may carry an R-MAC
	PseudoRandom    Options = 0x40 // the card challenge can be computed by the host
	reservedOptions Options = 0x80
)

// Check tells why i cannot be used here; nil for the 32 values with
// explicit initiation.
// Spec: SPEC-SCP02-001.
func (i Options) Check() error {
	switch {
	case i&reservedOptions != 0:
		return fmt.Errorf("scp02: i %02X: bit 80 is reserved", byte(i))
	case i&Explicit == 0:
		return fmt.Errorf("scp02: i %02X: implicit initiation (bit 04 clear) is not supported", byte(i))
	case i&ICVFromAID != 0:
		return fmt.Errorf("scp02: i %02X: an ICV from the AID (bit 08) belongs to implicit initiation, which is not supported", byte(i))
	}
	return nil
}

// Allows reports whether host and card with these options can agree on the
// level: 00, 01 and 03 always; 10, 11 and 13 with R-MAC.
// Spec: SPEC-SCP02-030, SPEC-SCP02-031.
func (i Options) Allows(level scp.Level) bool {
	switch level &^ scp.RMAC {
	case 0, scp.CMAC, scp.CMAC | scp.CDecryption:
		return level&scp.RMAC == 0 || i&ResponseMAC != 0
	}
	return false
}

// Errors of the host side. What the card answers is in scp.ErrAuthentication
// and scp.ErrSecurity.
var (
	// ErrCardCryptogram says that the card does not have the same keys.
	ErrCardCryptogram = errors.New("scp02: card cryptogram differs")
	// ErrCardChallenge says that the card challenge is not the pseudo-random
	// one of the AID.
	ErrCardChallenge = errors.New("scp02: card challenge is not the pseudo-random one")
	// ErrResponse says that a response is not what the card protected, or is
	// not protected at all. The session has ended.
	ErrResponse = errors.New("scp02: response protection does not verify")
	// ErrTooLong says that data does not fit its APDU once protected. Nothing
	// was made, the session is as before. See MaxCommandData.
	ErrTooLong = errors.New("scp02: data too long to be protected")
	// ErrExtended says that SCP02 protects short commands only. The session is
	// as before.
	ErrExtended = errors.New("scp02: an extended-length command cannot be protected")
	// ErrSequence says that a call is out of turn: no command is outstanding,
	// or a step of the handshake is missing.
	ErrSequence = errors.New("scp02: call out of turn")
	// ErrSensitive says that sensitive data is not whole blocks of 8 bytes.
	ErrSensitive = errors.New("scp02: sensitive data is not whole blocks of 8 bytes")
)
