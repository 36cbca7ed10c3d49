package stubs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkan/spec/peer"
)

// TestJavac compiles all classes with the real compiler.
func TestJavac(t *testing.T) {
	peer.Need(t, "javac")
	dir := t.TempDir()
	args := []string{"--release", "8", "-Xlint:all,-options,-serial,-overrides", "-Werror", "-implicit:none", "-proc:none", "-d", dir}
	for _, s := range Sources() {
		path := filepath.Join(dir, filepath.FromSlash(s.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(s.Text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	list := filepath.Join(dir, "args")
	if err := os.WriteFile(list, []byte(strings.Join(args, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if output := peer.Run(t, nil, "javac", "@"+list); len(output) != 0 {
		t.Errorf("%s", output)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	i := slices.IndexFunc(Sources(), func(s Source) bool { return s.Path == path })
	if i < 0 {
		t.Fatalf("no %s", path)
	}
	return Sources()[i].Text
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}
