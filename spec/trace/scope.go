package trace

import (
	"go/ast"
	"strings"
)

// scope is one function or function literal of a test.
type scope struct {
	parent  *scope          // the function around a literal
	name    string          // of the top-level function
	handles map[string]bool // its parameters of a type of package testing
	skips   bool            // it may skip the test that runs it
	calls   []string        // functions of the same package
}

// skip reports whether a selector is Skip, Skipf or SkipNow of a testing
// parameter that is in scope.
func (s *scope) skip(sel *ast.SelectorExpr) bool {
	switch sel.Sel.Name {
	case "Skip", "Skipf", "SkipNow":
	default:
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	for ; ok && s != nil; s = s.parent {
		if s.handles[x.Name] {
			return true
		}
	}
	return false
}

// handles are the names of a function's parameters of type *testing.T,
// *testing.F, *testing.B or testing.TB.
func (w *walker) handles(f *ast.FuncType) map[string]bool {
	names := map[string]bool{}
	for _, field := range f.Params.List {
		typ := field.Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if sel, ok := typ.(*ast.SelectorExpr); ok && w.names(sel, "testing", "T", "F", "B", "TB") {
			for _, n := range field.Names {
				names[n.Name] = true
			}
		}
	}
	return names
}

// runs reports whether a plain test run executes the top-level function: a
// test, a fuzz target with its seeds, or what any of the package's files names.
func (p *testPackage) runs(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || name == declared || p.named[name]
}

// maySkip reports whether what a scope does may be left out of a plain test
// run: the scope, one around it, or a function of the package that one of them
// calls skips.
func (p *testPackage) maySkip(s *scope) bool {
	for ; s != nil; s = s.parent {
		if p.skipper(s, map[*scope]bool{}) {
			return true
		}
	}
	return false
}

func (p *testPackage) skipper(s *scope, seen map[*scope]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if s.skips {
		return true
	}
	for _, name := range s.calls {
		if p.skipper(p.funcs[name], seen) {
			return true
		}
	}
	return false
}
