package capc

import (
	"bytes"
	"slices"
	"testing"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/core/classfile"
	"inkan/spec/req"
)

func unchanged([]*classfile.Class) {}

// All components of all corpus packages are those of another converter.
func TestCorpus(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-003", "SPEC-CAPC-014", "SPEC-CAPC-020", "SPEC-CAPC-030", "SPEC-CAPC-031", "SPEC-CAPC-040", "SPEC-CAPC-041", "SPEC-CAPC-042", "SPEC-CAPC-043",
		"SPEC-CAPC-044", "SPEC-CAPC-045", "SPEC-CAPC-046", "SPEC-CAPC-050", "SPEC-CAPC-051", "SPEC-CAPC-052", "SPEC-CAPC-053", "SPEC-CAPC-054",
		"SPEC-CAPC-056", "SPEC-CAPC-057", "SPEC-CAPC-058")
	for name, r := range convertCorpus(t, readJar(t, jar), unchanged) {
		compareGolden(t, name, r)
	}
}

// The order in which the class files are given does not matter, and neither do
// the names of local variables, except for int.
func TestCorpusOrderAndDebug(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-060", "SPEC-CAPC-013")
	for name, r := range convertCorpus(t, readJar(t, jar), func(list []*classfile.Class) {
		slices.Reverse(list)
		for _, k := range list {
			for i := range k.Methods {
				if c := k.Methods[i].Code; c != nil {
					c.Variables, c.Lines = nil, nil
				}
			}
		}
	}) {
		if name != "intops" { // there a variable's name tells that it is an int
			compareGolden(t, name, r)
		}
	}
}

func TestCorpusVerifies(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-004")
	results := convertCorpus(t, readJar(t, jar), unchanged)
	env := verifier.Standard(results["lib"].File, results["server"].File)
	for name, r := range results {
		for _, e := range verifier.Verify(r.File, env).Findings {
			t.Errorf("%s: %v", name, e)
		}
		f, err := cap.Open(r.CAP)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(f.LoadFile(nil, true), r.File.LoadFile(nil, true)) {
			t.Errorf("%s: the CAP file has other components", name)
		}
	}
}

// Each one-method case on the edge of the language subset has the verdict of
// three converters, and the same code.
func TestBoundary(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-010", "SPEC-CAPC-011", "SPEC-CAPC-012", "SPEC-CAPC-020", "SPEC-CAPC-021")
	files := readJar(t, jar)
	cases := boundaryCases(t)
	if len(cases) < 84 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		checkBoundary(t, files, c)
	}
}

// The same class files give the same bytes.
func TestDeterministic(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-061")
	first, second := convertCorpus(t, readJar(t, jar), unchanged), convertCorpus(t, readJar(t, jar), unchanged)
	for name, r := range first {
		if !bytes.Equal(r.CAP, second[name].CAP) || !bytes.Equal(r.Export, second[name].Export) {
			t.Errorf("%s differs", name)
		}
	}
}
