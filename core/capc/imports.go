package capc

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/classfile"
	"inkan/core/jcapi"
)

// library is an imported package.
type library struct {
	name    string
	aid     []byte
	version cap.Version
	api     *jcapi.Package
	exp     *exp.File
	token   int // in the Import component; -1: not used yet
}

// splitName splits a class name into package and rest.
func splitName(name string) (pkg, rest string) {
	i := strings.LastIndexByte(name, '/')
	return name[:max(i, 0)], name[i+1:]
}

// library finds an importable package; nil if there is none.
func (c *converter) library(name string) *library {
	if l, ok := c.packages[name]; ok {
		return l
	}
	var l *library
	if f := c.exports[name]; f != nil {
		p := f.Constants[f.ThisIndex]
		l = &library{name: name, aid: p.AID, version: p.Version, exp: f, token: -1}
	} else if p := newest(name); p != nil {
		l = &library{name: name, aid: p.AID, version: cap.Version{Major: p.Major, Minor: c.minor(p)}, api: p, token: -1}
	}
	c.packages[name] = l
	return l
}

// newest is the highest major version of an API package; nil if there is none.
func newest(name string) (p *jcapi.Package) {
	for _, x := range jcapi.Packages() {
		if x.Name == name && (p == nil || x.Major > p.Major) {
			p = x
		}
	}
	return p
}

// DefaultMinor is the minor version that a converted package imports of an API
// package unless Options say another: that of Java Card 3.0.5 and
// GlobalPlatform 2.3 where the package has newer ones, else the newest.
func DefaultMinor(p *jcapi.Package) byte {
	if m, ok := minors305[p.Name]; ok {
		return m
	}
	return p.Minor
}

// minor is the minor version to import. Spec: SPEC-CAPC-030.
func (c *converter) minor(p *jcapi.Package) byte {
	m, ok := c.opt.API[p.Name]
	if !ok {
		return DefaultMinor(p)
	}
	if m > p.Minor {
		c.report(where{}, fmt.Sprintf("%s %d.%d is not known", p.Name, p.Major, m), fmt.Sprintf("import at most %d.%d", p.Major, p.Minor))
	}
	return m
}

// use gives a package its token. The order of use is the order of the Import
// component. Spec: SPEC-CAPC-031.
func (c *converter) use(l *library) {
	if l != nil && l.token < 0 {
		l.token = len(c.imports)
		c.imports = append(c.imports, l)
	}
}

// class finds a class by name, or reports why it cannot be used.
func (c *converter) class(name string, at where) *class {
	if k := c.classes[name]; k != nil {
		return k
	}
	pkg, rest := splitName(name)
	if pkg == c.name {
		c.report(at, "class "+name+" is not among the class files", "")
		return nil
	}
	l := c.library(pkg)
	if l == nil {
		advice := "give the export file of its package"
		if strings.HasPrefix(name, "java/") {
			advice = "use only what the Java Card API has"
		}
		c.report(at, "class "+name+" is of a package that is not known", advice)
		return nil
	}
	var k *class
	if l.api != nil {
		k = c.apiClass(l, rest, at)
	} else {
		k = c.exportedClass(l, name, at)
	}
	return k
}

// apiClass makes a class of jcapi's. Spec: SPEC-CAPC-032.
func (c *converter) apiClass(l *library, rest string, at where) *class {
	a := l.api.ClassNamed(rest)
	if a == nil {
		c.report(at, fmt.Sprintf("class %s/%s is not in the API", l.name, rest), "use only what the Java Card API has")
		return nil
	}
	if a.Since > l.version.Minor {
		c.tooNew(at, "class "+a.FullName(), l, a.Since)
		return nil
	}
	k := &class{name: a.FullName(), lib: l, token: int(a.Token), access: accessOf(a.Access)}
	c.classes[k.name] = k
	if a.Super != "" {
		k.super = c.class(a.Super, at)
	}
	for _, i := range a.Interfaces {
		if !c.known(i) {
			continue // the class has it only since a later version
		}
		if x := c.class(i, at); x != nil {
			k.interfaces = append(k.interfaces, x)
		}
	}
	for i := range a.Methods {
		m := &a.Methods[i]
		k.add(&method{class: k, name: m.Name, desc: m.Descriptor, access: accessOf(m.Access), token: int(m.Token), pkgToken: -1, since: m.Since})
	}
	for i := range a.StaticFields {
		f := &a.StaticFields[i]
		k.fields = append(k.fields, &field{class: k, name: f.Name, desc: f.Descriptor, access: accessOf(f.Access), token: int(f.Token), since: f.Since})
	}
	for i := range a.Constants {
		f := &a.Constants[i]
		k.fields = append(k.fields, &field{class: k, name: f.Name, desc: f.Descriptor, access: classfile.AccPublic | classfile.AccStatic | classfile.AccFinal, token: -1, since: f.Since, constant: &f.Value})
	}
	return k
}

// known tells whether an API class is there in the imported version.
func (c *converter) known(name string) bool {
	pkg, rest := splitName(name)
	l := c.library(pkg)
	if l == nil || l.api == nil {
		return l != nil
	}
	a := l.api.ClassNamed(rest)
	return a != nil && a.Since <= l.version.Minor
}

func (c *converter) tooNew(at where, what string, l *library, since byte) {
	c.report(at, fmt.Sprintf("%s is in %s only since %d.%d", what, l.name, l.version.Major, since),
		fmt.Sprintf("the package is to import %s: raise that, or do without", l.version))
}

func accessOf(a jcapi.Access) (flags uint16) {
	for _, f := range []struct {
		from jcapi.Access
		to   uint16
	}{
		{jcapi.Public, classfile.AccPublic}, {jcapi.Protected, classfile.AccProtected}, {jcapi.Static, classfile.AccStatic},
		{jcapi.Final, classfile.AccFinal}, {jcapi.Abstract, classfile.AccAbstract}, {jcapi.Interface, classfile.AccInterface},
	} {
		if a&f.from != 0 {
			flags |= f.to
		}
	}
	return flags
}

// exportedClass makes a class of an export file's. Spec: SPEC-CAPC-034.
func (c *converter) exportedClass(l *library, name string, at where) *class {
	f := l.exp
	for i := range f.Classes {
		x := &f.Classes[i]
		if f.Name(x.NameIndex) != name {
			continue
		}
		k := &class{name: name, lib: l, token: int(x.Token), access: x.AccessFlags & 0x07FF}
		c.classes[name] = k
		if c.exportedSupers(k, f, x, at); circular(k, map[*class]bool{}) {
			c.badExport(at, l, name)
			k.super, k.interfaces = nil, nil
		}
		for j := range x.Fields {
			y := &x.Fields[j]
			fd := &field{class: k, name: f.Name(y.NameIndex), desc: f.Name(y.DescriptorIndex), access: y.AccessFlags & 0xFF, token: int(y.Token)}
			if v, ok := f.ConstantValue(y); ok {
				fd.constant = &v
			}
			if params, _, ok := classfile.Signature("(" + fd.desc + ")V"); !ok || len(params) != 1 {
				c.badExport(at, l, name+"."+fd.name)
				continue
			}
			k.fields = append(k.fields, fd)
		}
		for _, m := range x.Methods {
			if _, _, ok := classfile.Signature(f.Name(m.DescriptorIndex)); !ok || m.Token > 127 && m.AccessFlags&classfile.AccStatic == 0 {
				c.badExport(at, l, name+"."+f.Name(m.NameIndex))
				continue
			}
			k.add(&method{class: k, name: f.Name(m.NameIndex), desc: f.Name(m.DescriptorIndex), access: m.AccessFlags & 0x0FFF, token: int(m.Token), pkgToken: -1})
		}
		if k.has(classfile.AccInterface) && len(interfaceMethods(k)) < len(k.methods) {
			c.badExport(at, l, name)
		}
		return k
	}
	c.report(at, fmt.Sprintf("class %s is not in the export file of %s", name, l.name), "a package exports public classes only, an applet package shareable interfaces only")
	return nil
}

// badExport reports a class or member of an export file that makes no sense.
func (c *converter) badExport(at where, l *library, what string) {
	c.report(at, fmt.Sprintf("the export file of %s is not valid at %s", l.name, what), "make it again")
}

// exportedSupers sets the superclass and the interfaces. An export file lists
// all superclasses, in no order that is prescribed: the direct one is that
// which is no superclass of another.
func (c *converter) exportedSupers(k *class, f *exp.File, x *exp.Class, at where) {
	var supers []*class
	for _, i := range x.Supers {
		if s := c.class(f.Name(i), at); s != nil && s != k {
			supers = append(supers, s)
		}
	}
	for _, s := range supers {
		if k.super == nil || depth(s) > depth(k.super) {
			k.super = s
		}
	}
	for _, i := range x.Interfaces {
		if s := c.class(f.Name(i), at); s != nil && s != k {
			k.interfaces = append(k.interfaces, s)
		}
	}
}

// depth counts superclasses.
func depth(k *class) (n int) {
	for ; k != nil && n < 256; k = k.super {
		n++
	}
	return n
}
