package tidy

import (
	"go/ast"
	"go/token"
)

// PackageComments reports packages without a package comment.
func PackageComments(t *Tree) []Problem {
	var problems []Problem
	for _, files := range t.packages() {
		commented, library := false, false
		for _, file := range files {
			commented = commented || file.Syntax.Doc != nil
			library = library || !file.Test
		}
		if library && !commented {
			problems = append(problems, Problem{files[0].Path, 1, "package " + files[0].Syntax.Name.Name +
				" has no package comment: what it is for, what it must not know, which spec"})
		}
	}
	return problems
}

// DocComments reports exported names without a doc comment, outside tests and
// commands. In a group of constants or variables the group's comment will do.
func DocComments(t *Tree) []Problem {
	var problems []Problem
	for _, file := range t.Files {
		if file.Test || file.Syntax.Name.Name == "main" {
			continue
		}
		for _, decl := range file.Syntax.Decls {
			for _, name := range undocumented(decl) {
				problems = append(problems, Problem{file.Path, file.Line(name.Pos()), name.Name + " has no doc comment"})
			}
		}
	}
	return problems
}

func undocumented(decl ast.Decl) []*ast.Ident {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		receiver := receiverName(decl)
		if decl.Doc != nil || !decl.Name.IsExported() || receiver != "" && !ast.IsExported(receiver) || obvious(decl) {
			return nil
		}
		return []*ast.Ident{decl.Name}
	case *ast.GenDecl:
		if decl.Tok == token.IMPORT {
			return nil
		}
		var names []*ast.Ident
		for _, spec := range decl.Specs {
			names = append(names, undocumentedSpec(spec, decl.Doc != nil)...)
		}
		return names
	}
	return nil
}

func undocumentedSpec(spec ast.Spec, group bool) []*ast.Ident {
	var names []*ast.Ident
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Doc == nil && spec.Comment == nil && !group && spec.Name.IsExported() {
			names = append(names, spec.Name)
		}
	case *ast.ValueSpec:
		if spec.Doc != nil || spec.Comment != nil || group {
			return nil
		}
		for _, name := range spec.Names {
			if name.IsExported() {
				names = append(names, name)
			}
		}
	}
	return names
}

// obvious are methods whose meaning their interface in the standard library fixes.
func obvious(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return false
	}
	switch function.Name.Name {
	case "Error", "String", "Unwrap", "Is", "Format", "GoString", "Len", "Less", "Swap":
		return true
	}
	return false
}
