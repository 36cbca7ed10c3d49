package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// Complete fills in what the classes tell, and checks that the rest is there.
// isLibrary says that no class is an applet to install. Errors say what to do.
//
// Spec: SPEC-BUILD-CAP-005, SPEC-BUILD-CAP-006, SPEC-BUILD-CAP-007, SPEC-BUILD-CAP-008.
func (p *Project) Complete(classes []*classfile.Class, isLibrary bool) error {
	if err := p.name(classes); err != nil {
		return err
	}
	return p.findApplets(classes, isLibrary)
}

// name fills in the package's name from its classes and the version 1.0.
func (p *Project) name(classes []*classfile.Class) error {
	var found []string
	for _, c := range classes {
		if n := packageOf(c.Name); !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	if len(found) > 1 {
		return fmt.Errorf("classes of %d packages: %s; a CAP file has one, give the paths of its classes only", len(found), strings.Join(found, ", "))
	}
	switch {
	case len(found) == 0:
		return errors.New("no classes")
	case found[0] == "":
		return fmt.Errorf("class %s is in no package: give it a package declaration", classes[0].Name)
	case p.Package != "" && p.Package != found[0]:
		return fmt.Errorf("the classes are of package %s, not %s", found[0], p.Package)
	}
	p.Package = found[0]
	if p.Version == (cap.Version{}) {
		p.Version = cap.Version{Major: 1}
	}
	if p.AID == nil {
		return fmt.Errorf("package %s has no AID: give --aid HEX, or \"aid\" in %s", p.Package, FileName)
	}
	return nil
}

// packageOf is the package of a binary class name, with dots.
func packageOf(class string) string {
	slash := strings.LastIndexByte(class, '/')
	return strings.ReplaceAll(class[:max(slash, 0)], "/", ".")
}

// findApplets checks that the applets' classes are there, completes their names,
// and asks for applets where a class could be one.
func (p *Project) findApplets(classes []*classfile.Class, isLibrary bool) error {
	byName := map[string]*classfile.Class{}
	for _, c := range classes {
		byName[strings.ReplaceAll(c.Name, "/", ".")] = c
	}
	var candidates []string
	for _, c := range classes {
		if c.Access&(classfile.AccAbstract|classfile.AccInterface) == 0 && isApplet(c, byName) {
			candidates = append(candidates, strings.TrimPrefix(strings.ReplaceAll(c.Name, "/", "."), p.Package+"."))
		}
	}
	if len(p.Applets) == 0 && len(candidates) > 0 && !isLibrary {
		return fmt.Errorf("no applet is named, but %s extends Applet: give --applet AID=%s, or \"applets\" in %s; or --library if it is not to be installed",
			strings.Join(candidates, ", "), candidates[0], FileName)
	}
	for i := range p.Applets {
		a := &p.Applets[i]
		full := a.Class
		if byName[full] == nil {
			full = p.Package + "." + a.Class
		}
		if byName[full] == nil {
			return fmt.Errorf("applet %X: package %s has no class %s; classes that extend Applet: %s", a.AID, p.Package, a.Class, or(strings.Join(candidates, ", "), "none"))
		}
		a.Class = full
	}
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// isApplet tells whether a class extends Applet, as far as the classes tell.
func isApplet(c *classfile.Class, byName map[string]*classfile.Class) bool {
	for n := 0; c != nil && n <= len(byName); n++ {
		if c.Super == "javacard/framework/Applet" {
			return true
		}
		c = byName[strings.ReplaceAll(c.Super, "/", ".")]
	}
	return false
}
