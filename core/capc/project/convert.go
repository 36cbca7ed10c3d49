package project

import (
	"errors"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/cap/verifier"
	"inkan/core/capc"
	"inkan/core/classfile"
)

// Library is an imported package.
type Library struct {
	Export *exp.File
	CAP    *cap.File // nil: not at hand, and the importing package is not verified
}

// Convert converts the classes of a project that Complete has completed, and
// verifies the package as a card would. verified is false where a library is
// known by its export file only. Errors are capc.Errors, or the verifier's
// findings, which are a fault of the converter.
//
// Spec: SPEC-BUILD-CAP-009, SPEC-BUILD-CAP-012.
func (p *Project) Convert(classes []*classfile.Class, libraries []Library) (r *capc.Result, verified bool, err error) {
	opt := capc.Options{Package: p.Package, AID: p.AID, Version: p.Version, Int: p.Int, API: p.API}
	for _, a := range p.Applets {
		opt.Applets = append(opt.Applets, capc.Applet{AID: a.AID, Class: a.Class})
	}
	var known []*cap.File
	for _, l := range libraries {
		opt.Imports = append(opt.Imports, l.Export)
		if l.CAP != nil {
			known = append(known, l.CAP)
		}
	}
	if r, err = capc.Convert(classes, opt); err != nil {
		return nil, false, err
	}
	if len(known) < len(libraries) {
		return r, false, nil
	}
	if report := verifier.Verify(r.File, verifier.Standard(known...)); report.Err() != nil {
		return nil, false, errors.Join(errors.New("the verifier refuses what the converter made, which is a fault of the converter:"), report.Err())
	}
	return r, true, nil
}
