package stories

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"inkan/bazel/tree"
	"inkan/spec/req"
)

// The stories are those of spec/USECASES.md, in both directions.
func TestNames(t *testing.T) {
	req.Covers(t, "SPEC-USECASES-001")
	text, err := os.ReadFile(filepath.Join(tree.Root(t), "spec", "USECASES.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllSubmatch(text, -1) {
		there[string(m[1])] = true
	}
	for _, s := range All() {
		if !there[s.Name] {
			t.Errorf("spec/USECASES.md has no %q", s.Name)
		}
		if s.Title == "" || s.TitleJA == "" || s.Summary.English == "" || s.Summary.Japanese == "" {
			t.Errorf("%s lacks a title or summary", s.Name)
		}
		delete(there, s.Name)
	}
	for name := range there {
		t.Errorf("there is no story %q", name)
	}
}
