package capc

import (
	"math/rand/v2"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/spec/req"
)

// Export files come from outside: one that makes no sense is refused.
func TestBadExportFile(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-034")
	for name, change := range map[string]func(*exp.File){
		"circle": func(f *exp.File) {
			f.Classes[1].Supers = []uint16{f.Classes[3].NameIndex}
			f.Classes[3].Supers = []uint16{f.Classes[1].NameIndex}
		},
		"itself": func(f *exp.File) { f.Classes[0].Interfaces = []uint16{f.Classes[0].NameIndex} },
		"method": func(f *exp.File) { f.Classes[1].Methods[0].DescriptorIndex = f.Classes[1].Methods[0].NameIndex },
		"field":  func(f *exp.File) { f.Classes[1].Fields[1].DescriptorIndex = f.Classes[1].Fields[1].NameIndex },
		"gap":    func(f *exp.File) { f.Classes[0].Methods[0].Token = 100 },
	} {
		files := readJar(t, jar)
		lib, err := Convert(files.classes(t, "lib"), corpusPackages[10].options(t))
		if err != nil {
			t.Fatal(err)
		}
		f, err := exp.Parse(lib.Export)
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		_, err = Convert(files.classes(t, "libuser"), corpusPackages[11].options(t, f))
		if name == "itself" { // its own interface is left out
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "export file of inkan/corpus/lib is not valid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Export files with some bytes changed never make a conversion panic.
func TestMutatedExportFiles(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-034")
	files := readJar(t, jar)
	lib, err := Convert(files.classes(t, "lib"), corpusPackages[10].options(t))
	if err != nil {
		t.Fatal(err)
	}
	user := files.classes(t, "libuser")
	random := rand.New(rand.NewPCG(1, 2))
	parsed := 0
	for range 4000 {
		raw := append([]byte(nil), lib.Export...)
		for range 1 + random.IntN(4) {
			raw[random.IntN(len(raw))] = byte(random.IntN(256))
		}
		e, err := exp.Parse(raw)
		if err != nil {
			continue
		}
		parsed++
		r, err := Convert(user, corpusPackages[11].options(t, e))
		if err == nil {
			if _, err := cap.Open(r.CAP); err != nil {
				t.Fatal(err)
			}
		}
	}
	if parsed < 100 {
		t.Errorf("%d export files", parsed)
	}
}

// FuzzImport converts a package against export files that may be anything.
func FuzzImport(f *testing.F) {
	files := readJar(f, jar)
	lib, err := Convert(files.classes(f, "lib"), corpusPackages[10].options(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(lib.Export)
	user := files.classes(f, "libuser")
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := exp.Parse(raw)
		if err != nil {
			return
		}
		r, err := Convert(user, corpusPackages[11].options(t, e))
		if err != nil {
			return
		}
		if _, err := cap.Open(r.CAP); err != nil {
			t.Fatal(err)
		}
	})
}
