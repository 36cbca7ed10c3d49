package scp80

import "fmt"

// Algorithm is the low nibble of KIc or KID (ETSI TS 102 225 §5.1.2, §5.1.3).
type Algorithm byte

// Algorithms of KIc, and of KID when the packet has a CC.
const (
	Implicit  Algorithm = 0x0 // whatever both ends know
	DES       Algorithm = 0x1 // single DES, CBC: legacy, off unless a key set allows it
	AES       Algorithm = 0x2 // AES, CBC or CMAC
	TDES2     Algorithm = 0x5 // triple DES with two keys, outer CBC
	TDES3     Algorithm = 0x9 // triple DES with three keys, outer CBC
	DESECB    Algorithm = 0xD // single DES, ECB: always refused
	algorithm           = 0xF
)

// Algorithms of KID when the packet has an RC.
const (
	CRC16 Algorithm = 0x1 // ISO/IEC 13239, 16-bit FCS
	CRC32 Algorithm = 0x5 // ISO/IEC 13239, 32-bit FCS
)

// String is the standard's name as KIc or the CC's KID.
func (a Algorithm) String() string {
	switch a {
	case Implicit:
		return "implicit"
	case DES:
		return "DES"
	case AES:
		return "AES"
	case TDES2:
		return "3DES, two keys"
	case TDES3:
		return "3DES, three keys"
	case DESECB:
		return "DES-ECB"
	}
	return fmt.Sprintf("reserved %X", byte(a))
}

// KeyReference is KIc or KID: key set version in the high nibble, algorithm in
// the low one. Spec: SPEC-SCP80-004.
type KeyReference byte

// Reference makes a KIc or KID.
func Reference(version byte, a Algorithm) KeyReference {
	return KeyReference(version<<4 | byte(a)&algorithm)
}

// Version is the key set version, 1 to 15; 0 means that none is named.
func (k KeyReference) Version() byte { return byte(k) >> 4 }

// Algorithm is the algorithm's code.
func (k KeyReference) Algorithm() Algorithm { return Algorithm(k & algorithm) }
