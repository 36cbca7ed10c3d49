package hoard_test

import (
	"embed"
	"flag"
	"testing"

	"inkan/sim/applets/hoard"
	"inkan/sim/applets/rebuilt"
)

//go:embed src
var sources embed.FS

var update = flag.Bool("update", false, "write hoard.cap from the sources")

// TestCAP builds the CAP file from its sources and compares it with the one
// that is checked in. Run in this folder,
//
//	go test -run TestCAP -update
//
// writes it.
func TestCAP(t *testing.T) { rebuilt.Check(t, sources, "hoard.cap", hoard.CAP, *update) }
