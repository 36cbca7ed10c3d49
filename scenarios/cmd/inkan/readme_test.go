package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	if japanese := commands(read(t, root, "README.ja.md")); !slices.Equal(japanese, commands(readme)[:min(len(japanese), len(commands(readme)))]) {
		t.Error("README.ja.md has other commands than README.md, or in another order")
	}
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

// What the READMEs show of the story is what the program prints: go test -run Excerpt
// -update writes it.
func TestReadmeExcerpt(t *testing.T) {
	root := tree.Root(t)
	text, err := output(t, "--seed", "1")
	if err != nil {
		t.Fatal(err)
	}
	printed, _, found := cut(text, "Steps  手順", "\nWhere the time went")
	if !found {
		t.Fatal("the program prints no steps")
	}
	for _, name := range []string{"README.md", "README.ja.md"} {
		readme := read(t, root, name)
		shown, place, found := cut(readme, "Steps  手順", "\n```")
		switch {
		case !found:
			t.Errorf("%s shows no run", name)
		case strings.TrimSpace(shown) == strings.TrimSpace(printed):
		case *update:
			readme = readme[:place] + strings.TrimSpace(printed) + readme[place+len(shown):]
			if err := os.WriteFile(filepath.Join(root, name), []byte(readme), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s shows another run than the program prints", name)
		}
	}
}

var update = flag.Bool("update", false, "write what the READMEs show")

// cut is the part of a text from one mark up to another one, and where it begins.
func cut(text, from, to string) (part string, place int, found bool) {
	if place = strings.Index(text, from); place < 0 {
		return "", 0, false
	}
	end := strings.Index(text[place:], to)
	if end < 0 {
		return "", 0, false
	}
	return text[place : place+end], place, true
}

// Commands that the READMEs show in fences need a folder, a reader or another process:
// they are not run, but there is such a command, with those flags.
func TestReadmeFences(t *testing.T) {
	for _, name := range []string{"README.md", "README.ja.md"} {
		shown := 0
		for _, line := range blocks(read(t, tree.Root(t), name), true) {
			words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), "&"))
			if !strings.HasPrefix(line, "go run ./scenarios/cmd/inkan ") {
				continue
			}
			shown++
			cmd, rest, err := newRoot().Find(words[3:])
			if err == nil && cmd.HasParent() {
				err = cmd.ParseFlags(rest)
			}
			if err != nil || !cmd.HasParent() {
				t.Errorf("%s: %s%v", name, line, err)
			}
		}
		if shown == 0 {
			t.Errorf("%s shows no command in fences", name)
		}
	}
}

// commands are the lines of the README's indented blocks, without comments.
func commands(readme string) (lines []string) {
	for _, line := range blocks(readme, false) {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			command, _, _ = strings.Cut(command, "  #")
			lines = append(lines, strings.TrimSpace(command))
		}
	}
	return lines
}

// blocks are the lines between fences, or those outside of them.
func blocks(readme string, inside bool) (lines []string) {
	within := false
	for line := range strings.Lines(readme) {
		if strings.HasPrefix(line, "```") {
			within = !within
		} else if within == inside {
			lines = append(lines, line)
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
