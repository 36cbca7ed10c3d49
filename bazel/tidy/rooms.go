package tidy

import (
	"fmt"
	"go/ast"
	"strings"
)

// Room is a top-level folder and who may use it.
type Room struct {
	Name string
	// Users are the rooms that may import it, besides itself; "*" is all.
	Users []string
	// TestSupport is set where only tests may use it.
	TestSupport bool
	// Pure rooms have no clock, randomness, environment or goroutine of their
	// own (spec/decisions/0002-entropy.md).
	Pure bool
}

// Rooms is the import rule: core imports nothing of the project; sim, ca and tsm
// import core and never one another; server is what ca and tsm share; scenarios
// and bench wire everything; spec and bazel serve the tests of all.
var Rooms = []Room{
	{Name: "core", Users: []string{"*"}, Pure: true},
	{Name: "sim", Users: []string{"scenarios", "bench"}, Pure: true},
	{Name: "server", Users: []string{"ca", "tsm", "scenarios", "bench"}},
	{Name: "ca", Users: []string{"scenarios", "bench"}},
	{Name: "tsm", Users: []string{"scenarios", "bench"}},
	{Name: "scenarios", Users: []string{"bench"}},
	{Name: "bench"},
	{Name: "spec", Users: []string{"*"}, TestSupport: true},
	{Name: "bazel", Users: []string{"*"}, TestSupport: true},
}

// roomOf returns the room of a folder or path, nil outside all rooms.
func roomOf(name string) *Room {
	for i := range Rooms {
		if inside(name, Rooms[i].Name) {
			return &Rooms[i]
		}
	}
	return nil
}

func (r *Room) usableBy(user *Room) bool {
	if r == user {
		return true
	}
	for _, name := range r.Users {
		if name == "*" || user != nil && name == user.Name {
			return true
		}
	}
	return false
}

// ImportRule reports imports against Rooms, Go code outside all rooms, and test
// support that is used outside tests.
func ImportRule(t *Tree) []Problem {
	var problems []Problem
	support := testSupport(t)
	for _, file := range t.Files {
		user := roomOf(file.Path)
		if user == nil {
			problems = append(problems, Problem{file.Path, 1, "Go code outside all rooms: see Rooms in bazel/tidy/rooms.go"})
			continue
		}
		for _, imported := range file.Imports() {
			folder, ok := strings.CutPrefix(imported, t.Module+"/")
			if !ok {
				continue
			}
			line := file.ImportLine(imported)
			room := roomOf(folder)
			switch {
			case room == nil || !room.usableBy(user):
				problems = append(problems, Problem{file.Path, line, fmt.Sprintf("%s must not import %s", user.Name, imported)})
			case file.Test || support[file.Folder]:
			case support[folder]:
				problems = append(problems, Problem{file.Path, line, imported + " is test support: only tests may import it"})
			case room.TestSupport && room != user:
				problems = append(problems, Problem{file.Path, line, imported + " is for tests"})
			}
		}
	}
	return problems
}

// testSupport returns the folders whose package only tests may import: those
// that use package testing themselves. (A command may, for benchmarks.)
func testSupport(t *Tree) map[string]bool {
	folders := map[string]bool{}
	for _, file := range t.Files {
		if !file.Test && file.Syntax.Name.Name != "main" {
			for _, imported := range file.Imports() {
				if imported == "testing" {
					folders[file.Folder] = true
				}
			}
		}
	}
	return folders
}

// impureImports are the packages that a pure room does without.
var impureImports = map[string]string{
	"math/rand":    "randomness comes from entropy.Source",
	"math/rand/v2": "randomness comes from entropy.Source",
	"crypto/rand":  "randomness comes from entropy.Source",
	"os":           "files and environment are the caller's",
	"os/exec":      "programs are the caller's",
	"os/signal":    "signals are the caller's",
	"net":          "sockets are in scenarios",
	"net/http":     "sockets are in scenarios",
	"log":          "a model has an Observer, no log",
	"log/slog":     "a model has an Observer, no log",
}

// impureCalls are functions of otherwise harmless packages.
var impureCalls = map[string]map[string]bool{
	"time": {"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
		"Tick": true, "NewTimer": true, "NewTicker": true},
	"fmt": {"Print": true, "Printf": true, "Println": true},
}

// impureAllowed are the exceptions: a folder, and the import that it may have.
var impureAllowed = map[string]string{
	"core/entropy": "crypto/rand", // the System source
}

// Purity reports clocks, ambient randomness, environment, prints and goroutines
// in pure rooms, outside tests.
func Purity(t *Tree) []Problem {
	var problems []Problem
	support := testSupport(t)
	for _, file := range t.Files {
		if room := roomOf(file.Path); room == nil || !room.Pure || file.Test || support[file.Folder] {
			continue
		}
		for _, imported := range file.Imports() {
			if reason, bad := impureImports[imported]; bad && impureAllowed[file.Folder] != imported {
				problems = append(problems, Problem{file.Path, file.ImportLine(imported), "imports " + imported + ": " + reason})
			}
		}
		ast.Inspect(file.Syntax, func(node ast.Node) bool {
			if what := impure(file, node); what != "" {
				problems = append(problems, Problem{file.Path, file.Line(node.Pos()), what})
			}
			return true
		})
	}
	return problems
}

func impure(file *File, node ast.Node) string {
	switch node := node.(type) {
	case *ast.GoStmt:
		return "starts a goroutine"
	case *ast.CallExpr:
		if name, ok := node.Fun.(*ast.Ident); ok && (name.Name == "print" || name.Name == "println") {
			return "prints"
		}
	case *ast.SelectorExpr:
		if pkg, ok := node.X.(*ast.Ident); ok && impureCalls[file.importOf(pkg.Name)][node.Sel.Name] {
			return "uses " + pkg.Name + "." + node.Sel.Name
		}
	}
	return ""
}

// importOf returns the import path that a package name stands for in the file.
func (f *File) importOf(name string) string {
	for _, spec := range f.Syntax.Imports {
		importPath := strings.Trim(spec.Path.Value, "`\"")
		local := importPath[strings.LastIndex(importPath, "/")+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == name {
			return importPath
		}
	}
	return ""
}
