package verifier

import (
	"encoding/hex"
	"os"
	"regexp"
	"testing"

	"inkan/core/cap"
	"inkan/spec/req"
)

var boundaryMethod = regexp.MustCompile(`^(\S+) .*Method=07[0-9a-f]{4}(00011018 ?8c00007a[0-9a-f]+) `)

// The one-method cases that three converters agree on are accepted: those whose
// only constant is the constructor of Object, since the list has no more of the
// package than its methods.
func TestBoundaryCasesAreAccepted(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-001")
	raw, err := os.ReadFile(corpus + "/boundary/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, line := range regexp.MustCompile(`\n`).Split(string(raw), -1) {
		m := boundaryMethod.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		info, err := hex.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		f := boundaryPackage(t, info)
		r := Verify(f, Standard())
		other := false // a constant that the list does not tell
		for _, fl := range (&verifier{world: newWorld(Standard()), file: f, self: &pkg{spans: f.MethodSpans(), methods: map[uint16]*method{}}, result: &Result{}}).flowsFor(t, f) {
			other = other || fl
		}
		if other {
			continue
		}
		tried++
		for _, e := range r.Findings {
			t.Errorf("%s: %v", m[1], e)
		}
	}
	if tried < 20 {
		t.Errorf("%d cases", tried)
	}
}

// flowsFor tells for each method whether it names another constant than those
// of boundaryPackage.
func (v *verifier) flowsFor(t *testing.T, f *cap.File) (other []bool) {
	t.Helper()
	for _, s := range f.MethodSpans() {
		h, err := f.Method.HeaderAt(s.Offset)
		if err != nil {
			continue
		}
		fl := &flow{v: v, m: &method{name: "boundary", header: h}}
		fl.decodeReachable(s)
		for i := range fl.list {
			_, size, index := fl.list[i].IndexAt()
			other = append(other, size > 0 && index != 0)
		}
	}
	return other
}

// boundaryPackage is a library of one class with the given methods: the
// constructor and the one behind it.
func boundaryPackage(t *testing.T, info []byte) *cap.File {
	t.Helper()
	f := &cap.File{
		Header:  cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Package: cap.PackageInfo{Version: cap.Version{Major: 1}, AID: []byte("inkan")}},
		Imports: []cap.PackageInfo{{Version: cap.Version{Major: 1}, AID: []byte{0xA0, 0, 0, 0, 0x62, 0, 1}}},
		Constants: []cap.Constant{
			{Kind: cap.StaticMethodref, Info: [3]byte{0x80, 0, 0}}, {Kind: cap.StaticMethodref, Info: [3]byte{0, 0, 1}}, {Kind: cap.StaticMethodref, Info: [3]byte{0, 0, 8}},
		},
		Class:  cap.ClassComponent{Classes: []cap.ClassInfo{{Super: cap.ExternalClass(0, 0), FirstReference: 0xFF, PublicBase: 1}}},
		Method: cap.MethodComponent{Info: info},
	}
	f.RefLocation.Word = []uint16{5}
	f.FillDirectory()
	g, err := cap.Parse(f.Components())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// The analysis of the largest corpus package takes a small part of its limit.
func TestWorkOfTheCorpus(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-003")
	for name, f := range corpusFiles(t) {
		files := corpusFiles(t)
		v := &verifier{world: newWorld(environment(files, name, func(f *cap.File) *cap.File { return f })), file: f, result: &Result{}, sigs: newSignatures(), work: MaxWork}
		v.run()
		if used := MaxWork - v.work; used > MaxWork/100 {
			t.Errorf("%s: %d steps", name, used)
		}
	}
}
