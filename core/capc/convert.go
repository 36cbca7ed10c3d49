package capc

import (
	"bytes"
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/cap/verifier"
	"inkan/core/classfile"
)

// converter is one conversion under way.
type converter struct {
	opt      Options
	name     string // of the package, with slashes
	errors   Errors
	seen     map[Error]bool
	own      []*class // in the order of the Class component: interfaces first
	classes  map[string]*class
	exports  map[string]*exp.File // by package name
	packages map[string]*library
	imports  []*library // in the order of their tokens
	pool     pool
	methods  []*method // in the order of the Method component
	static   staticImage
	file     *cap.File
	stats    Statistics
}

// Convert makes a package of class files, in any order. An error is Errors.
// Spec: SPEC-CAPC-003, SPEC-CAPC-004, SPEC-CAPC-060, SPEC-CAPC-061.
func Convert(classes []*classfile.Class, opt Options) (*Result, error) {
	c := &converter{
		opt: opt, name: strings.ReplaceAll(opt.Package, ".", "/"), seen: map[Error]bool{},
		classes: map[string]*class{}, exports: map[string]*exp.File{}, packages: map[string]*library{},
		pool: pool{byKey: map[constantKey]*constant{}},
	}
	stages := []func(){
		c.checkOptions, func() { c.loadClasses(classes) }, c.checkSubset, c.checkSupers,
		c.assignTokens, c.initStatics, c.translate, c.checkLimits,
	}
	for _, stage := range stages {
		if stage(); c.failed() {
			return nil, c.errors
		}
	}
	c.assemble()
	if !c.failed() {
		c.verify()
	}
	if c.failed() {
		return nil, c.errors
	}
	return c.result()
}

// verify refuses a package that a card's verifier would refuse: that comes of
// class files that no compiler wrote. A package that imports others by export
// files is not looked at, since their code is not known. Spec: SPEC-CAPC-004.
func (c *converter) verify() {
	for _, l := range c.imports {
		if l.exp != nil {
			return
		}
	}
	for _, e := range verifier.Verify(c.file, verifier.Standard()).Findings {
		c.report(where{}, "the class files are not valid: verification finds "+e.Error(), "compile them again")
	}
}

func (c *converter) result() (*Result, error) {
	r := &Result{File: c.file, Components: c.file.Components(), Statistics: c.stats}
	var z bytes.Buffer
	if err := c.file.WriteZIP(&z, c.name); err != nil {
		return nil, fmt.Errorf("capc: %w", err)
	}
	r.CAP = z.Bytes()
	if c.file.Export != nil {
		r.Export = c.exportFile().Append(nil)
	}
	r.Statistics.Constants = len(c.file.Constants)
	for _, k := range r.Components {
		if k.Tag != cap.TagDescriptor {
			r.Statistics.LoadBytes += 3 + len(k.Info)
		}
	}
	return r, nil
}

// checkOptions refuses options that no package can have. Spec: SPEC-CAPC-005.
func (c *converter) checkOptions() {
	aid := func(what string, b []byte) {
		if len(b) < 5 || len(b) > 16 {
			c.report(where{}, fmt.Sprintf("AID of %s has %d bytes", what, len(b)), "give 5 to 16 bytes")
		}
	}
	if c.name == "" {
		c.report(where{}, "no package name", "")
	}
	aid("the package", c.opt.AID)
	used := map[string]bool{}
	for _, a := range c.opt.Applets {
		aid("applet "+a.Class, a.AID)
		if used[string(a.AID)] {
			c.report(where{}, fmt.Sprintf("two applets with AID %X", a.AID), "")
		}
		used[string(a.AID)] = true
		if len(a.AID) >= 5 && len(c.opt.AID) >= 5 && !bytes.Equal(a.AID[:5], c.opt.AID[:5]) {
			c.report(where{}, fmt.Sprintf("AID of applet %s has another RID than the package", a.Class), "begin both with the same five bytes")
		}
	}
	for _, f := range c.opt.Imports {
		c.exports[f.Name(f.ThisIndex)] = f
	}
}
