// Package hoard is an applet that takes and gives back memory by command, as a CAP
// file: what the quotas of spec/UICC-OS.md are tried with. Its Java Card source is in
// src; the CAP file is built from it with
//
//	go run ./scenarios/cmd/inkan cap build --out hoard.cap sim/applets/hoard/src
//
// and a test compares the two byte for byte; with -update it writes the file here.
//
// It must not know the card that runs it.
package hoard

import (
	_ "embed"

	"inkan/core/gp"
)

// CAP is the file, to be loaded.
//
//go:embed hoard.cap
var CAP []byte

// AIDs of load file and module.
var (
	PackageAID = gp.MustAID("F0696E6B616E4844")
	ModuleAID  = gp.MustAID("F0696E6B616E484401")
)

// Instructions, of class 80. P1 is a slot, 00 to 0F, which then holds an array of P2
// times 16 bytes; of Available it is JCSystem's memory type, and the response two
// bytes. A SystemException is answered 62 and its reason.
const (
	Array           byte = 0x10 // in non-volatile memory
	ClearOnReset    byte = 0x11
	ClearOnDeselect byte = 0x12
	Aborted         byte = 0x13 // Array in a transaction that is aborted
	Committed       byte = 0x14 // Array in a transaction that is committed
	Drop            byte = 0x20 // empties the slot and requests object deletion
	Available       byte = 0x30 // JCSystem.getAvailableMemory
)
