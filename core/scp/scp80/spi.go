package scp80

import "fmt"

// SPI is the security parameter indicator: SPI1 (protection of the command) in
// the high byte, SPI2 (of the proof of receipt) in the low byte. Combine the
// constants with |. Spec: SPEC-SCP80-003.
type SPI uint16

// First octet: the command packet (ETSI TS 102 225 §5.1.1).
const (
	RC               SPI = 0x0100 // redundancy check: no protection against anybody
	CC               SPI = 0x0200 // cryptographic checksum
	DS               SPI = 0x0300 // digital signature; refused
	Cipher           SPI = 0x0400 // encrypted from CNTR on
	CounterUnchecked SPI = 0x0800 // counter present, not checked
	CounterHigher    SPI = 0x1000 // processed if higher than the card's
	CounterNext      SPI = 0x1800 // processed if one higher than the card's
)

// Second octet: the proof of receipt (PoR).
const (
	PoR        SPI = 0x0001 // always
	PoROnError SPI = 0x0002 // only when something went wrong
	PoRRC      SPI = 0x0004
	PoRCC      SPI = 0x0008
	PoRDS      SPI = 0x000C // refused
	PoRCipher  SPI = 0x0010
	PoRSubmit  SPI = 0x0020 // by SMS-SUBMIT instead of SMS-DELIVER-REPORT
)

const (
	integrityMask    = DS
	counterMask      = CounterNext
	porMask          = PoR | PoROnError
	porIntegrityMask = PoRDS
	definedBits      = integrityMask | Cipher | counterMask | porMask | porIntegrityMask | PoRCipher | PoRSubmit
)

// Integrity is RC, CC, DS or 0: the command's.
func (s SPI) Integrity() SPI { return s & integrityMask }

// Ciphered reports whether the command is encrypted.
func (s SPI) Ciphered() bool { return s&Cipher != 0 }

// CounterMode is 0, CounterUnchecked, CounterHigher or CounterNext.
func (s SPI) CounterMode() SPI { return s & counterMask }

// counterChecked reports whether the card compares CNTR with its counter.
func (s SPI) counterChecked() bool { return s.CounterMode() >= CounterHigher }

// PoRMode is 0, PoR, PoROnError, or both bits, which is reserved.
func (s SPI) PoRMode() SPI { return s & porMask }

// PoRIntegrity is RC, CC, DS or 0: the proof of receipt's, in the terms of the
// first octet.
func (s SPI) PoRIntegrity() SPI { return s & porIntegrityMask << 6 }

// PoRCiphered reports whether the proof of receipt is encrypted.
func (s SPI) PoRCiphered() bool { return s&PoRCipher != 0 }

// porKeyed reports whether the proof of receipt takes a key.
func (s SPI) porKeyed() bool { return s.PoRIntegrity() == CC || s.PoRCiphered() }

// Meets reports whether a command under s has at least the protection min:
// integrity and counter mode are ordered, ciphering is a must or not. The
// second octet is not looked at (ETSI TS 102 226 §8.2.1.3.2.4).
// Spec: SPEC-SCP80-041.
func (s SPI) Meets(min SPI) bool {
	return s.Integrity() >= min.Integrity() && s.CounterMode() >= min.CounterMode() && (s.Ciphered() || !min.Ciphered())
}

// unsupported says why s cannot be honoured, or is empty.
// Spec: SPEC-SCP80-031, SPEC-SCP80-032.
func (s SPI) unsupported() string {
	switch {
	case s.Integrity() == DS || s.PoRIntegrity() == DS:
		return "digital signatures are not supported"
	case s.PoRMode() == porMask:
		return "the PoR mode 11 is reserved"
	}
	return ""
}

// String is the two octets in hex.
func (s SPI) String() string { return fmt.Sprintf("%04X", uint16(s)) }
