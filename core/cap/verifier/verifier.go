// Package verifier decides whether a CAP file may be executed: whether its
// components agree with each other and with the packages it imports, and
// whether its bytecode keeps to the types of the Java Card virtual machine.
//
// It must not execute anything, and must not know how the machine stores
// objects. It implements spec/VERIFIER.md, after the Java Card Virtual Machine
// Specification 3.0.5 Classic, chapters 6 and 7.
package verifier

import (
	"inkan/core/cap"
)

// Limits of one verification.
const (
	MaxFindings = 100        // findings after which it stops
	MaxWork     = 16_000_000 // steps of the data flow analysis, one a word looked at
	MaxContexts = 256        // ways to be in a subroutine, of one method
)

// Mode says how much was known about the package's own members.
type Mode byte

// Modes.
const (
	// Typed: the Descriptor gives the types of all fields and methods.
	Typed Mode = iota
	// Kinds: there is no Descriptor. Words are shorts, halves of ints or
	// references; signatures are inferred.
	Kinds
)

// String is "typed" or "kinds".
func (m Mode) String() string {
	if m == Kinds {
		return "kinds"
	}
	return "typed"
}

// Result is the outcome of a verification.
type Result struct {
	Mode      Mode
	Methods   int      // whose bytecode was looked at
	Findings  []*Error // why the package is refused; empty: it is accepted
	Truncated bool     // there may be more than MaxFindings
}

// Err is the first finding, or nil.
func (r *Result) Err() error {
	if len(r.Findings) == 0 {
		return nil
	}
	return r.Findings[0]
}

// Verify checks a package against itself and the packages it imports. It ends
// for every input, and never panics. Spec: SPEC-VERIFIER-001, SPEC-VERIFIER-002,
// SPEC-VERIFIER-003.
func Verify(f *cap.File, env Environment) *Result {
	v := &verifier{world: newWorld(env), file: f, result: &Result{}, sigs: newSignatures(), work: MaxWork}
	if f.Descriptor == nil {
		v.result.Mode = Kinds
	}
	v.run()
	return v.result
}

// verifier is one verification under way.
type verifier struct {
	world  *world
	file   *cap.File
	self   *pkg
	result *Result
	sigs   signatures // mode Kinds
	room   room
	work   int
	quiet  bool // hypotheses are tried without findings
	failed bool // a finding was made while quiet
}

// run goes from what is checked without assumptions to what relies on that:
// each stage begins only when the ones before found nothing.
func (v *verifier) run() {
	v.self = v.world.newPackage(v.file)
	stages := []func(){
		v.checkHeader, v.checkImports, v.loadClasses, v.checkSpans, v.checkTables,
		v.checkDescriptor, v.checkInterfaces, v.checkExports, v.checkConstants, v.checkMembers,
		v.checkBytecode,
	}
	for _, stage := range stages {
		stage()
		if len(v.result.Findings) > 0 {
			return
		}
	}
}

// report adds a finding.
func (v *verifier) report(e Error) {
	if v.quiet {
		v.failed = true
		return
	}
	if len(v.result.Findings) >= MaxFindings {
		v.result.Truncated = true
		return
	}
	v.result.Findings = append(v.result.Findings, &e)
}

// structure adds a finding about a component's structure.
func (v *verifier) structure(c cap.Tag, offset int, path, want, got string) {
	v.report(Error{Component: c, Offset: offset, Path: path, Want: want, Got: got})
}
