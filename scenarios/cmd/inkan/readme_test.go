package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/bazel/tree"
	"inkan/spec/peer"
)

// The README's commands for the program run as written; those for Bazel are
// what .ci/run calls, or targets that exist.
func TestReadmeCommands(t *testing.T) {
	root := tree.Root(t)
	t.Chdir(root)
	readme := read(t, root, "README.md")
	program := 0
	for _, line := range commands(readme) {
		switch words := strings.Fields(line); {
		case strings.HasPrefix(line, "go run ./scenarios/cmd/inkan"):
			program++
			t.Run(strings.Join(words[3:], " "), func(t *testing.T) {
				if strings.Contains(line, "/src") {
					peer.Need(t, "javac")
				}
				if code := run(words[3:]); code != 0 {
					t.Errorf("%s: exit code %d", line, code)
				}
			})
		case strings.HasPrefix(line, "./bazelw run "):
			target(t, root, words[2])
		case strings.HasPrefix(line, "./bazelw test "):
			if !strings.Contains(read(t, root, ".ci/run"), "./bazelw test") {
				t.Errorf(".ci/run does not run %q", line)
			}
		case strings.HasPrefix(line, "go run ./"):
			if _, err := os.Stat(filepath.Join(root, words[2])); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, "go test "), strings.HasPrefix(line, "go vet "), line == "bazel/gazelle", strings.HasPrefix(line, "go build "):
			// What they do is what the test run itself does.
		default:
			t.Errorf("README command that nothing checks: %s", line)
		}
	}
	if program == 0 {
		t.Error("the README does not show the program")
	}
}

// commands are the lines of the README's indented blocks, without comments.
func commands(readme string) (lines []string) {
	for line := range strings.Lines(readme) {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			command, _, _ = strings.Cut(command, "  #")
			lines = append(lines, strings.TrimSpace(command))
		}
	}
	return lines
}

// target checks that a label like //bench or //:inkan is declared.
func target(t *testing.T, root, label string) {
	t.Helper()
	folder, name, ok := strings.Cut(strings.TrimPrefix(label, "//"), ":")
	if !ok {
		name = filepath.Base(folder)
	}
	build := read(t, root, filepath.Join(folder, "BUILD.bazel"))
	if !regexp.MustCompile(`name = "` + regexp.QuoteMeta(name) + `"`).MatchString(build) {
		t.Errorf("%s: no such target", label)
	}
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
