package vm

import (
	"bytes"
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// LinkError is why a package can't be linked: everything that it needs and
// that is not on the card, and what in it contradicts itself. Spec: SPEC-JCVM-021.
type LinkError struct {
	Package    cap.PackageInfo
	Unresolved []Unresolved
}

// Unresolved is something that a package refers to and that is not there.
type Unresolved struct {
	Kind     string // "package", "class", "method", "field", "interface method"
	Name     string // by name where it is known: "javacard/security/Key.getSize()S", else by tokens
	Constant int    // constant-pool index, or -1
}

// Error lists everything.
func (e *LinkError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s: %d unresolved", e.Package, len(e.Unresolved))
	for i, u := range e.Unresolved {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s %s", sep, u.Kind, u.Name)
	}
	return b.String()
}

// linker resolves the references of a package.
type linker struct {
	m       *Machine
	p       *Package
	imports []importedPackage // by package token
	missing []Unresolved
	seen    map[string]bool
}

// importedPackage is what a package token means: one of the two, or neither
// when it is missing.
type importedPackage struct {
	loaded *Package
	api    *apiPackageOnCard
	info   cap.PackageInfo
}

func (l *linker) miss(kind, name string, constant int) {
	if key := kind + name; !l.seen[key] {
		l.seen[key] = true
		l.missing = append(l.missing, Unresolved{kind, name, constant})
	}
}

// link resolves everything in a package whose file, index and static image's
// address are set.
func (m *Machine) link(p *Package) error {
	l := &linker{m: m, p: p, seen: map[string]bool{}}
	p.code = p.file.Method.Info
	p.methods = map[uint16]*Method{}
	p.byRef = map[cap.ClassRef]*Class{}
	l.linkImports()
	l.linkClasses()
	l.linkConstants()
	l.linkHandlers()
	l.linkApplets()
	l.checkInterfaceCalls()
	if l.missing != nil {
		return &LinkError{p.Info(), l.missing}
	}
	return nil
}

func (l *linker) linkImports() {
	for _, info := range l.p.file.Imports {
		found := importedPackage{info: info}
		reason := "is not on the card"
		if q := l.m.PackageByAID(info.AID); q != nil && q != l.p {
			if why := compatible(q.Info().Version, info.Version); why == "" {
				found.loaded = q
				l.p.imports = append(l.p.imports, q)
			} else {
				reason = why
			}
		}
		for i := range l.m.api {
			if a := &l.m.api[i]; bytes.Equal(a.info.AID, info.AID) && found.api == nil {
				if why := compatible(a.info.Version, info.Version); why == "" {
					found.api = a
				} else {
					reason = why
				}
			}
		}
		if found.loaded == nil && found.api == nil {
			name := info.String()
			if k := jcapi.ByAID(info.AID, info.Version.Major); k != nil {
				name += " (" + k.Name + ")"
			}
			l.miss("package", name+" "+reason, -1)
		}
		l.imports = append(l.imports, found)
	}
}

// compatible tells why a version on the card does not satisfy an import; ""
// when it does (JCVM 3.0.5 §4.5.2).
func compatible(have, want cap.Version) string {
	if have.Major != want.Major || have.Minor < want.Minor {
		return "is on the card as " + have.String()
	}
	return ""
}

// imported finds the package of a token; nil after noting that it is missing.
func (l *linker) imported(token byte, constant int) *importedPackage {
	if int(token) >= len(l.imports) {
		l.miss("package", fmt.Sprintf("token %d, of %d imports", token, len(l.imports)), constant)
		return nil
	}
	q := &l.imports[token]
	if q.loaded == nil && q.api == nil {
		return nil // already in the list
	}
	return q
}

// class resolves a class reference; nil after noting that it is missing.
func (l *linker) class(ref cap.ClassRef, constant int) *Class {
	pkg, token, external := ref.External()
	if !external {
		c := l.p.byRef[ref]
		if c == nil {
			l.miss("class", fmt.Sprintf("at %04X of the package itself", uint16(ref)), constant)
		}
		return c
	}
	q := l.imported(pkg, constant)
	if q == nil {
		return nil
	}
	var c *Class
	if q.api != nil {
		c = q.api.classes[token]
	} else if e := q.loaded.file.Export; e != nil && int(token) < len(e.Classes) {
		c = q.loaded.byRef[cap.ClassRef(e.Classes[token].Class)]
	}
	if c == nil {
		l.miss("class", q.className(token), constant)
	}
	return c
}

// className names a class of an imported package as well as it can.
func (q *importedPackage) className(token byte) string {
	if k := jcapi.ByAID(q.info.AID, q.info.Version.Major); k != nil {
		if c := k.Class(token); c != nil {
			return c.FullName()
		}
	}
	return fmt.Sprintf("%s class %d", q.info, token)
}

// memberName names a method of an imported class as well as it can.
func (q *importedPackage) memberName(class byte, static bool, token byte) string {
	if k := jcapi.ByAID(q.info.AID, q.info.Version.Major); k != nil {
		if c := k.Class(class); c != nil {
			if m := c.Method(static, token); m != nil {
				return c.FullName() + "." + m.Name + m.Descriptor
			}
		}
	}
	kind := "method"
	if static {
		kind = "static method"
	}
	return fmt.Sprintf("%s %s %d", q.className(class), kind, token)
}

func (l *linker) linkApplets() {
	for _, a := range l.p.file.Applets {
		if k, err := l.p.method(a.InstallMethod); err != nil || k.abstract {
			l.miss("method", fmt.Sprintf("install of applet %X at %04X", a.AID, a.InstallMethod), -1)
		}
	}
}

func (l *linker) linkHandlers() {
	for _, h := range l.p.file.Method.Handlers {
		var c *Class
		if h.Catch != 0 {
			if i := int(h.Catch); i < len(l.p.links) && l.p.links[i].kind == cap.Classref {
				c = l.p.links[i].class
			} else {
				l.miss("class", fmt.Sprintf("caught by a handler: constant %d", h.Catch), int(h.Catch))
			}
		}
		l.p.catch = append(l.p.catch, c)
	}
}
