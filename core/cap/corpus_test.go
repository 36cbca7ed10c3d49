package cap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const corpus = "../../spec/corpus"

// corpusFiles are the CAP files of the corpus, by two converters.
func corpusFiles(t testing.TB) []string {
	names, err := filepath.Glob(corpus + "/*/*-[23]*.cap")
	if err != nil || len(names) != 36 {
		t.Fatalf("%d CAP files in the corpus, want 36 (%v)", len(names), err)
	}
	return names
}

// Every component of every CAP file is what the independent converter's list
// says, and survives decoding and encoding byte for byte.
func TestCorpusRoundTrip(t *testing.T) {
	for _, name := range corpusFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Open(raw)
			if err != nil {
				t.Fatal(err)
			}
			components := f.Components()
			list, err := os.ReadFile(strings.TrimSuffix(name, ".cap") + ".components.txt")
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(list)), "\n")
			if len(lines) != len(components) {
				t.Fatalf("%d components, want %d", len(components), len(lines))
			}
			for _, line := range lines {
				checkComponent(t, components, strings.Fields(line))
			}
			f.FillDirectory()
			if again := f.Components()[1]; !bytes.Equal(again.Info, components[1].Info) {
				t.Errorf("FillDirectory gives %x, want %x", again.Info, components[1].Info)
			}
		})
	}
}

func checkComponent(t *testing.T, components []Component, fields []string) {
	t.Helper()
	for _, c := range components {
		if c.Tag.String() == fields[0] {
			raw := c.Append(nil)
			if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != fields[2] {
				t.Errorf("%s: %x, want %s", c.Tag, raw, fields[3])
			}
			return
		}
	}
	t.Errorf("no component %s", fields[0])
}

// A load file and a written ZIP file read back as the same components.
func TestCorpusContainers(t *testing.T) {
	for _, name := range corpusFiles(t) {
		raw, _ := os.ReadFile(name)
		f, err := Open(raw)
		if err != nil {
			t.Fatal(name, err)
		}
		var z bytes.Buffer
		if err := f.WriteZIP(&z, "inkan/corpus"); err != nil {
			t.Fatal(err)
		}
		for form, b := range map[string][]byte{"ZIP": z.Bytes(), "load file": f.LoadFile(nil, true)} {
			g, err := Open(b)
			if err != nil {
				t.Errorf("%s as %s: %v", name, form, err)
				continue
			}
			if !bytes.Equal(f.LoadFile(nil, true), g.LoadFile(nil, true)) {
				t.Errorf("%s as %s differs", name, form)
			}
		}
		if _, err := Open(f.LoadFile(nil, false)); err != nil {
			t.Errorf("%s without Descriptor: %v", name, err)
		}
	}
}
