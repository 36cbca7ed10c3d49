package vm

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

func (l *linker) linkConstants() {
	l.p.links = make([]link, len(l.p.file.Constants))
	for i, c := range l.p.file.Constants {
		k := &l.p.links[i]
		k.kind = c.Kind
		switch c.Kind {
		case cap.Classref:
			k.class = l.class(c.Class(), i)
		case cap.InstanceFieldref:
			l.linkField(k, c, i)
		case cap.VirtualMethodref:
			if k.class = l.class(c.Class(), i); k.class != nil {
				l.linkVirtual(k, k.class, c, i)
			}
		case cap.SuperMethodref:
			if class := l.class(c.Class(), i); class != nil {
				if k.class = class.super; k.class != nil {
					l.linkVirtual(k, k.class, c, i)
				} else {
					l.miss("class", "superclass of "+class.name, i)
				}
			}
		case cap.StaticFieldref:
			l.linkStaticField(k, c.Static(), i)
		case cap.StaticMethodref:
			l.linkStaticMethod(k, c.Static(), i)
		}
	}
}

func (l *linker) linkField(k *link, c cap.Constant, i int) {
	if k.class = l.class(c.Class(), i); k.class == nil {
		return
	}
	cell := k.class.firstCell + int(c.Token())
	if cell >= k.class.cells || k.class.api != nil || k.class.isInterface {
		l.miss("field", fmt.Sprintf("%s field %d", k.class.name, c.Token()), i)
		return
	}
	k.cell, k.isRef = uint16(cell), k.class.refs[cell]
}

// linkVirtual finds the method that a class has for a token, which tells how
// many arguments a call takes.
func (l *linker) linkVirtual(k *link, class *Class, c cap.Constant, i int) {
	table := class.virtual
	k.token = c.Token()
	if k.token&0x80 != 0 {
		k.local, k.token, table = true, k.token&0x7F, class.local
	}
	if int(k.token) < len(table) && table[k.token] != nil {
		k.method = table[k.token]
		return
	}
	name := fmt.Sprintf("%s virtual method %d", class.name, c.Token())
	for a := class; a != nil; a = a.super {
		if a.api != nil && !k.local {
			if q := l.apiOf(a); q != nil {
				name = q.memberName(a.api.Token, false, k.token)
			}
			break
		}
	}
	l.miss("method", name, i)
}

// apiOf is an import-like view of the package in ROM that has a class.
func (l *linker) apiOf(c *Class) *importedPackage {
	a := &l.m.api[c.id>>8&^apiPackage]
	return &importedPackage{api: a, info: cap.PackageInfo{AID: a.info.AID, Version: a.info.Version}}
}

func (l *linker) linkStaticField(k *link, ref cap.StaticRef, i int) {
	owner, offset := l.p, int(ref.Offset)
	if ref.External {
		q := l.imported(ref.Package, i)
		if q == nil {
			return
		}
		if q.api != nil {
			l.miss("field", fmt.Sprintf("%s static field %d", q.className(ref.Class), ref.Token), i)
			return
		}
		e := q.loaded.file.Export
		if e == nil || int(ref.Class) >= len(e.Classes) || int(ref.Token) >= len(e.Classes[ref.Class].StaticFields) {
			l.miss("field", fmt.Sprintf("%s static field %d", q.className(ref.Class), ref.Token), i)
			return
		}
		owner, offset = q.loaded, int(e.Classes[ref.Class].StaticFields[ref.Token])
	}
	image := &owner.file.StaticField
	if offset >= int(image.ImageSize) {
		l.miss("field", fmt.Sprintf("static field at %d of an image of %d bytes", offset, image.ImageSize), i)
		return
	}
	k.at, k.room = owner.statics+uint32(offset), image.ImageSize-uint16(offset)
	if refs := 2 * int(image.ReferenceCount); offset < refs {
		k.isRef = offset%2 == 0
		if !k.isRef {
			k.room = 0 // the middle of a reference: no access fits
		}
	}
}

func (l *linker) linkStaticMethod(k *link, ref cap.StaticRef, i int) {
	if !ref.External {
		method, err := l.p.method(ref.Offset)
		if err != nil {
			l.miss("method", fmt.Sprintf("static at %04X of the package itself", ref.Offset), i)
			return
		}
		k.method = method
		return
	}
	q := l.imported(ref.Package, i)
	if q == nil {
		return
	}
	if q.api != nil {
		if c := q.api.classes[ref.Class]; c != nil && c.api.Static[ref.Token] != nil {
			method, err := nativeMethodOf(c.api, c.api.Static[ref.Token], false)
			if err == nil {
				k.method = method
				return
			}
		}
		l.miss("method", q.memberName(ref.Class, true, ref.Token), i)
		return
	}
	if e := q.loaded.file.Export; e != nil && int(ref.Class) < len(e.Classes) && int(ref.Token) < len(e.Classes[ref.Class].StaticMethods) {
		if method, err := q.loaded.method(e.Classes[ref.Class].StaticMethods[ref.Token]); err == nil {
			k.method = method
			return
		}
	}
	l.miss("method", q.memberName(ref.Class, true, ref.Token), i)
}

// checkInterfaceCalls looks for calls of API interface methods that no class in
// ROM implements, so that they fail here and not when they run. The token of an
// interface method stands in the code; RefLocation tells where.
func (l *linker) checkInterfaceCalls() {
	for _, at := range l.p.file.RefLocation.Word {
		at := int(at)
		if at < 2 || at+2 >= len(l.p.code) || jcvm.Opcode(l.p.code[at-2]) != jcvm.OpInvokeinterface {
			continue
		}
		switch jcvm.Opcode(l.p.code[at-1]) { // is the byte before the index itself an opcode with such an operand?
		case jcvm.OpNew, jcvm.OpAnewarray:
			continue
		}
		i := int(l.p.code[at])<<8 | int(l.p.code[at+1])
		if i >= len(l.p.links) || l.p.links[i].kind != cap.Classref || l.p.links[i].class == nil {
			continue
		}
		if c := l.p.links[i].class; c.isInterface && c.api != nil && !l.m.implemented(c, int(l.p.code[at+2])) {
			l.miss("interface method", l.apiOf(c).memberName(c.api.Token, false, l.p.code[at+2]), i)
		}
	}
}

// implemented tells whether some class in ROM implements a method of an API
// interface, or no class in ROM implements the interface at all (applets do).
func (m *Machine) implemented(iface *Class, token int) bool {
	any := false
	for i := range m.api {
		for _, c := range m.api[i].classes {
			if c == nil || c.isInterface {
				continue
			}
			for _, t := range c.itable {
				if t.iface == iface {
					any = true
					if token < len(t.methods) && t.methods[token] != nil {
						return true
					}
				}
			}
		}
	}
	return !any
}
