package tidy

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// Tree is a source tree, read whole.
type Tree struct {
	// Module is the module path of go.mod.
	Module string
	// Requires maps each required module to its version.
	Requires map[string]string
	// Paths are all files, with slashes, from the root; Texts are the text files.
	Paths map[string]bool
	Texts map[string]string
	// Files are the Go files outside testdata, in order of path.
	Files []*File
	// Folders are all folders that hold a file.
	Folders map[string]bool
}

// File is a parsed Go file.
type File struct {
	Path, Folder string
	Text         string
	Syntax       *ast.File
	// Test is set for files that only `go test` compiles.
	Test bool

	positions *token.FileSet
}

// Line returns the line of a position in the file, counted from 1.
func (f *File) Line(pos token.Pos) int { return f.positions.Position(pos).Line }

// Imports returns the import paths of the file.
func (f *File) Imports() []string {
	var paths []string
	for _, spec := range f.Syntax.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "`\""))
	}
	return paths
}

// ImportLine returns the line that imports this path.
func (f *File) ImportLine(importPath string) int {
	for _, spec := range f.Syntax.Imports {
		if strings.Trim(spec.Path.Value, "`\"") == importPath {
			return f.Line(spec.Pos())
		}
	}
	return 1
}

// Problem is one offence against one rule.
type Problem struct {
	Path string
	Line int
	Text string
}

func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Text) }

// Load reads a tree. It leaves out version control, Bazel's links, and what is
// not text. A Go file that does not parse is an error.
func Load(root fs.FS) (*Tree, error) {
	tree := &Tree{Requires: map[string]string{}, Paths: map[string]bool{}, Texts: map[string]string{}, Folders: map[string]bool{}}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone since the folder was listed
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		return tree.add(root, name)
	})
	if err != nil {
		return nil, err
	}
	tree.readModule()
	sort.Slice(tree.Files, func(i, j int) bool { return tree.Files[i].Path < tree.Files[j].Path })
	return tree, nil
}

func (t *Tree) add(root fs.FS, name string) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	t.Folders[path.Dir(name)], t.Paths[name] = true, true
	if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		return nil
	}
	t.Texts[name] = string(text)
	if path.Ext(name) != ".go" || strings.Contains("/"+name, "/testdata/") {
		return nil
	}
	file := &File{Path: name, Folder: path.Dir(name), Text: string(text), positions: token.NewFileSet()}
	file.Test = strings.HasSuffix(name, "_test.go")
	file.Syntax, err = parser.ParseFile(file.positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.Files = append(t.Files, file)
	return nil
}

// readModule takes from go.mod what the checks need: no replace, no exclude.
func (t *Tree) readModule() {
	for _, line := range strings.Split(t.Texts["go.mod"], "\n") {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		switch {
		case len(words) >= 2 && words[0] == "module":
			t.Module = words[1]
		case len(words) >= 2 && strings.Contains(words[0], ".") && strings.HasPrefix(words[1], "v"):
			t.Requires[words[0]] = words[1]
		}
	}
}

// packages returns the Go files by folder.
func (t *Tree) packages() map[string][]*File {
	byFolder := map[string][]*File{}
	for _, file := range t.Files {
		byFolder[file.Folder] = append(byFolder[file.Folder], file)
	}
	return byFolder
}

// inside tells whether a path is a folder or lies in it.
func inside(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
