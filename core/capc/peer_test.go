package capc

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"inkan/core/jcapi/stubs"
	"inkan/spec/peer"
)

var update = flag.Bool("update", false, "write the class files of the corpus to testdata")

// compileAll compiles the corpus with the javac that is installed, in one go.
func compileAll(t *testing.T, more ...string) compiled {
	t.Helper()
	api := t.TempDir()
	for _, s := range stubs.Sources() {
		writeFile(t, filepath.Join(api, s.Path), []byte(s.Text))
	}
	root, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]string{} // of the class files, by name in the jar
	var sources []string
	for _, p := range corpusPackages {
		list, err := filepath.Glob(filepath.Join(root, p.name, "src", "*.java"))
		if err != nil || len(list) == 0 {
			t.Fatal(p.name, err)
		}
		sources = append(sources, list...)
		folders[p.name] = filepath.Join("inkan", "corpus", p.name)
	}
	for _, c := range boundaryCases(t) {
		text, err := os.ReadFile(filepath.Join(root, "boundary", "src", c.name+".java"))
		if err != nil {
			t.Fatal(err)
		}
		source := filepath.Join(t.TempDir(), "Case.java")
		writeFile(t, source, text)
		sources = append(sources, source)
		folders["boundary/"+c.name] = filepath.Join("inkan", "corpus", "b", c.name)
	}
	for _, c := range languageCases(t) {
		source := filepath.Join(t.TempDir(), "Case.java")
		writeFile(t, source, []byte(c.text))
		sources = append(sources, source)
		folders["lang/"+c.name] = filepath.Join("inkan", "lang", c.name)
	}
	out := javac(t, api, "", more, sources)
	files := compiled{}
	for name, folder := range folders {
		files[name] = classFiles(t, filepath.Join(out, folder))
	}
	return files
}

func javac(t *testing.T, api, classPath string, more, sources []string) string {
	t.Helper()
	out := t.TempDir()
	args := append(stubs.Arguments(api, classPath, out), more...)
	peer.Run(t, nil, "javac", append(args, sources...)...)
	return out
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func classFiles(t *testing.T, folder string) (list [][]byte) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".class" {
			return err
		}
		raw, err := os.ReadFile(name)
		list = append(list, raw)
		return err
	})
	if err != nil || len(list) == 0 {
		t.Fatal(folder, err)
	}
	return list
}

// What the installed javac makes of the sources gives the golden packages, too,
// with and without names of local variables.
func TestJavac(t *testing.T) {
	files := compileAll(t)
	if *update {
		writeJar(t, jar, files)
	}
	for name, r := range convertCorpus(t, files, unchanged) {
		compareGolden(t, name, r)
	}
	for _, c := range boundaryCases(t) {
		checkBoundary(t, files, c)
	}
	for _, c := range languageCases(t) {
		c.check(t, files)
	}
	for name, r := range convertCorpus(t, compileAll(t, "-g:none"), unchanged) {
		if name != "intops" { // there a variable's name tells that it is an int
			compareGolden(t, name, r)
		}
	}
}
