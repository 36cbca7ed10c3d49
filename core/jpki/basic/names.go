package basic

import (
	"fmt"

	"inkan/core/gp"
	"inkan/core/jpki"
)

// AIDs (spec/IDCARD.md §Identifiers). The instances' are those of the real
// applications.
var (
	AIDPackage      = gp.MustAID("F0696E6B616E4241")
	AIDCommonModule = gp.MustAID("F0696E6B616E424101")
	AIDTextModule   = gp.MustAID("F0696E6B616E424102")
	AIDCommon       = gp.MustAID("D3921000310001010100")
	AIDText         = gp.MustAID("D3921000310001010408")
)

// EFCard is the record file of the common application.
const EFCard jpki.EF = 0x0001

// Elementary files of text input support.
const (
	EFNumber      jpki.EF = 0x0001
	EFAttributes  jpki.EF = 0x0002
	EFDigests     jpki.EF = 0x0003
	EFInformation jpki.EF = 0x0005
	EFPIN         jpki.EF = 0x0011
	EFCodeA       jpki.EF = 0x0014
	EFCodeB       jpki.EF = 0x0015
)

// Longest content in bytes.
const (
	MaxCard        = 64
	MaxNumber      = 32
	MaxAttributes  = 1024
	MaxDigests     = 512
	MaxInformation = 256
)

// Digits of the PIN and the codes, and their tries.
const (
	PINLen   = 4
	CodeALen = 12
	CodeBLen = 14

	PINTries  = 3
	CodeTries = 10
)

// DGI is the identifier of the data group for a file: C0 and the file.
func DGI(file jpki.EF) jpki.DGI { return 0xC000 | jpki.DGI(file) }

// ValidSecret reports whether a value has the length and the digits of a PIN's or
// code's file.
func ValidSecret(file jpki.EF, value []byte) bool {
	want := map[jpki.EF]int{EFPIN: PINLen, EFCodeA: CodeALen, EFCodeB: CodeBLen}[file]
	return want > 0 && len(value) == want && digits(string(value))
}

// CodeB is what a terminal reads off the card's face: birth YYMMDD, year of
// expiry, security code of 4 digits. It fails for another security code, and for
// dates that Date.Append refuses.
func CodeB(birth, expiry Date, security string) (string, error) {
	b, err := birth.Append(nil)
	if err != nil {
		return "", err
	}
	e, err := expiry.Append(nil)
	if err != nil {
		return "", err
	}
	if len(security) != 4 || !digits(security) {
		return "", fmt.Errorf("basic: a security code has 4 digits")
	}
	return string(b[2:]) + string(e[:4]) + security, nil
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
