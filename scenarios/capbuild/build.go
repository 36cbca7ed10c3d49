// Package capbuild makes CAP and export files from Java sources or class files:
// it collects the files, calls javac with the API's declarations, and has the
// converter do the rest.
//
// It must not know how classes become components: core/capc does that. It
// implements spec/BUILD-CAP.md and the sub-command "inkan cap build".
package capbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"inkan/core/cap/exp"
	"inkan/core/capc"
	"inkan/core/capc/project"
	"inkan/core/classfile"
	"inkan/core/jcapi/stubs"
)

// Input is what to build from.
type Input struct {
	Paths     []string        // folders, .java, .class and .jar files, a project file
	Project   project.Project // set fields win over the project file's
	ClassPath []string        // what javac finds other classes in
	Library   bool            // classes that extend Applet are no applets to install
}

// Built is what came out.
type Built struct {
	*capc.Result
	Project  project.Project // complete
	Sources  int             // files that javac compiled
	Verified bool            // else a library is known by its export file only
}

// maxDepth bounds libraries that import libraries as folders.
const maxDepth = 8

// Build builds a package. The error says what to do next; when the converter
// refuses the classes it is capc.Errors.
//
// Spec: SPEC-BUILD-CAP-009.
func Build(ctx context.Context, in Input) (*Built, error) { return build(ctx, in, maxDepth) }

func build(ctx context.Context, in Input, depth int) (*Built, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%s: imports go through more than %d folders", strings.Join(in.Paths, ", "), maxDepth)
	}
	files, err := collect(in.Paths)
	if err != nil {
		return nil, err
	}
	p, err := complete(in.Project, files.project)
	if err != nil {
		return nil, err
	}
	imported, declarations, err := libraries(ctx, p.Imports, depth)
	if err != nil {
		return nil, err
	}
	raw := files.classes
	if len(files.sources) > 0 {
		if raw, err = compile(ctx, files.sources, in.ClassPath, declarations); err != nil {
			return nil, err
		}
	}
	classes, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if err := p.Complete(classes, in.Library); err != nil {
		return nil, err
	}
	r, verified, err := p.Convert(classes, imported)
	if err != nil {
		return nil, err
	}
	return &Built{r, p, len(files.sources), verified}, nil
}

// complete puts the project file under the command line's project. Imports of
// the file are relative to its folder.
//
// Spec: SPEC-BUILD-CAP-003.
func complete(p project.Project, file string) (project.Project, error) {
	if file == "" {
		return p, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return p, err
	}
	base, err := project.Parse(text)
	if err != nil {
		return p, fmt.Errorf("%s: %w", file, err)
	}
	for i, path := range base.Imports {
		if !filepath.IsAbs(path) {
			base.Imports[i] = filepath.Join(filepath.Dir(file), path)
		}
	}
	return p.Over(base), nil
}

// libraries reads the imported packages: export files, or folders that are
// built.
func libraries(ctx context.Context, paths []string, depth int) (imported []project.Library, declarations []stubs.Source, err error) {
	for _, path := range paths {
		l, err := library(ctx, path, depth)
		if err != nil {
			return nil, nil, fmt.Errorf("import %s: %w", path, err)
		}
		sources, err := stubs.Library(l.Export)
		if err != nil {
			return nil, nil, fmt.Errorf("import %s: %w", path, err)
		}
		imported, declarations = append(imported, l), append(declarations, sources...)
	}
	return imported, declarations, nil
}

func library(ctx context.Context, path string, depth int) (l project.Library, err error) {
	var raw []byte
	if info, problem := os.Stat(path); problem == nil && info.IsDir() {
		b, err := build(ctx, Input{Paths: []string{path}}, depth-1)
		if err != nil {
			return l, err
		}
		if len(b.Export) == 0 {
			return l, errors.New("the package exports nothing")
		}
		l.CAP, raw = b.File, b.Export
	} else if raw, err = os.ReadFile(path); err != nil {
		return l, err
	}
	l.Export, err = exp.Parse(raw)
	return l, err
}

func parse(raw []classFile) (classes []*classfile.Class, err error) {
	for _, f := range raw {
		c, err := classfile.Parse(f.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		classes = append(classes, c)
	}
	return classes, nil
}
