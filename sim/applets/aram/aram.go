// Package aram is the ARA-M as a CAP file: the applet that keeps the access
// rules of a phone's applications. Its Java Card source is in src; the CAP file
// is built from it with
//
//	go run ./scenarios/cmd/inkan cap build --out aram.cap sim/applets/aram/src
//
// and a test compares the two byte for byte; with -update it writes the file here.
//
// It must not know the card that runs it. It implements spec/ARAM.md.
package aram

import (
	_ "embed"

	"inkan/core/gp"
)

// CAP is the file, to be loaded.
//
//go:embed aram.cap
var CAP []byte

// AIDs of load file and module (spec/ARAM.md). The instance has
// ara.AIDMaster, which every phone looks for.
var (
	PackageAID = gp.MustAID("F0696E6B616E4152")
	ModuleAID  = gp.MustAID("F0696E6B616E415201")
)
