package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/wire"
)

// Command is a typed command.
type Command interface {
	// APDU is the command on the basic logical channel, without secure
	// messaging. The data field is appended to buf and borrowed from it. It
	// fails when a field does not fit the instruction.
	APDU(buf []byte) (apdu.Command, error)
}

// Instruction bytes (GP Card Specification 2.3.1 table 11-1 and clause E.5,
// ISO/IEC 7816-4:2020 table 4).
const (
	InsManageChannel        byte = 0x70
	InsEndRMACSession       byte = 0x78
	InsBeginRMACSession     byte = 0x7A
	InsInitializeUpdate     byte = 0x50
	InsExternalAuthenticate byte = 0x82
	InsSelect               byte = 0xA4
	InsGetResponse          byte = 0xC0
	InsGetData              byte = 0xCA
	InsGetDataOdd           byte = 0xCB
	InsPutKey               byte = 0xD8
	InsStoreData            byte = 0xE2
	InsDelete               byte = 0xE4
	InsInstall              byte = 0xE6
	InsLoad                 byte = 0xE8
	InsSetStatus            byte = 0xF0
	InsGetStatus            byte = 0xF2
)

// Class bytes on the basic logical channel (GP Card Specification 2.3.1
// §11.1.4).
const (
	ClassInterindustry  byte = 0x00
	ClassGlobalPlatform byte = 0x80
	// ClassSecure is ClassGlobalPlatform with secure messaging: the class of
	// every command that carries a C-MAC, EXTERNAL AUTHENTICATE included.
	ClassSecure byte = 0x84
)

// IsGlobalPlatformClass reports whether cla is a GlobalPlatform class on any
// logical channel, with or without secure messaging: 80–8F, C0–CF, E0–EF.
// Spec: SPEC-GP-001.
func IsGlobalPlatformClass(cla byte) bool {
	return cla>>4 == 0x8 || cla>>4 == 0xC || cla>>4 == 0xE
}

// IsInterindustryClass reports whether cla is an interindustry class without
// command chaining on any logical channel: 00–0F, 40–4F, 60–6F.
// Spec: SPEC-GP-001.
func IsInterindustryClass(cla byte) bool {
	return cla>>4 == 0x0 || cla>>4 == 0x4 || cla>>4 == 0x6
}

type classRule func(cla byte) bool

func anyClass(cla byte) bool { return IsGlobalPlatformClass(cla) || IsInterindustryClass(cla) }

// data checks class and instruction, and returns a reader of the data field
// whose offsets count from the start of the command APDU.
// Spec: SPEC-GP-001, SPEC-GP-002.
func data(format string, c *apdu.Command, class classRule, ins byte) wire.Reader {
	r := wire.Sub(format, c.Data, dataOffset(c))
	if !class(c.CLA) {
		r.FailAt(0, "CLA", "a class of the instruction", hexByte(c.CLA))
	}
	if c.INS != ins {
		r.FailAt(1, "INS", hexByte(ins), hexByte(c.INS))
	}
	return r
}

// dataOffset is where the data field begins in the command APDU.
func dataOffset(c *apdu.Command) int {
	if c.Extended {
		return 7
	}
	return 5
}

func failP1(r *wire.Reader, want string, got byte) { r.FailAt(2, "P1", want, hexByte(got)) }
func failP2(r *wire.Reader, want string, got byte) { r.FailAt(3, "P2", want, hexByte(got)) }

// noData records a fault when the data field is not empty.
func noData(r *wire.Reader) {
	if r.More() {
		r.FailAt(4, "Lc", "no data field", strconv.Itoa(r.Len())+" bytes")
	}
}

// someData records a fault when the data field is empty.
func someData(r *wire.Reader) {
	if r.Err() == nil && !r.More() {
		r.FailAt(4, "Lc", "a data field", "none")
	}
}

// hexByte is b as two upper-case hex digits.
func hexByte(b byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[b>>4], digits[b&0xF]})
}
