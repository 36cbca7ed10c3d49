package scp02

import (
	"fmt"

	"inkan/core/scp"
)

// Option is the implementation option "i" of SCP02, a bit field (GP Card
// Specification 2.3.1 table E-1).
type Option byte

// Bits of an Option.
const (
	ThreeKeys       Option = 0x01 // else one Secure Channel base key
	MACOnUnmodified Option = 0x02 // C-MAC over the command before CLA and Lc change
	Explicit        Option = 0x04 // INITIALIZE UPDATE and EXTERNAL AUTHENTICATE
	ICVFromAID      Option = 0x08 // first ICV is a MAC over the AID; implicit initiation only
	ICVEncryption   Option = 0x10 // later ICVs are encrypted with single DES
	RMACSupport     Option = 0x20 // responses may carry an R-MAC
	PseudoRandom    Option = 0x40 // the card challenge can be computed by the host
	reservedOptions Option = 0x80
)

// Check tells why an option cannot be used here; nil for the 32 options with
// explicit initiation.
// Spec: SPEC-SCP02-001.
func (i Option) Check() error {
	switch {
	case i&reservedOptions != 0:
		return fmt.Errorf("scp02: option i=%02X: bit 80 is reserved", byte(i))
	case i&Explicit == 0:
		return fmt.Errorf("scp02: option i=%02X: implicit initiation (bit 04 clear) is not supported", byte(i))
	case i&ICVFromAID != 0:
		return fmt.Errorf("scp02: option i=%02X: an ICV from the AID (bit 08) belongs to implicit initiation, which is not supported", byte(i))
	}
	return nil
}

// Permits reports whether EXTERNAL AUTHENTICATE may ask for a level under the
// option: 00, 01 and 03, and with R-MAC support 10, 11 and 13.
// Spec: SPEC-SCP02-030, SPEC-SCP02-031.
func (i Option) Permits(level scp.Level) bool {
	switch level &^ scp.RMAC {
	case 0, scp.CMAC, scp.CMAC | scp.CDecryption:
		return level&scp.RMAC == 0 || i&RMACSupport != 0
	}
	return false
}
