package spec_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"inkan/bazel/tree"
)

var link = regexp.MustCompile(`\]\(([^)#:,\s]+)(?:#[^)]*)?\)`)

// TestIndex: the two index pages name every document of their folder, and no
// link between documents leads nowhere.
func TestIndex(t *testing.T) {
	root := os.DirFS(tree.Root(t))
	for _, folder := range []string{"spec", "spec/decisions"} {
		files, err := fs.Glob(root, folder+"/*.md")
		if err != nil {
			t.Fatal(err)
		}
		index := read(t, root, folder+"/README.md")
		for _, file := range files {
			text := read(t, root, file)
			for _, m := range link.FindAllStringSubmatch(text, -1) {
				if target := path.Join(folder, m[1]); !exists(root, target) {
					t.Errorf("%s: link to %s, which is not there", file, target)
				}
			}
			if name := path.Base(file); name != "README.md" && !strings.Contains(index, "]("+name+")") {
				t.Errorf("%s/README.md: its table lacks %s", folder, name)
			}
		}
	}
}

func read(t *testing.T, root fs.FS, file string) string {
	t.Helper()
	text, err := fs.ReadFile(root, file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exists(root fs.FS, file string) bool {
	_, err := fs.Stat(root, file)
	return err == nil
}
