package tidy

import (
	"fmt"
	"go/ast"
	"go/format"
	"path"
	"regexp"
	"strings"
)

// Limits of length, in lines.
const (
	MaxFileLines     = 600
	MaxFunctionLines = 70
)

// Format reports files that gofmt would change.
func Format(t *Tree) []Problem {
	var problems []Problem
	for _, file := range t.Files {
		formatted, err := format.Source([]byte(file.Text))
		if err != nil || string(formatted) != file.Text {
			problems = append(problems, Problem{file.Path, 1, "not formatted: run gofmt -w " + file.Path})
		}
	}
	return problems
}

// Length reports files and functions over the limits. Exceptions are paths, or
// path:function (with the receiver's type before a method's name), mapped to the
// reason; one that is no longer needed is a problem too, so that the list shrinks.
func Length(t *Tree, exceptions map[string]string) []Problem {
	var problems []Problem
	used := map[string]bool{}
	report := func(key, name string, line, lines, limit int, what string) {
		if lines <= limit {
			return
		}
		if _, ok := exceptions[key]; ok {
			used[key] = true
			return
		}
		problems = append(problems, Problem{name, line, fmt.Sprintf("%s has %d lines, over %d", what, lines, limit)})
	}
	for _, name := range sortedKeys(t.Texts) {
		switch path.Ext(name) {
		case ".go", ".java", ".bzl", ".sh":
			report(name, name, 1, strings.Count(t.Texts[name], "\n"), MaxFileLines, "file")
		}
	}
	for _, file := range t.Files {
		for _, decl := range file.Syntax.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok {
				first, last := file.Line(function.Pos()), file.Line(function.End())
				name := functionName(function)
				report(file.Path+":"+name, file.Path, first, last-first+1, MaxFunctionLines, "function "+name)
			}
		}
	}
	for _, key := range sortedKeys(exceptions) {
		if !used[key] {
			problems = append(problems, Problem{key, 1, "is an exception that nothing needs any more"})
		}
	}
	return problems
}

func functionName(function *ast.FuncDecl) string {
	if receiver := receiverName(function); receiver != "" {
		return receiver + "." + function.Name.Name
	}
	return function.Name.Name
}

// receiverName returns the type that a method belongs to, "" for a function.
func receiverName(function *ast.FuncDecl) string {
	if function.Recv == nil || len(function.Recv.List) == 0 {
		return ""
	}
	expr := function.Recv.List[0].Type
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.IndexExpr:
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

// nothingNames are package names that say nothing.
var nothingNames = regexp.MustCompile(`^(util|common|helper|misc)s?$`)

// PackageNames reports packages named for nothing in particular.
func PackageNames(t *Tree) []Problem {
	var problems []Problem
	for folder, files := range t.packages() {
		name := strings.TrimSuffix(files[0].Syntax.Name.Name, "_test")
		if nothingNames.MatchString(name) || nothingNames.MatchString(path.Base(folder)) {
			problems = append(problems, Problem{files[0].Path, 1, "package " + name + ": the name says nothing"})
		}
	}
	return problems
}
