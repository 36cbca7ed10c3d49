package verifier

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// world is all classes that a verification meets.
type world struct {
	env       Environment
	classes   []*class // by id
	packages  map[string]*pkg
	api       map[*jcapi.Class]*class
	object    *class
	throwable *class
}

// pkg is a package: one of the platform (api) or one with a CAP file.
type pkg struct {
	name    string
	api     *jcapi.Package
	file    *cap.File
	imports []*pkg            // by package token
	classes map[uint16]*class // of a file: by class reference
	methods map[uint16]*method
	spans   []cap.MethodSpan
	fields  map[uint16]field // static fields by offset, with a Descriptor
	pool    []constant
	typed   bool
}

// field is the type of a field: its word and its letter, a, b, s or i.
type field struct {
	value  value
	letter byte
}

func newWorld(env Environment) *world {
	w := &world{env: env, packages: map[string]*pkg{}, api: map[*jcapi.Class]*class{}}
	w.object = w.apiClass(jcapi.ClassByName("java/lang/Object"))
	w.throwable = w.apiClass(jcapi.ClassByName("java/lang/Throwable"))
	return w
}

func (w *world) newPackage(f *cap.File) *pkg {
	return &pkg{
		name: fmt.Sprintf("%X", f.Header.Package.AID), file: f, typed: f.Descriptor != nil,
		classes: map[uint16]*class{}, methods: map[uint16]*method{}, fields: map[uint16]field{},
	}
}

// find is the package that an import names; nil when there is none. A library
// whose own structure has faults is none. Spec: SPEC-VERIFIER-010.
func (w *world) find(p cap.PackageInfo) *pkg {
	key := fmt.Sprintf("%X.%d", p.AID, p.Version.Major)
	if found, known := w.packages[key]; known {
		return found
	}
	w.packages[key] = nil // a package that imports itself by way of others finds nothing
	if f := w.env.Library(p.AID, p.Version.Major); f != nil {
		w.packages[key] = w.library(f)
	} else if a := w.env.API(p.AID, p.Version.Major); a != nil {
		w.packages[key] = &pkg{name: a.Name, api: a, typed: true}
	}
	return w.packages[key]
}

// library loads a package that others import.
func (w *world) library(f *cap.File) *pkg {
	v := &verifier{world: w, file: f, result: &Result{}, sigs: newSignatures(), work: MaxWork}
	v.self = w.newPackage(f)
	for _, stage := range []func(){v.checkImports, v.loadClasses, v.checkSpans, v.checkTables, v.checkDescriptor, v.checkInterfaces, v.checkExports, v.checkConstants} {
		stage()
		if len(v.result.Findings) > 0 {
			return nil
		}
	}
	if !v.self.typed {
		v.infer()
	}
	return v.self
}

// minor is the minor version of a package.
func (p *pkg) minor() byte {
	if p.api != nil {
		return p.api.Minor
	}
	return p.file.Header.Package.Version.Minor
}

// external is a class of the package by its token; nil when it has none.
func (p *pkg) external(w *world, token byte) *class {
	if p.api != nil {
		if c := p.api.Class(token); c != nil {
			return w.apiClass(c)
		}
		return nil
	}
	if e := p.file.Export; e != nil && int(token) < len(e.Classes) {
		return p.classes[e.Classes[token].Class]
	}
	return nil
}

// classRef resolves a class reference of the package; nil when it names none.
// Spec: SPEC-VERIFIER-011.
func (w *world) classRef(p *pkg, ref cap.ClassRef) *class {
	token, class, external := ref.External()
	if !external {
		return p.classes[uint16(ref)]
	}
	if int(token) >= len(p.imports) || p.imports[token] == nil {
		return nil
	}
	return p.imports[token].external(w, class)
}
