package trace

import (
	"go/ast"
	"go/token"
	"strconv"
)

const (
	reqPath     = "inkan/spec/req"
	vectorsPath = "inkan/spec/vectors"
	peerPath    = "inkan/spec/peer"
)

// declared stands for a function's name where a declaration holds a function
// literal.
const declared = "init"

// walker walks one Go file and collects its uses.
type walker struct {
	tree    *Tree
	pkg     *testPackage
	fset    *token.FileSet
	file    string
	imports map[string]string
	inside  bool // the plain build has the file
	test    bool // the file is a _test.go file
	called  ast.Expr
}

func (w *walker) decl(d ast.Decl) {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		w.walk(d, &scope{name: declared})
		return
	}
	s := &scope{name: f.Name.Name, handles: w.handles(f.Type)}
	if f.Recv == nil && w.test {
		w.pkg.funcs[f.Name.Name] = s
	}
	if f.Body != nil {
		w.walk(f.Body, s)
	}
}

func (w *walker) walk(n ast.Node, s *scope) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			w.walk(n.Body, &scope{parent: s, name: s.name, handles: w.handles(n.Type)})
			return false
		case *ast.CallExpr:
			w.call(n, s)
		case *ast.Ident:
			w.pkg.named[n.Name] = true
		case *ast.SelectorExpr:
			if w.names(n, reqPath, "Covers") && w.called != n {
				w.problem(n, "non-literal use of req.Covers: call it directly")
			}
		}
		return true
	})
}

// call looks at one call. Inspect visits the called expression right after it.
func (w *walker) call(c *ast.CallExpr, s *scope) {
	fun := c.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		s.calls = append(s.calls, fun.Name)
	case *ast.SelectorExpr:
		switch {
		case w.names(fun, reqPath, "Covers"):
			w.called = fun
			w.covers(c, s)
		case w.names(fun, vectorsPath, "Load"):
			w.load(c, s)
		case w.names(fun, peerPath, "Need", "Run", "Try"), s.skip(fun):
			s.skips = true
		}
	}
}

func (w *walker) covers(c *ast.CallExpr, s *scope) {
	if !w.test {
		w.problem(c, "req.Covers outside a _test.go file does not count")
		return
	}
	u := use{scope: s, file: w.file, line: w.line(c), inside: w.inside}
	for i, arg := range c.Args {
		if i == 0 {
			continue
		}
		id, ok := literal(arg)
		if !ok {
			w.problem(arg, "non-literal argument to req.Covers")
			continue
		}
		u.ids = append(u.ids, id)
	}
	w.pkg.uses = append(w.pkg.uses, u)
}

func (w *walker) load(c *ast.CallExpr, s *scope) {
	if len(c.Args) != 2 || !w.test {
		return
	}
	name, ok := literal(c.Args[1])
	if !ok {
		w.problem(c.Args[1], "non-literal file name in vectors.Load")
		return
	}
	w.pkg.uses = append(w.pkg.uses, use{scope: s, file: w.file, line: w.line(c), load: name, inside: w.inside})
}

// names reports whether a selector is one of the functions of a package.
func (w *walker) names(sel *ast.SelectorExpr, pkg string, funcs ...string) bool {
	x, ok := sel.X.(*ast.Ident)
	if !ok || w.imports[x.Name] != pkg {
		return false
	}
	for _, f := range funcs {
		if sel.Sel.Name == f {
			return true
		}
	}
	return false
}

func (w *walker) line(n ast.Node) int { return w.fset.Position(n.Pos()).Line }

func (w *walker) problem(n ast.Node, text string) { w.tree.problem(w.file, w.line(n), text) }

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
