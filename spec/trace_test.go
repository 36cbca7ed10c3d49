package spec_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/bazel/tree"
	"inkan/spec/trace"
)

var update = flag.Bool("update", false, "rewrite spec/TRACE.txt")

// TestTrace checks that requirements, tests, vectors, scripts and comments of
// the whole tree fit together, and that TRACE.txt says how.
func TestTrace(t *testing.T) {
	root := tree.Root(t)
	whole, err := trace.Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range whole.Check() {
		t.Error(p)
	}
	file := filepath.Join(root, "spec", "TRACE.txt")
	got := whole.Report()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("spec/TRACE.txt is out of date (- file, + tree); rewrite it with\n\tgo test ./spec -run TestTrace -update\n%s", d)
	}
}
