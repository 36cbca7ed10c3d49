package vm

import (
	"fmt"

	"inkan/core/cap"
)

// linkClasses builds the package's interfaces and classes. A superclass or
// superinterface of the package itself must come before its heirs
// (JCVM 3.0.5 §6.9).
func (l *linker) linkClasses() {
	f := &l.p.file.Class
	if n := len(f.Interfaces) + len(f.Classes); n > 255 {
		l.miss("class", fmt.Sprintf("%d classes, of at most 255", n), -1)
		return
	}
	for i := range f.Interfaces {
		k := &f.Interfaces[i]
		c := l.newClass(k.Offset, k.Flags)
		c.isInterface = true
		for _, ref := range k.Supers {
			if s := l.class(ref, -1); s != nil {
				c.addSuper(s)
			}
		}
	}
	for i := range f.Classes {
		l.linkClass(&f.Classes[i])
	}
}

func (l *linker) newClass(offset uint16, flags byte) *Class {
	p := l.p
	c := &Class{pkg: p, offset: offset, id: uint16(p.index)<<8 | uint16(len(p.classes)),
		name: fmt.Sprintf("%X class %04X", p.Info().AID, offset), isShareable: flags&cap.AccShareable != 0, reason: -1}
	p.classes = append(p.classes, c)
	p.byRef[cap.ClassRef(offset)] = c
	return c
}

// addSuper adds a superinterface and all of its own.
func (c *Class) addSuper(s *Class) {
	if !c.implements(s) {
		c.supers = append(c.supers, s)
	}
	for _, t := range s.supers {
		if !c.implements(t) {
			c.supers = append(c.supers, t)
		}
	}
	c.isShareable = c.isShareable || s.isShareable
}

func (l *linker) linkClass(k *cap.ClassInfo) {
	var super *Class
	if k.Super != cap.NoClass {
		if super = l.class(k.Super, -1); super != nil && super.isInterface {
			l.miss("class", super.name+" as a superclass: it is an interface", -1)
			super = nil
		}
	} else {
		l.miss("class", fmt.Sprintf("superclass of the class at %04X", k.Offset), -1)
	}
	c := l.newClass(k.Offset, k.Flags)
	c.inherit(super)
	first, n := int(k.FirstReference), int(k.ReferenceCount)
	if n == 0 {
		first = 0
	}
	if first+n > int(k.DeclaredSize) {
		l.miss("field", fmt.Sprintf("references %d to %d of the class at %04X, which has %d cells", first, first+n-1, k.Offset, k.DeclaredSize), -1)
	}
	c.addCells(int(k.DeclaredSize), first, n)
	l.table(&c.virtual, k, int(k.PublicBase), k.Public)
	l.table(&c.local, k, int(k.PackageBase), k.PackageVisible)
	l.implement(c, k)
}

// table fills a virtual method table. FFFF and 0 keep the inherited method.
func (l *linker) table(table *[]*Method, k *cap.ClassInfo, base int, offsets []uint16) {
	for i, offset := range offsets {
		token := base + i
		if offset == 0xFFFF || offset == 0 {
			if token >= len(*table) {
				setMethod(table, token, nil)
			}
			continue
		}
		method, err := l.p.method(offset)
		if err != nil {
			l.miss("method", fmt.Sprintf("virtual %d of the class at %04X: %v", token, k.Offset, err), -1)
			continue
		}
		if token < len(*table) && (*table)[token] != nil && (*table)[token].args != method.args {
			l.miss("method", fmt.Sprintf("virtual %d of the class at %04X: it takes %d words, what it overrides %d",
				token, k.Offset, method.args, (*table)[token].args), -1)
			continue
		}
		setMethod(table, token, method)
	}
}

// implement builds the interface tables of a class: its own, and those of its
// superclasses with the methods that it overrides.
func (l *linker) implement(c *Class, k *cap.ClassInfo) {
	for _, i := range k.Interfaces {
		iface := l.class(i.Interface, -1)
		if iface == nil {
			continue
		}
		if !iface.isInterface {
			l.miss("class", iface.name+" as an interface: it is a class", -1)
			continue
		}
		t := itab{iface: iface}
		for token, virtual := range i.Index {
			var method *Method
			if int(virtual) < len(c.virtual) {
				method = c.virtual[virtual]
			}
			setMethod(&t.methods, token, method)
		}
		c.itable = append(c.itable, t)
		for _, s := range iface.supers {
			if !c.implements(s) { // named by no entry: nothing to call there
				c.itable = append(c.itable, itab{iface: s})
			}
		}
	}
	if c.super == nil {
		return
	}
	for _, t := range c.super.itable {
		if c.ownItab(t.iface) {
			continue
		}
		inherited := itab{iface: t.iface}
		for _, method := range t.methods {
			inherited.methods = append(inherited.methods, c.overriding(method))
		}
		c.itable = append(c.itable, inherited)
	}
}

func (c *Class) ownItab(iface *Class) bool {
	for i := range c.itable {
		if c.itable[i].iface == iface {
			return true
		}
	}
	return false
}

// overriding is what stands in c's table where its superclass has a method.
func (c *Class) overriding(method *Method) *Method {
	if method == nil {
		return nil
	}
	for token, k := range c.super.virtual {
		if k == method && token < len(c.virtual) {
			return c.virtual[token]
		}
	}
	return method
}
