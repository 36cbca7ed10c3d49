package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/bazel/tree"
	"inkan/scenarios/stories"
	"inkan/spec/req"
)

// The stories are those of spec/USECASES.md, in both directions.
func TestStoryNames(t *testing.T) {
	req.Covers(t, "SPEC-USECASES-001")
	there := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(document(t, "USECASES.md"), -1) {
		there[m[1]] = true
	}
	for _, s := range stories.All() {
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

// Each open question of the plan names stories that there are.
func TestOpenQuestions(t *testing.T) {
	req.Covers(t, "SPEC-OPERATIONS-001")
	_, text, _ := strings.Cut(document(t, "OPERATIONS.md"), "## The open questions")
	text, _, _ = strings.Cut(text, "\n## ")
	questions := strings.Split(text, "\n### ")[1:]
	shown := regexp.MustCompile(`(?s)\*Shown\s+by\*(.*)`)
	if len(questions) < 10 {
		t.Fatalf("%d questions", len(questions))
	}
	named := 0
	for _, q := range questions {
		m := shown.FindStringSubmatch(q)
		if m == nil {
			t.Errorf("a question without a story: %.80s", q)
			continue
		}
		for _, name := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(m[1], -1) {
			named++
			if _, err := stories.Named(name[1]); err != nil {
				t.Error(err)
			}
		}
	}
	if named < 15 {
		t.Errorf("only %d stories are named", named)
	}
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tree.Root(t), "spec", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
