package capc

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/classfile"
)

const (
	corpus = "../../spec/corpus"
	jar    = "testdata/corpus.jar" // class files of the corpus, by javac of JDK 17
)

// corpusPackage is a package of the corpus. They stand in the order of their
// numbers, so that what is imported comes first.
type corpusPackage struct {
	name    string
	applets []string
}

var corpusPackages = []corpusPackage{
	{"arith", []string{"ArithApplet"}}, {"flow", []string{"FlowApplet"}}, {"arrays", []string{"ArraysApplet"}},
	{"fields", []string{"FieldsApplet"}}, {"methods", []string{"MethodsApplet"}}, {"except", []string{"ExceptApplet"}},
	{"objects", []string{"ObjectsApplet"}}, {"intops", []string{"IntApplet"}}, {"trans", []string{"TransApplet"}},
	{"transients", []string{"TransientsApplet"}}, {"lib", nil}, {"libuser", []string{"UserApplet"}},
	{"server", []string{"ServerApplet"}}, {"client", []string{"ClientApplet"}}, {"pin", []string{"PinApplet"}},
	{"io", []string{"IoApplet"}}, {"wide", []string{"WideApplet"}}, {"multi", []string{"AlphaApplet", "BetaApplet"}},
}

// options are those that the golden packages were made with.
func (p corpusPackage) options(t testing.TB, imports ...*exp.File) Options {
	t.Helper()
	for i, q := range corpusPackages {
		if q.name != p.name {
			continue
		}
		aid := []byte{0xF0, 'i', 'n', 'k', 'a', 'n', 'C', byte(i + 1)}
		o := Options{Package: "inkan.corpus." + p.name, AID: aid, Version: cap.Version{Major: 1}, Int: p.name == "intops", Imports: imports}
		for j, a := range p.applets {
			o.Applets = append(o.Applets, Applet{append(append([]byte(nil), aid...), byte(j+1)), a})
		}
		return o
	}
	t.Fatal(p.name)
	return Options{}
}

// compiled are class files by package, "arith" or "boundary/add_cast".
type compiled map[string][][]byte

// readJar reads the class files of an archive whose folders are packages.
func readJar(t testing.TB, name string) compiled {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := compiled{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Dir(f.Name)] = append(files[path.Dir(f.Name)], b)
	}
	return files
}

// writeJar writes what readJar reads; the same content gives the same bytes.
func writeJar(t testing.TB, name string, files compiled) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	folders := make([]string, 0, len(files))
	for f := range files {
		folders = append(folders, f)
	}
	sort.Strings(folders)
	for _, folder := range folders {
		for _, raw := range files[folder] {
			c, err := classfile.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			w, err := z.CreateHeader(&zip.FileHeader{Name: folder + "/" + path.Base(c.Name) + ".class", Method: zip.Deflate})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// classes parses the class files of a package.
func (c compiled) classes(t testing.TB, name string) (list []*classfile.Class) {
	t.Helper()
	if len(c[name]) == 0 {
		t.Fatalf("no class files of %s", name)
	}
	for _, raw := range c[name] {
		k, err := classfile.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, k)
	}
	return list
}

// convertCorpus converts all packages of the corpus.
func convertCorpus(t testing.TB, files compiled, adapt func([]*classfile.Class)) map[string]*Result {
	t.Helper()
	results := map[string]*Result{}
	var exports []*exp.File
	for _, p := range corpusPackages {
		classes := files.classes(t, p.name)
		adapt(classes)
		r, err := Convert(classes, p.options(t, exports...))
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if r.Export != nil {
			f, err := exp.Parse(r.Export)
			if err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			exports = append(exports, f)
		}
		results[p.name] = r
	}
	return results
}

// compareGolden compares components with those of another converter.
func compareGolden(t *testing.T, name string, r *Result) {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("%s/%s/%s-305.cap", corpus, name, name))
	if err != nil {
		t.Fatal(err)
	}
	golden, err := cap.Split(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(golden) != len(r.Components) {
		t.Errorf("%s: %d components, want %d", name, len(r.Components), len(golden))
	}
	for _, want := range golden {
		for _, got := range r.Components {
			if got.Tag == want.Tag && !bytes.Equal(got.Info, want.Info) {
				t.Errorf("%s: component %s is\n%x, want\n%x", name, want.Tag, got.Info, want.Info)
			}
		}
	}
}

// boundaryCase is a line of the list of one-method cases.
type boundaryCase struct {
	name, verdict       string
	method, staticField []byte
	aid                 []byte
}

func boundaryCases(t testing.TB) (list []boundaryCase) {
	t.Helper()
	raw, err := os.ReadFile(corpus + "/boundary/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		c := boundaryCase{aid: []byte{0xF0, 'i', 'n', 'k', 'a', 'n', 'B', byte(i + 1)}}
		for j, word := range strings.Fields(line) {
			key, value, _ := strings.Cut(word, "=")
			switch {
			case j == 0:
				c.name = word
			case key == "305":
				c.verdict = value
			case key == "Method":
				c.method, err = hex.DecodeString(value)
			case key == "StaticField":
				c.staticField, err = hex.DecodeString(value)
			}
		}
		if err != nil || c.verdict == "" {
			t.Fatalf("line %d: %v", i+1, err)
		}
		list = append(list, c)
	}
	return list
}

// checkBoundary converts a case and compares verdict, line and bytes.
func checkBoundary(t *testing.T, files compiled, c boundaryCase) {
	t.Helper()
	r, err := Convert(files.classes(t, "boundary/"+c.name), Options{Package: "inkan.corpus.b." + c.name, AID: c.aid, Version: cap.Version{Major: 1}})
	if err != nil {
		if verdict := err.(Errors).verdict(c.verdict); verdict != c.verdict {
			t.Errorf("%s: %s, want %s: %v", c.name, verdict, c.verdict, err)
		}
		return
	}
	if c.verdict != "ok" {
		t.Errorf("%s: converted, want %s", c.name, c.verdict)
		return
	}
	for _, k := range r.Components {
		if k.Tag == cap.TagMethod && !bytes.Equal(k.Append(nil), c.method) || k.Tag == cap.TagStaticField && !bytes.Equal(k.Append(nil), c.staticField) {
			t.Errorf("%s: component %s is %x, want %x and %x", c.name, k.Tag, k.Append(nil), c.method, c.staticField)
		}
	}
}

// verdict is the errors in the words of the list, with the line of the first
// one if the wanted verdict has a line.
func (e Errors) verdict(want string) string {
	if strings.Contains(want, ":line") {
		return fmt.Sprintf("refused:line%d", e[0].Line)
	}
	return "refused"
}
