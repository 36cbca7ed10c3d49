// Package tree finds the source tree, for tests that read it as a whole: rules
// of imports, of style, of traceability between specs and tests.
//
// It must not know what is looked for. It implements no spec.
//
// Under Bazel a test sees only its declared inputs, and a whole tree can't be
// declared. Such a test therefore reads the workspace itself, and its target
// needs tags = ["external"], which runs it every time instead of caching it.
package tree

import (
	"os"
	"path/filepath"
	"testing"
)

// Root returns the absolute path of the folder that holds go.mod, without
// symbolic links. The test fails where there is none.
func Root(t testing.TB) string {
	t.Helper()
	if runfiles := os.Getenv("TEST_SRCDIR"); runfiles != "" {
		// A runfile is a link, or a chain of links, to the real file.
		link := filepath.Join(runfiles, os.Getenv("TEST_WORKSPACE"), "go.mod")
		file, err := filepath.EvalSymlinks(link)
		if err != nil {
			t.Fatalf("source tree: %v", err)
		}
		return filepath.Dir(file)
	}
	start, err := os.Getwd()
	if err != nil {
		t.Fatalf("source tree: %v", err)
	}
	folder, err := filepath.EvalSymlinks(start)
	if err != nil {
		t.Fatalf("source tree: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatalf("source tree: no go.mod in %s or above", start)
		}
		folder = parent
	}
}
