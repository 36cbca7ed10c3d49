package tree_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/bazel/tree"
)

func TestRootHoldsThisModule(t *testing.T) {
	root := tree.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(text), "\n"); first != "module inkan" {
		t.Errorf("%s: first line of go.mod is %q", root, first)
	}
	// Not a declared input of this test: only the real tree has it.
	if _, err := os.Stat(filepath.Join(root, "WORKSPACE")); err != nil {
		t.Error(err)
	}
}
