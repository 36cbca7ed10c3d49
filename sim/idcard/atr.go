package idcard

import "bytes"

// contactATR is that of real cards: direct convention, 372 clocks a bit, T=1 with
// information fields of 251 bytes, and historical bytes that say selection by DF name, short
// file identifiers and records, and neither logical channels nor extended length.
var contactATR = []byte{0x3B, 0xC5, 0xFF, 0x81, 0x31, 0xFB, 0x45, 0x80, 0x73, 0xC6, 0x01, 0x00, 0x00}

// contactlessATR is what a PC/SC reader makes of the answer to REQB of real cards.
var contactlessATR = []byte{0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x41, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x3B}

// ContactATR is the answer to reset over contacts. Spec: SPEC-IDCARD-010.
func ContactATR() []byte { return bytes.Clone(contactATR) }

// ContactlessATR is the answer to reset of a contactless reader.
// Spec: SPEC-IDCARD-011.
func ContactlessATR() []byte { return bytes.Clone(contactlessATR) }
