package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// profileFile is what the programs are built with.
const profileFile = "default.pgo"

// built is the profile that the programs are built with.
func built(t testing.TB) (zipped []byte, r *raw) {
	t.Helper()
	zipped, err := os.ReadFile(profileFile)
	if err != nil {
		t.Fatal(err)
	}
	b, err := unzipped(zipped)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = parse(b); err != nil {
		t.Fatal(err)
	}
	return zipped, r
}

// The profile is of functions that there are: where most of its samples are not, it is
// time for another one. Names of all functions are in this program, inlined ones too.
func TestProfileIsOfThisProgram(t *testing.T) {
	zipped, r := built(t)
	if len(zipped) > 300_000 {
		t.Errorf("%d bytes", len(zipped))
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for name := range bytes.SplitSeq(all, []byte{0}) {
		if bytes.HasPrefix(name, []byte("inkan/")) {
			names[string(name)] = true
		}
	}
	ours, there, gone := uint64(0), uint64(0), map[string]bool{}
	for _, s := range r.samples {
		for _, id := range s[0] {
			for _, line := range r.places[id] {
				name := r.texts[r.functions[line[1]][2]]
				if !strings.HasPrefix(name, "inkan/") || strings.Contains(name, "[") { // types are written in another way
					continue
				}
				ours += s[1][0]
				if names[name] {
					there += s[1][0]
				} else {
					gone[name] = true
				}
			}
		}
	}
	if ours < 1000 || float64(there) < 0.8*float64(ours) {
		t.Errorf("%d of %d samples of the module's functions are of such as there are (%d are gone): make bench/%s anew, as spec/decisions/0023 says",
			there, ours, len(gone), profileFile)
	}
}

// The profile says nothing of the machine that it was made on.
func TestProfileTellsFunctionsOnly(t *testing.T) {
	zipped, r := built(t)
	for _, f := range r.functions {
		if f[4] != 0 {
			t.Fatalf("%s is in %s", r.texts[f[2]], r.texts[f[4]])
		}
	}
	for _, text := range r.texts {
		if filepath.IsAbs(text) {
			t.Errorf("the profile has %s", text)
		}
	}
	b, err := unzipped(zipped)
	if err != nil {
		t.Fatal(err)
	}
	err = fields(b, func(field, _ uint64, _ []byte) error {
		switch field {
		case 1, 2, 4, 5, 6:
		default:
			t.Errorf("field %d", field)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What is read and written again is the same, and twice as much when it is added twice.
func TestProfileAdds(t *testing.T) {
	zipped, r := built(t)
	p := newCPUProfile()
	for range 2 {
		if err := p.add(zipped); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "twice")
	if err := p.write(name); err != nil {
		t.Fatal(err)
	}
	twice, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	again := newCPUProfile()
	if err := again.add(twice); err != nil {
		t.Fatal(err)
	}
	if len(again.samples) != len(p.samples) || len(again.samples) != len(r.samples) || len(again.functions) != len(r.functions) {
		t.Errorf("%d, then %d and %d samples", len(r.samples), len(p.samples), len(again.samples))
	}
	one, both := uint64(0), uint64(0)
	for _, s := range r.samples {
		one += s[1][0]
	}
	for _, n := range again.samples {
		both += n
	}
	if both != 2*one {
		t.Errorf("%d, then %d", one, both)
	}
	if err := newCPUProfile().write(name); err != errNothingRecorded {
		t.Errorf("nothing is written: %v", err)
	}
}

// FuzzProfile: bytes are a profile that is written again, or refused.
func FuzzProfile(f *testing.F) {
	f.Add([]byte{0x12, 4, 0x0A, 1, 1, 0x10, 3, 0x22, 2, 0x08, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if _, err := z.Write(b); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		p := newCPUProfile()
		if p.add(zipped.Bytes()) != nil {
			return
		}
		if _, err := parse(p.append(nil)); err != nil {
			t.Error(err)
		}
	})
}
