package verifier

import (
	"fmt"

	"inkan/core/cap"
)

// checkInterfaces compares the classes' implementations with the interfaces.
// Spec: SPEC-VERIFIER-017.
func (v *verifier) checkInterfaces() {
	for i := range v.file.Class.Classes {
		info := &v.file.Class.Classes[i]
		c := v.self.classes[info.Offset]
		for j, implemented := range info.Interfaces {
			v.checkImplementation(c, c.interfaces[j], implemented.Index)
		}
		for _, direct := range c.interfaces {
			for _, super := range direct.interfaces {
				if !c.lists(super) && !c.super.implements(super) {
					v.structure(cap.TagClass, int(info.Offset), c.name+"/interfaces", "superinterface "+super.name, "none")
				}
			}
		}
	}
}

func (c *class) lists(i *class) bool {
	for _, x := range c.interfaces {
		if x == i {
			return true
		}
	}
	return false
}

// checkImplementation compares one implemented interface. Without a Descriptor
// it is the only place that tells how many methods an interface has.
func (v *verifier) checkImplementation(c, i *class, index []byte) {
	path, at := c.name+"/interfaces/"+i.name, int(c.info.Offset)
	if i.pkg != nil && !i.pkg.typed && i.pkg == v.self && i.size == 0 {
		i.size = len(index)
	}
	if len(index) != i.size && (i.pkg == nil || i.pkg.typed || i.pkg == v.self) {
		v.structure(cap.TagClass, at, path, fmt.Sprintf("%d methods", i.size), fmt.Sprint(len(index)))
		return
	}
	for token, virtual := range index {
		m := c.virtual(virtual)
		if m == nil || virtual >= 0x80 {
			v.structure(cap.TagClass, at, path, "a public virtual method", fmt.Sprintf("token %02X", virtual))
			continue
		}
		declared := i.method(byte(token), m.args)
		switch {
		case declared.args != m.args:
			v.structure(cap.TagClass, at, path, fmt.Sprintf("%d words of arguments, as %s", declared.args, declared.name), fmt.Sprintf("%d of %s", m.args, m.name))
		case declared.known && m.known && declared.typed() && m.typed() && !sameTypes(declared, m):
			v.structure(cap.TagClass, at, path, "the type of "+declared.name, m.name)
		case declared.known && m.known && !declared.typed() && m.typed() && !sameKinds(m, declared):
			v.structure(cap.TagClass, at, path, "the kinds of "+declared.name, m.name)
		}
		if !declared.known || !m.known {
			v.group(declared, m)
		}
	}
}

// method is the interface's method with a token. In a package without a
// Descriptor it comes into being when something names it.
func (i *class) method(token byte, args int) *method {
	m := i.public[token]
	if m == nil && i.pkg != nil && !i.pkg.typed {
		m = &method{name: fmt.Sprintf("%s.%d", i.name, token), pkg: i.pkg, class: i, isAbstract: true, args: args}
		i.public[token] = m
	}
	return m
}

// checkExports compares the Export component. Spec: SPEC-VERIFIER-018.
func (v *verifier) checkExports() {
	if v.file.Export == nil {
		return
	}
	for token, e := range v.file.Export.Classes {
		path := fmt.Sprintf("class %d", token)
		if v.self.classes[e.Class] == nil {
			v.structure(cap.TagExport, 0, path, "a class", fmt.Sprintf("%04X", e.Class))
		}
		for _, o := range e.StaticFields {
			if v.self.staticZone(int(o)).room <= 0 {
				v.structure(cap.TagExport, 0, path, "a static field", fmt.Sprintf("%04X", o))
			}
		}
		for _, o := range e.StaticMethods {
			if m := v.self.methods[o]; m == nil || m.class != nil && v.self.isVirtual(m) {
				v.structure(cap.TagExport, 0, path, "a static method or constructor", fmt.Sprintf("%04X", o))
			}
		}
	}
}

// isVirtual tells whether a table of virtual methods has the method.
func (p *pkg) isVirtual(m *method) bool {
	if p.typed {
		return !m.isStatic && !m.isInit && !m.isPrivate
	}
	return m.class != nil
}

// checkMembers compares what applets and static field images refer to.
// Spec: SPEC-VERIFIER-019.
func (v *verifier) checkMembers() {
	for i, a := range v.file.Applets {
		m := v.self.methods[a.InstallMethod]
		if m == nil || v.self.isVirtual(m) || m.args != 3 || m.known && (!m.isStatic || !sameTypes(m, &method{params: []value{bytes_, short, short}})) {
			v.structure(cap.TagApplet, 0, fmt.Sprintf("applet %d/install_method_offset", i), "a static method ([BSB)V", fmt.Sprintf("%04X", a.InstallMethod))
		}
	}
	for i, a := range v.file.StaticField.Arrays {
		size := map[byte]int{cap.InitShort: 2, cap.InitInt: 4}[a.Type]
		if size > 0 && len(a.Values)%size != 0 {
			v.structure(cap.TagStaticField, 0, fmt.Sprintf("array_init %d", i), fmt.Sprintf("a multiple of %d bytes", size), fmt.Sprint(len(a.Values)))
		}
		if a.Type == cap.InitInt && v.file.Header.Flags&cap.FlagInt == 0 {
			v.structure(cap.TagStaticField, 0, fmt.Sprintf("array_init %d", i), "no int without flag 01 of the Header", "int[]")
		}
	}
}
