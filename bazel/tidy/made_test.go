package tidy

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// made is a small tree made up for a test: path to content.
type made map[string]string

// with returns a copy with other files added or replaced.
func (m made) with(files made) made {
	all := made{}
	for _, source := range []made{m, files} {
		for name, text := range source {
			all[name] = text
		}
	}
	return all
}

func (m made) load(t *testing.T) *Tree {
	t.Helper()
	disk := fstest.MapFS{"go.mod": {Data: []byte("module inkan\n\nrequire (\n\tpgregory.net/rapid v1.3.0\n" +
		"\tgithub.com/cockroachdb/pebble/v2 v2.1.7\n)\n")}}
	for name, text := range m {
		disk[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := Load(disk)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// reports checks that a check finds exactly these problems in a made tree.
func (m made) reports(t *testing.T, check func(*Tree) []Problem, want ...string) {
	t.Helper()
	var got []string
	for _, problem := range check(m.load(t)) {
		got = append(got, problem.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestLoadLeavesOut(t *testing.T) {
	tree := made{
		".git/config":               "x",
		"core/a.go":                 "package core\n",
		"core/testdata/broken/a.go": "this is not Go",
		"core/testdata/card.bin":    "\x00\x01",
	}.load(t)
	if len(tree.Files) != 1 || tree.Files[0].Path != "core/a.go" {
		t.Errorf("Go files: %v", tree.Files)
	}
	want := []string{"core/a.go", "core/testdata/broken/a.go", "go.mod"}
	if diff := cmp.Diff(want, sortedKeys(tree.Texts)); diff != "" {
		t.Error(diff)
	}
	if _, err := Load(fstest.MapFS{"core/a.go": {Data: []byte("package")}}); err == nil {
		t.Error("a broken Go file is no error")
	}
}
