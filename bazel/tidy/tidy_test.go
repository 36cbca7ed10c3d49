package tidy

import (
	"os"
	"testing"

	"inkan/bazel/tree"
)

// lengthExceptions are files and functions over the limits: a shrinking list.
var lengthExceptions = map[string]string{
	"sim/vm/run.go:Machine.run": "the interpreter's loop: one switch over the opcodes that decide its speed",
}

// TestTree runs every check on the tree that this file is in.
func TestTree(t *testing.T) {
	whole, err := Load(os.DirFS(tree.Root(t)))
	if err != nil {
		t.Fatal(err)
	}
	if whole.Module != "inkan" || len(whole.Files) == 0 {
		t.Fatalf("module %q with %d Go files is not this tree", whole.Module, len(whole.Files))
	}
	checks := []struct {
		name  string
		check func(*Tree) []Problem
	}{
		{"Format", Format},
		{"Length", func(t *Tree) []Problem { return Length(t, lengthExceptions) }},
		{"PackageNames", PackageNames},
		{"PackageComments", PackageComments},
		{"DocComments", DocComments},
		{"ImportRule", ImportRule},
		{"Purity", Purity},
		{"Words", Words},
		{"Drift", Drift},
		{"BuildVisibility", BuildVisibility},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, problem := range c.check(whole) {
				t.Error(problem)
			}
		})
	}
}
