package jpki_test

import (
	"bytes"
	"embed"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"inkan/core/cap"
	"inkan/core/capc"
	"inkan/core/capc/project"
	"inkan/core/classfile"
	"inkan/core/jcapi/stubs"
	vocabulary "inkan/core/jpki"
	"inkan/sim/applets/jpki"
	"inkan/spec/peer"
)

//go:embed src
var sources embed.FS

var update = flag.Bool("update", false, "write jpki.cap from the sources")

// TestCAP builds the CAP file from its sources and compares it with the one
// that is checked in. Run in this folder,
//
//	go test -run TestCAP -update
//
// writes it.
func TestCAP(t *testing.T) {
	peer.Need(t, "javac")
	dir := t.TempDir()
	for _, s := range stubs.Sources() {
		write(t, filepath.Join(dir, "api", s.Path), []byte(s.Text))
	}
	args := stubs.Arguments(filepath.Join(dir, "api"), "", filepath.Join(dir, "classes"))
	each, err := fs.Glob(sources, "src/inkan/jpki/*.java")
	if err != nil || len(each) == 0 {
		t.Fatal(each, err)
	}
	for _, name := range each {
		write(t, filepath.Join(dir, name), read(t, name))
		args = append(args, filepath.Join(dir, name))
	}
	write(t, filepath.Join(dir, "classes", "empty"), nil)
	peer.Run(t, nil, "javac", args...)
	got := convert(t, filepath.Join(dir, "classes", "inkan", "jpki"))
	if *update {
		write(t, "jpki.cap", got)
		return
	}
	if !bytes.Equal(got, jpki.CAP) {
		t.Errorf("jpki.cap (%d bytes) is not what its sources give (%d bytes): go test -run TestCAP -update", len(jpki.CAP), len(got))
	}
}

// convert makes the CAP file of the class files in a folder.
func convert(t *testing.T, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.class"))
	if err != nil {
		t.Fatal(err)
	}
	var classes []*classfile.Class
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := classfile.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		classes = append(classes, c)
	}
	p, err := project.Parse(read(t, "src/cap.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Complete(classes, false); err != nil {
		t.Fatal(err)
	}
	options := capc.Options{Package: p.Package, AID: p.AID, Version: p.Version, API: p.API}
	for _, a := range p.Applets {
		options.Applets = append(options.Applets, capc.Applet{AID: a.AID, Class: a.Class})
	}
	result, err := capc.Convert(classes, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes to load, %d of bytecode", result.Statistics.LoadBytes, result.Statistics.BytecodeBytes)
	return result.CAP
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := sources.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFile reads the checked-in file: its AIDs, and that it needs no int and
// no API newer than Java Card 3.0.1 and GlobalPlatform's 1.2.
func TestFile(t *testing.T) {
	f, err := cap.Open(jpki.CAP)
	if err != nil {
		t.Fatal(err)
	}
	if f.Header.Flags&cap.FlagInt != 0 || !bytes.Equal(f.Header.Package.AID, vocabulary.AIDPackage.Append(nil)) {
		t.Errorf("header %+v", f.Header)
	}
	if len(f.Applets) != 1 || !bytes.Equal(f.Applets[0].AID, vocabulary.AIDModule.Append(nil)) {
		t.Errorf("applets %+v", f.Applets)
	}
	for _, i := range f.Imports {
		if i.Version.Major != 1 || i.Version.Minor > 4 {
			t.Errorf("import %X %v", i.AID, i.Version)
		}
	}
}
