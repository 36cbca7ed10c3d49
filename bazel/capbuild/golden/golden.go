// Package golden checks that a CAP file in the tree is what its Java source
// gives. Applets of the tree are used as CAP files, so that no JDK is needed to
// use them; this is for the test beside each.
//
// It must not know any applet. It implements spec/BUILD-CAP.md §In Bazel.
package golden

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/bazel/capbuild/javac"
	"inkan/core/cap"
	"inkan/core/capc"
	"inkan/core/capc/project"
	"inkan/spec/peer"
)

// Check builds the folder, which has the sources and their project file, and
// compares the result with the CAP file. The folder is relative to the test's
// own; under Bazel its files have to be among the test's data. path is the folder
// seen from the top of the tree, for the message that says how to write the file
// anew. Without javac the test is skipped.
func Check(t testing.TB, path, folder, capFile string) {
	t.Helper()
	program := peer.Need(t, "javac")
	r := build(t, program, folder)
	have, err := os.ReadFile(capFile)
	if err != nil {
		have = nil
	}
	if bytes.Equal(have, r.CAP) {
		return
	}
	command := "go run ./scenarios/cmd/inkan cap build --out " + filepath.ToSlash(filepath.Join(filepath.Dir(path), capFile)) + " " + path
	t.Errorf("%s is not what its source gives%s; to write it anew, at the top of the tree:\n  %s", capFile, difference(have, r), command)
}

// difference names the components that differ.
func difference(have []byte, r *capc.Result) string {
	f, err := cap.Open(have)
	if err != nil {
		return ": " + err.Error()
	}
	var names []string
	old := map[cap.Tag][]byte{}
	for _, c := range f.Components() {
		old[c.Tag] = c.Info
	}
	for _, c := range r.Components {
		if !bytes.Equal(old[c.Tag], c.Info) {
			names = append(names, c.Tag.String())
		}
	}
	return ": " + strings.Join(names, ", ") + " differ (another version of javac may give other class files)"
}

func build(t testing.TB, program, folder string) *capc.Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, project.FileName))
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	err = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".java") {
			sources = append(sources, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	classes, err := javac.Compile(t.Context(), program, sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Complete(classes, false); err != nil {
		t.Fatal(err)
	}
	r, _, err := p.Convert(classes, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
