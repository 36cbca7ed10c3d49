package verifier

import (
	"fmt"

	"inkan/core/cap"
)

// checkHeader compares the Header's flags with the components that are there.
// Spec: SPEC-VERIFIER-009.
func (v *verifier) checkHeader() {
	f := v.file
	for _, c := range []struct {
		flag  byte
		name  string
		there bool
	}{{cap.FlagExport, "Export", f.Export != nil}, {cap.FlagApplet, "Applet", f.Applets != nil}} {
		if stated := f.Header.Flags&c.flag != 0; stated != c.there {
			v.structure(cap.TagHeader, 6, "flags", fmt.Sprintf("flag %02X exactly with the %s component", c.flag, c.name), fmt.Sprintf("%02X", f.Header.Flags))
		}
	}
}

// checkImports finds the imported packages. Spec: SPEC-VERIFIER-010.
func (v *verifier) checkImports() {
	offset := 1
	for _, p := range v.file.Imports {
		found := v.world.find(p)
		switch {
		case found == nil:
			v.structure(cap.TagImport, offset, "package", "a package of the environment", p.String())
		case found.minor() < p.Version.Minor:
			v.structure(cap.TagImport, offset, "package "+found.name, fmt.Sprintf("at most minor version %d", found.minor()), p.Version.String())
		}
		v.self.imports = append(v.self.imports, found)
		offset += 3 + len(p.AID)
	}
}

// loadClasses makes the classes and interfaces of the package. Those that one
// extends or implements stand before it, which excludes cycles.
// Spec: SPEC-VERIFIER-013.
func (v *verifier) loadClasses() {
	for i := range v.file.Class.Interfaces {
		info := &v.file.Class.Interfaces[i]
		c := v.newClass(info.Offset, "interface")
		c.isInterface, c.isAbstract = true, true
		for _, s := range info.Supers {
			v.addInterface(c, s, info.Offset)
		}
		v.self.classes[info.Offset] = c
	}
	for i := range v.file.Class.Classes {
		info := &v.file.Class.Classes[i]
		c := v.newClass(info.Offset, "class")
		c.info = info
		c.super = v.world.classRef(v.self, info.Super)
		switch {
		case c.super == nil:
			v.structure(cap.TagClass, int(info.Offset)+1, "super_class_ref", "a class of an import, or one before this", refName(info.Super))
			c.super = v.world.object
		case c.super.isInterface || c.super.isFinal:
			v.structure(cap.TagClass, int(info.Offset)+1, "super_class_ref", "a class that is not final", c.super.name)
			c.super = v.world.object
		}
		c.depth = c.super.depth + 1
		for _, i := range info.Interfaces {
			v.addInterface(c, i.Interface, info.Offset)
		}
		v.self.classes[info.Offset] = c
	}
}

func (v *verifier) newClass(offset uint16, kind string) *class {
	return v.world.add(&class{
		name: fmt.Sprintf("%s %04X", kind, offset), pkg: v.self,
		public: map[byte]*method{}, visible: map[byte]*method{}, fields: map[byte]field{},
	})
}

func (v *verifier) addInterface(c *class, ref cap.ClassRef, at uint16) {
	i := v.world.classRef(v.self, ref)
	if i == nil || !i.isInterface {
		v.structure(cap.TagClass, int(at), c.name+"/interfaces", "an interface of an import, or one before this", refName(ref))
		return
	}
	c.interfaces = append(c.interfaces, i)
}

func refName(ref cap.ClassRef) string {
	if pkg, class, ok := ref.External(); ok {
		return fmt.Sprintf("package %d, class %d", pkg, class)
	}
	return fmt.Sprintf("%04X", uint16(ref))
}

// checkSpans reads the headers of all methods. With a Descriptor the methods
// fill the Method component without a gap. Spec: SPEC-VERIFIER-014.
func (v *verifier) checkSpans() {
	p := v.self
	p.spans = v.file.MethodSpans()
	at := v.file.Method.CodeStart()
	for i, s := range p.spans {
		h, err := v.file.Method.HeaderAt(s.Offset)
		switch {
		case err != nil:
			v.structure(cap.TagMethod, s.Offset, "method", "a method header", "none")
			continue
		case s.Offset < at || p.typed && s.Offset != at:
			v.structure(cap.TagMethod, s.Offset, "method", fmt.Sprintf("a method at %04X, where the one before ends", at), fmt.Sprintf("%04X", s.Offset))
		case h.Code > s.End || s.End > len(v.file.Method.Info):
			v.structure(cap.TagMethod, s.Offset, "method", fmt.Sprintf("an end up to %04X", len(v.file.Method.Info)), fmt.Sprintf("%04X", s.End))
		case h.Flags&cap.MethodAbstract != 0 && p.typed && h.Code != s.End:
			v.structure(cap.TagMethod, s.Offset, "method", "no bytecode: it is abstract", fmt.Sprintf("%d bytes", s.End-h.Code))
		case int(h.Args)+int(h.MaxLocals) > 256:
			v.structure(cap.TagMethod, s.Offset, "method", "at most 256 locals", fmt.Sprint(int(h.Args)+int(h.MaxLocals)))
		}
		p.methods[uint16(s.Offset)] = &method{
			name: fmt.Sprintf("method %04X", s.Offset), pkg: p, offset: s.Offset, header: h, own: i,
			isAbstract: h.Flags&cap.MethodAbstract != 0, args: int(h.Args), isStatic: true,
		}
		at = s.End
	}
	if p.typed && at != len(v.file.Method.Info) {
		v.structure(cap.TagMethod, at, "method", "a method that the Descriptor describes", fmt.Sprintf("%d bytes", len(v.file.Method.Info)-at))
	}
}

// checkTables fills the classes' tables of virtual methods.
// Spec: SPEC-VERIFIER-015, SPEC-VERIFIER-016.
func (v *verifier) checkTables() {
	for i := range v.file.Class.Classes {
		info := &v.file.Class.Classes[i]
		c := v.self.classes[info.Offset]
		c.size, c.visibleSize = int(info.PublicBase)+len(info.Public), int(info.PackageBase)+len(info.PackageVisible)
		visibleSuper := 0
		if c.super.pkg == c.pkg {
			visibleSuper = c.super.visibleSize
		}
		v.checkTable(c, "public_virtual_method_table", info.PublicBase, info.Public, c.super.size, 0)
		v.checkTable(c, "package_virtual_method_table", info.PackageBase, info.PackageVisible, visibleSuper, 0x80)
		if n := int(info.DeclaredSize); info.ReferenceCount > 0 && int(info.FirstReference)+int(info.ReferenceCount) > n {
			v.structure(cap.TagClass, int(info.Offset)+4, c.name+"/reference_count", fmt.Sprintf("references within %d words", n), fmt.Sprint(int(info.FirstReference)+int(info.ReferenceCount)))
		}
		c.isAbstract = !v.self.typed && c.lacks() != nil
	}
}

// checkTable takes one table. inherited is how many entries the superclass
// has, high the bit that its tokens carry.
func (v *verifier) checkTable(c *class, path string, base byte, table []uint16, inherited int, high byte) {
	path = c.name + "/" + path
	at := int(c.info.Offset)
	if int(base) > inherited || int(base)+len(table) > 128 {
		v.structure(cap.TagClass, at, path, fmt.Sprintf("a base up to %d and an end up to 128", inherited), fmt.Sprintf("%d and %d", base, int(base)+len(table)))
		return
	}
	if int(base)+len(table) < inherited && (c.super.pkg == c.pkg || len(table) > 0 && high != 0) {
		v.structure(cap.TagClass, at, path, fmt.Sprintf("an end that covers the superclass's %d", inherited), fmt.Sprint(int(base)+len(table)))
		return
	}
	for i, offset := range table {
		token := base + byte(i)
		super := c.super.virtual(token | high)
		if high != 0 && c.super.pkg != c.pkg {
			super = nil
		}
		if offset == 0xFFFF {
			if super == nil {
				v.structure(cap.TagClass, at, path, fmt.Sprintf("a method for token %02X", token|high), "FFFF, with nothing to inherit")
			}
			continue
		}
		m := v.self.methods[offset]
		if m == nil || m.args < 1 {
			v.structure(cap.TagClass, at, path, fmt.Sprintf("an instance method for token %02X", token|high), fmt.Sprintf("%04X", offset))
			continue
		}
		m.isStatic = false
		if m.class == nil {
			m.class = c
		} else if !c.extends(m.class) {
			v.structure(cap.TagClass, at, path, "a method of this class or a superclass", m.name)
		}
		if high != 0 {
			c.visible[token] = m
		} else {
			c.public[token] = m
		}
		v.checkOverride(c, path, m, super)
	}
}

// checkOverride compares a method with the one that it stands in for, as far
// as headers tell. Spec: SPEC-VERIFIER-016.
func (v *verifier) checkOverride(c *class, path string, m, super *method) {
	switch {
	case super == nil || super == m:
	case super.isFinal:
		v.structure(cap.TagClass, int(c.info.Offset), path, "no method in place of final "+super.name, m.name)
	case super.args != m.args:
		v.structure(cap.TagClass, int(c.info.Offset), path, fmt.Sprintf("%d words of arguments, as %s", super.args, super.name), fmt.Sprintf("%d of %s", m.args, m.name))
	}
}
