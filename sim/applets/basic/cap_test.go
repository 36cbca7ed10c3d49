package basic_test

import (
	"bytes"
	"embed"
	"flag"
	"testing"

	"inkan/core/cap"
	vocabulary "inkan/core/jpki/basic"
	"inkan/sim/applets/basic"
	"inkan/sim/applets/rebuilt"
)

//go:embed src
var sources embed.FS

var update = flag.Bool("update", false, "write basic.cap from the sources")

// TestCAP builds the CAP file from its sources and compares it with the one
// that is checked in. Run in this folder,
//
//	go test -run TestCAP -update
//
// writes it.
func TestCAP(t *testing.T) { rebuilt.Check(t, sources, "basic.cap", basic.CAP, *update) }

// TestFile reads the checked-in file: its AIDs, and that it needs no int and no
// API newer than Java Card 2.2.2 and the first of GlobalPlatform's.
func TestFile(t *testing.T) {
	f, err := cap.Open(basic.CAP)
	if err != nil {
		t.Fatal(err)
	}
	if f.Header.Flags&cap.FlagInt != 0 || !bytes.Equal(f.Header.Package.AID, vocabulary.AIDPackage.Append(nil)) {
		t.Errorf("header %+v", f.Header)
	}
	if len(f.Applets) != 2 || !bytes.Equal(f.Applets[0].AID, vocabulary.AIDCommonModule.Append(nil)) ||
		!bytes.Equal(f.Applets[1].AID, vocabulary.AIDTextModule.Append(nil)) {
		t.Errorf("applets %+v", f.Applets)
	}
	for _, i := range f.Imports {
		if i.Version.Major != 1 || i.Version.Minor > 3 {
			t.Errorf("import %X %v", i.AID, i.Version)
		}
	}
}
