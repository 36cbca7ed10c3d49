package verifier

import (
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/cap"
	"inkan/spec/req"
)

// maxTime is far above what MaxWork steps take, also under the race detector.
const maxTime = 60 * time.Second

// Whatever a few changed bytes make of a package, verification ends without a
// panic, in both modes, and says the same twice.
func TestMutatedPackages(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-003", "SPEC-VERIFIER-005")
	files := corpusFiles(t)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	refused, tried := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "package")
		components := files[name].Components()
		if rapid.Bool().Draw(t, "without Descriptor") {
			components = drop(components, cap.TagDescriptor)
		}
		mutate(t, components)
		f, err := cap.Parse(components)
		if err != nil {
			return
		}
		env := environment(files, name, func(f *cap.File) *cap.File { return f })
		begin := time.Now()
		first, again := Verify(f, env), Verify(f, env)
		if d := time.Since(begin); d > maxTime {
			t.Fatalf("%s took %s", name, d)
		}
		tried++
		if len(first.Findings) > 0 {
			refused++
		}
		if len(first.Findings) != len(again.Findings) || first.Err() != nil && first.Err().Error() != again.Err().Error() {
			t.Fatalf("%s: %v, then %v", name, first.Findings, again.Findings)
		}
		Verify(f, Standard(f)) // a package as its own library
	})
	if refused < tried/4 {
		t.Errorf("%d of %d mutated packages are refused", refused, tried)
	}
}

func drop(components []cap.Component, tag cap.Tag) []cap.Component {
	var rest []cap.Component
	for _, c := range components {
		if c.Tag != tag {
			rest = append(rest, c)
		}
	}
	return rest
}

// mutate changes bytes of the components that decide about execution.
func mutate(t *rapid.T, components []cap.Component) {
	for range rapid.IntRange(1, 4).Draw(t, "changes") {
		c := &components[rapid.IntRange(2, len(components)-1).Draw(t, "component")]
		if len(c.Info) == 0 {
			continue
		}
		c.Info = append([]byte(nil), c.Info...)
		at := rapid.IntRange(0, len(c.Info)-1).Draw(t, "offset")
		c.Info[at] = rapid.Byte().Draw(t, "value")
	}
}

// Every single-byte change of a small package's code, exhaustively in position.
func TestEachByteOfMethods(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-003")
	files := corpusFiles(t)
	env := environment(files, "lib-305", func(f *cap.File) *cap.File { return f })
	for _, form := range []*cap.File{files["lib-305"], without(t, files["lib-305"])} {
		for at := range form.Method.Info {
			for _, x := range []byte{0x01, 0x80, 0xFF} {
				g := *form
				g.Method.Info = append([]byte(nil), form.Method.Info...)
				g.Method.Info[at] ^= x
				if g, err := cap.Parse(g.Components()); err == nil {
					Verify(g, env)
				}
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	names, _ := filepath.Glob(corpus + "/*/*-305.cap")
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		file, err := cap.Open(raw)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file.LoadFile(nil, true))
		f.Add(file.LoadFile(nil, false))
	}
	files := corpusFiles(f)
	env := Standard(files["lib-305"], files["server-305"])
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := cap.Open(b)
		if err != nil {
			return
		}
		begin := time.Now()
		Verify(file, env)
		if d := time.Since(begin); d > maxTime {
			t.Fatalf("took %s", d)
		}
	})
}
