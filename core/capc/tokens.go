package capc

import (
	"fmt"

	"inkan/core/classfile"
)

// assignTokens gives classes, fields and methods their tokens.
// Spec: SPEC-CAPC-042, SPEC-CAPC-043, SPEC-CAPC-044, SPEC-CAPC-045.
func (c *converter) assignTokens() {
	c.classTokens()
	for _, k := range c.own {
		if k.super != nil {
			c.use(k.super.lib)
		}
		if k.has(classfile.AccInterface) {
			interfaceTokens(k)
			continue
		}
		statics := 0
		for _, m := range k.methods {
			if m.name == "<clinit>" {
				continue
			}
			if !m.virtual() && m.has(visible) && !m.has(classfile.AccPrivate) && k.has(classfile.AccPublic) {
				m.token = statics
				statics++
			}
		}
		c.fieldTokens(k)
		c.virtualTokens(k)
	}
}

// classTokens numbers the public classes. An applet package exports shareable
// interfaces only, so those come first there.
func (c *converter) classTokens() {
	next := 0
	number := func(want func(*class) bool) {
		for _, k := range c.own {
			if k.token < 0 && k.has(classfile.AccPublic) && want(k) {
				k.token = next
				next++
			}
		}
	}
	if len(c.opt.Applets) > 0 {
		number(c.exported)
	}
	number(func(*class) bool { return true })
}

// exported tells whether other packages may name a class. Spec: SPEC-CAPC-046.
func (c *converter) exported(k *class) bool {
	if !k.has(classfile.AccPublic) {
		return false
	}
	if len(c.opt.Applets) == 0 || k.has(classfile.AccInterface) && k.shareable() {
		return true
	}
	for _, s := range c.own { // a superinterface of what is exported
		if s != k && s.has(classfile.AccInterface) && s.has(classfile.AccPublic) && s.shareable() && contains(closure(nil, s.interfaces), k) {
			return true
		}
	}
	return false
}

// interfaceMethods are the methods of an interface in the order of their
// tokens: those of its superinterfaces, then its own.
func interfaceMethods(k *class) (list []*method) {
	if k.lib != nil {
		for _, m := range k.methods {
			if !m.has(classfile.AccStatic) && m.token >= 0 && m.token < 128 && m.since <= k.lib.version.Minor {
				for len(list) <= m.token {
					list = append(list, nil)
				}
				list[m.token] = m
			}
		}
		for i, m := range list {
			if m == nil { // no package has a gap
				return list[:i]
			}
		}
		return list
	}
	seen, visited := map[string]bool{}, map[*class]bool{}
	var add func(k *class)
	add = func(k *class) {
		if visited[k] {
			return
		}
		visited[k] = true
		methods := k.methods
		if k.lib != nil {
			methods = interfaceMethods(k)
		} else {
			for _, s := range k.interfaces {
				add(s)
			}
		}
		for _, m := range methods {
			if m.name != "<clinit>" && !seen[m.key()] {
				seen[m.key()] = true
				list = append(list, m)
			}
		}
	}
	add(k)
	return list
}

func interfaceTokens(k *class) {
	for i, m := range interfaceMethods(k) {
		if m.class == k {
			m.token = i
		} else if own := k.find(m.key()); own != nil {
			own.token = i
		}
	}
}

// fieldTokens numbers static fields that others may name, and instance fields:
// visible primitives, visible references, hidden references, hidden primitives.
func (c *converter) fieldTokens(k *class) {
	statics := 0
	var groups [4][]*field
	for _, f := range k.fields {
		if f.has(classfile.AccStatic) {
			if f.constant == nil && f.has(visible) && k.has(classfile.AccPublic) {
				f.token = statics
				statics++
			}
			continue
		}
		g := 0
		switch {
		case isRef(f.desc) && f.has(visible):
			g = 1
		case isRef(f.desc):
			g = 2
		case !f.has(visible):
			g = 3
		}
		groups[g] = append(groups[g], f)
	}
	next := 0
	k.firstRef = -1
	for g, list := range groups {
		for _, f := range list {
			if (g == 1 || g == 2) && k.firstRef < 0 {
				k.firstRef = next
			}
			f.token = next
			next += words(f.desc)
		}
	}
	k.size, k.refs = next, len(groups[1])+len(groups[2])
	if next > 255 {
		c.report(where{class: k.name}, fmt.Sprintf("%d words of instance fields", next), "a class can declare 255: use arrays or a second class")
	}
}

// virtualTokens builds the virtual method tables.
func (c *converter) virtualTokens(k *class) {
	c.mirandas(k)
	c.inheritTables(k)
	k.lowPublic, k.lowPk = -1, -1
	for _, m := range k.methods {
		if !m.virtual() {
			continue
		}
		over := c.overridden(k, m)
		if over != nil && over.has(classfile.AccFinal) {
			c.report(where{class: k.name, member: m.key()}, "the method overrides a final one of "+over.class.name, "")
		}
		c.placePublic(k, m, over)
		c.placePackageVisible(k, m, over)
	}
	if len(k.public) > 128 || len(k.packageVisible) > 128 {
		c.report(where{class: k.name}, "more than 128 virtual methods, inherited ones included", "make some private or static")
	}
	if k.lowPublic < 0 {
		k.lowPublic = len(k.public)
	}
	if k.lowPk < 0 {
		k.lowPk = len(k.packageVisible)
	}
}

// inheritTables starts with the tables of the superclass.
func (c *converter) inheritTables(k *class) {
	s := k.super
	if s.lib == nil {
		k.public = append([]*method(nil), s.public...)
		k.packageVisible = append([]*method(nil), s.packageVisible...)
		return
	}
	n := 0
	for _, m := range s.methods {
		if m.virtual() && m.token < 128 && m.since <= s.lib.version.Minor {
			n = max(n, m.token+1)
		}
	}
	k.public = make([]*method, n)
}

// overridden is the method of a superclass that a method overrides; nil if
// there is none, which is known only when the search has reached the root.
func (c *converter) overridden(k *class, m *method) *method {
	for s := k.super; s != nil; s = s.super {
		c.use(s.lib)
		o := s.find(m.key())
		if o == nil || !o.virtual() {
			continue
		}
		if s.lib != nil && o.since > s.lib.version.Minor || s.lib != nil && !o.has(visible) {
			continue
		}
		return o
	}
	return nil
}

func (c *converter) placePublic(k *class, m *method, over *method) {
	if !m.has(visible) {
		return
	}
	if over != nil && over.token >= 0 && over.has(visible) {
		m.token = over.token
	} else {
		m.token = len(k.public)
		k.public = append(k.public, nil)
	}
	for len(k.public) <= m.token {
		k.public = append(k.public, nil)
	}
	k.public[m.token] = m
	if k.lowPublic < 0 || m.token < k.lowPublic {
		k.lowPublic = m.token
	}
}

// placePackageVisible also serves a public method that overrides a
// package-visible one: it stands in both tables.
func (c *converter) placePackageVisible(k *class, m *method, over *method) {
	switch {
	case over != nil && over.pkgToken >= 0:
		m.pkgToken = over.pkgToken
	case m.has(visible):
		return
	default:
		m.pkgToken = len(k.packageVisible)
		k.packageVisible = append(k.packageVisible, nil)
	}
	k.packageVisible[m.pkgToken] = m
	if k.lowPk < 0 || m.pkgToken < k.lowPk {
		k.lowPk = m.pkgToken
	}
}

// mirandas declares the interface methods that an abstract class leaves to its
// subclasses, so that they have a virtual token. Spec: SPEC-CAPC-047.
func (c *converter) mirandas(k *class) {
	for _, i := range closure(nil, k.interfaces) {
		for _, m := range interfaceMethods(i) {
			if c.implementation(k, m.key()) != nil {
				continue
			}
			if !k.has(classfile.AccAbstract) {
				c.report(where{class: k.name}, fmt.Sprintf("the class does not implement %s of %s", m.key(), i.name), "")
				continue
			}
			k.add(&method{class: k, name: m.name, desc: m.desc, access: classfile.AccPublic | classfile.AccAbstract, token: -1, pkgToken: -1})
		}
	}
}

// implementation is the virtual method that a class has for an interface's.
func (c *converter) implementation(k *class, key string) *method {
	for ; k != nil; k = k.super {
		if m := k.find(key); m != nil && m.virtual() && m.has(classfile.AccPublic) {
			return m
		}
	}
	return nil
}
