package verifier

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/spec/req"
)

const corpus = "../../../spec/corpus"

// corpusFiles are the CAP files of the corpus by name, such as "lib-305".
func corpusFiles(t testing.TB) map[string]*cap.File {
	t.Helper()
	names, err := filepath.Glob(corpus + "/*/*-[23]*.cap")
	if err != nil || len(names) != 36 {
		t.Fatalf("%d CAP files in the corpus, want 36 (%v)", len(names), err)
	}
	files := map[string]*cap.File{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if files[strings.TrimSuffix(filepath.Base(name), ".cap")], err = cap.Open(raw); err != nil {
			t.Fatal(name, err)
		}
	}
	return files
}

// without is the file as a host may load it: without Descriptor and Debug.
func without(t testing.TB, f *cap.File) *cap.File {
	t.Helper()
	g, err := cap.Open(f.LoadFile(nil, false))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// environment is the standard one with what a corpus package imports.
func environment(files map[string]*cap.File, name string, adapt func(*cap.File) *cap.File) Environment {
	kit := name[strings.Index(name, "-"):]
	return Standard(adapt(files["lib"+kit]), adapt(files["server"+kit]))
}

// Two converters' packages are accepted, with and without Descriptor, against
// libraries with and without one.
func TestCorpusIsAccepted(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-001", "SPEC-VERIFIER-004")
	files := corpusFiles(t)
	same := func(f *cap.File) *cap.File { return f }
	stripped := func(f *cap.File) *cap.File { return without(t, f) }
	for name, f := range files {
		for form, adapt := range map[string]func(*cap.File) *cap.File{"libraries with": same, "libraries without": stripped} {
			env := environment(files, name, adapt)
			for mode, g := range map[Mode]*cap.File{Typed: f, Kinds: without(t, f)} {
				r := Verify(g, env)
				for _, e := range r.Findings {
					t.Errorf("%s, %s, %s: %v", name, mode, form, e)
				}
				if r.Mode != mode || r.Methods < 3 {
					t.Errorf("%s: mode %s, want %s; %d methods", name, r.Mode, mode, r.Methods)
				}
			}
		}
	}
}
