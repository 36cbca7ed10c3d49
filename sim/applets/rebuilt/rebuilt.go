// Package rebuilt builds an applet's CAP file from its Java source and compares
// it with the one that is checked in, for the tests of the applets' packages.
//
// It must not know any applet. It implements spec/BUILD-CAP.md.
package rebuilt

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/capc/project"
	"inkan/core/classfile"
	"inkan/core/jcapi/stubs"
	"inkan/spec/peer"
)

// Check builds the package whose Java files and cap.json are in the folder src of
// sources, with each JDK of the machine, and compares what comes out with the
// file. Where Bazel runs the test, it compares Bazel's built.cap too. With update
// it writes the file, name, instead.
func Check(t *testing.T, sources fs.FS, name string, file []byte, update bool) {
	for _, javac := range compilers(t) {
		t.Run(version(t, javac), func(t *testing.T) {
			got := build(t, sources, javac)
			if update {
				write(t, name, got)
				return
			}
			compare(t, name, file, got)
		})
	}
	if os.Getenv("TEST_SRCDIR") == "" {
		return
	}
	got, err := os.ReadFile("built.cap")
	if err != nil {
		t.Fatalf("the target :built of the package: %v", err)
	}
	compare(t, name, file, got)
}

func compare(t *testing.T, name string, file, got []byte) {
	t.Helper()
	if !bytes.Equal(got, file) {
		t.Errorf("%s (%d bytes) is not what its sources give (%d bytes): go test -run TestCAP -update", name, len(file), len(got))
	}
}

// compilers are the machine's javac and those of other JDKs beside it.
func compilers(t *testing.T) []string {
	t.Helper()
	list := []string{peer.Need(t, "javac")}
	others, err := filepath.Glob("/usr/lib/jvm/*/bin/javac")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var each []string
	for _, path := range append(list, others...) {
		file, err := filepath.EvalSymlinks(path)
		if err == nil && !seen[file] {
			seen[file] = true
			each = append(each, path)
		}
	}
	return each
}

// version is what a compiler says of itself.
func version(t *testing.T, javac string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), javac, "-version").CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", javac, err, out)
	}
	return strings.TrimSpace(string(out))
}

// build is the CAP file that a compiler and the converter make.
func build(t *testing.T, sources fs.FS, javac string) []byte {
	t.Helper()
	dir := t.TempDir()
	for _, s := range stubs.Sources() {
		write(t, filepath.Join(dir, "api", s.Path), []byte(s.Text))
	}
	classes := filepath.Join(dir, "classes")
	if err := os.Mkdir(classes, 0o755); err != nil {
		t.Fatal(err)
	}
	args := stubs.Arguments(filepath.Join(dir, "api"), "", classes)
	each(t, sources, ".java", func(name string, text []byte) {
		write(t, filepath.Join(dir, name), text)
		args = append(args, filepath.Join(dir, name))
	})
	if out, err := exec.CommandContext(t.Context(), javac, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", javac, err, out)
	}
	return convert(t, sources, os.DirFS(classes))
}

// convert makes the CAP file of class files.
func convert(t *testing.T, sources, classes fs.FS) []byte {
	t.Helper()
	text, err := fs.ReadFile(sources, "src/"+project.FileName)
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var list []*classfile.Class
	each(t, classes, ".class", func(name string, b []byte) {
		c, err := classfile.Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, c)
	})
	if err := p.Complete(list, false); err != nil {
		t.Fatal(err)
	}
	r, verified, err := p.Convert(list, nil)
	if err != nil || !verified {
		t.Fatalf("verified: %v; %v", verified, err)
	}
	return r.CAP
}

// each calls fn for all files with a suffix.
func each(t *testing.T, files fs.FS, suffix string, fn func(name string, b []byte)) {
	t.Helper()
	n := 0
	err := fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, suffix) {
			return err
		}
		b, err := fs.ReadFile(files, name)
		if err == nil {
			n++
			fn(name, b)
		}
		return err
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("no %s files", suffix)
	}
	if err != nil {
		t.Fatal(err)
	}
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
