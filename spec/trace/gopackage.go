package trace

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// testPackage is what the _test.go files of one folder do with requirements.
type testPackage struct {
	folder string
	uses   []use
	funcs  map[string]*scope // top-level functions by name
	named  map[string]bool   // identifiers in bodies and declarations
}

// use is one call of req.Covers or vectors.Load.
type use struct {
	scope  *scope
	file   string
	line   int
	ids    []string // of req.Covers
	load   string   // file name of vectors.Load
	inside bool     // the plain build has the file
}

// readPackage reads the Go files of one folder.
func (t *Tree) readPackage(fsys fs.FS, folder string) error {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return err
	}
	p := &testPackage{folder: folder, funcs: map[string]*scope{}, named: map[string]bool{}}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".go") {
			if err := t.readGo(fsys, p, path.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	for _, u := range p.uses {
		sure := u.inside && p.runs(u.scope.name) && !p.maySkip(u.scope)
		by := path.Join(folder, u.scope.name)
		if folder != "." {
			by = folder + "." + u.scope.name
		}
		for _, id := range u.ids {
			t.Citations = append(t.Citations, Citation{ID: id, File: u.file, Line: u.line, By: by, Sure: sure})
		}
		if u.load != "" {
			t.loaded[u.load] = t.loaded[u.load] || sure
		}
	}
	return nil
}

// readGo reads one Go file: IDs in comments, and the calls in it.
func (t *Tree) readGo(fsys fs.FS, p *testPackage, file string) error {
	source, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.problem(file, 0, "does not parse: "+err.Error())
		return nil
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			t.mention(file, fset.Position(c.Pos()).Line, c.Text, false)
		}
	}
	w := &walker{tree: t, pkg: p, fset: fset, file: file, imports: imports(f), inside: inPlainBuild(fsys, file)}
	w.test = strings.HasSuffix(file, "_test.go")
	for _, imp := range f.Imports {
		if imp.Name != nil && imp.Name.Name == "." && strings.Trim(imp.Path.Value, `"`) == reqPath {
			t.problem(file, fset.Position(imp.Pos()).Line, "dot import of "+reqPath+" hides citations")
		}
	}
	for _, d := range f.Decls {
		w.decl(d)
	}
	return nil
}

// imports maps local package names to import paths.
func imports(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, imp := range f.Imports {
		p := strings.Trim(imp.Path.Value, "\"`")
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		names[name] = p
	}
	return names
}

// inPlainBuild reports whether `go test` on linux/amd64 without cgo and without
// tags compiles the file.
func inPlainBuild(fsys fs.FS, file string) bool {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled, ctx.BuildTags = "linux", "amd64", false, nil
	ctx.OpenFile = func(name string) (io.ReadCloser, error) { return fsys.Open(filepath.ToSlash(name)) }
	ok, err := ctx.MatchFile(path.Dir(file), path.Base(file))
	return ok && err == nil
}
