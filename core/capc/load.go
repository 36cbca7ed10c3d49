package capc

import (
	"fmt"
	"sort"
	"strings"

	"inkan/core/classfile"
)

// loadClasses makes the package's classes, in the order of their files' names.
func (c *converter) loadClasses(files []*classfile.Class) {
	if len(files) == 0 {
		c.report(where{}, "no class files", "")
	}
	sorted := append([]*classfile.Class(nil), files...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Name+".class" < sorted[j].Name+".class" })
	for _, f := range sorted {
		at := where{class: f.Name}
		if pkg, _ := splitName(f.Name); pkg != c.name {
			c.report(at, "the class is not in package "+strings.ReplaceAll(c.name, "/", "."), "convert each package by itself")
			continue
		}
		if c.classes[f.Name] != nil {
			c.report(at, "two class files with this class", "")
			continue
		}
		k := &class{name: f.Name, token: -1, access: f.Access, file: f}
		c.classes[f.Name] = k
		c.own = append(c.own, k)
	}
	if c.failed() {
		return
	}
	for _, k := range c.own {
		c.linkSupers(k)
		c.addMembers(k)
	}
	if c.failed() {
		return
	}
	for _, k := range c.own {
		if circular(k, map[*class]bool{}) {
			c.report(where{class: k.name}, "the class is its own superclass or superinterface", "")
		}
	}
	if !c.failed() {
		c.orderClasses()
	}
}

// circular tells whether a class is among its own supers. above has true for
// what is being looked at, false for what was: each class once, for the paths to
// it can be many more.
func circular(k *class, above map[*class]bool) bool {
	if open, known := above[k]; known {
		return open
	}
	above[k] = true
	for _, s := range append([]*class{k.super}, k.interfaces...) {
		if s != nil && circular(s, above) {
			return true
		}
	}
	above[k] = false
	return false
}

func (c *converter) linkSupers(k *class) {
	at := where{class: k.name}
	if k.file.Super == "" {
		c.report(at, "the class has no superclass", "")
		return
	}
	k.super = c.class(k.file.Super, at)
	if k.super != nil && (k.super.has(classfile.AccInterface) || k.super.has(classfile.AccFinal)) {
		c.report(at, "superclass "+k.super.name+" is final or an interface", "")
	}
	for _, name := range k.file.Interfaces {
		i := c.class(name, at)
		if i == nil {
			continue
		}
		if !i.has(classfile.AccInterface) {
			c.report(at, name+" is no interface", "")
		}
		k.interfaces = append(k.interfaces, i)
	}
}

// addMembers adds fields and methods: final methods first, abstract ones last.
// Spec: SPEC-CAPC-041.
func (c *converter) addMembers(k *class) {
	for i := range k.file.Fields {
		f := &k.file.Fields[i]
		fd := &field{class: k, name: f.Name, desc: f.Descriptor, access: f.Access, token: -1}
		if f.Constant != nil && f.Access&classfile.AccStatic != 0 && f.Constant.Tag == classfile.Integer {
			fd.constant = &f.Constant.Int
		}
		k.fields = append(k.fields, fd)
	}
	rank := func(m *classfile.Method) int {
		switch {
		case m.Access&classfile.AccAbstract != 0:
			return 2
		case m.Access&classfile.AccFinal != 0:
			return 0
		}
		return 1
	}
	for want := 0; want <= 2; want++ {
		for i := range k.file.Methods {
			m := &k.file.Methods[i]
			interfaceMethod := k.has(classfile.AccInterface)
			if rank(m) != want && !interfaceMethod || interfaceMethod && want != 0 {
				continue
			}
			x := &method{class: k, name: m.Name, desc: m.Descriptor, access: m.Access, token: -1, pkgToken: -1, file: m}
			if k.byKey[x.key()] != nil {
				c.report(where{class: k.name, member: x.key()}, "two methods with this name and descriptor", "")
			}
			k.add(x)
		}
	}
}

// orderClasses puts interfaces before classes and what is extended before what
// extends it, by exchanges: that is the order of existing converters.
// Spec: SPEC-CAPC-040.
func (c *converter) orderClasses() {
	list, front := c.own, 0
	for i, k := range list {
		if k.has(classfile.AccInterface) {
			list[front], list[i] = list[i], list[front]
			front++
		}
	}
	position := make(map[*class]int, len(list))
	for i, k := range list {
		position[k] = i
	}
	for i := 0; i < len(list); {
		j := later(list[i], position, i)
		if j < 0 {
			i++
			continue
		}
		list[i], list[j] = list[j], list[i]
		position[list[i]], position[list[j]] = i, j
	}
}

// later is the position of the first super of a class that stands behind it.
func later(k *class, position map[*class]int, i int) int {
	if j, ok := position[k.super]; ok && j > i {
		return j
	}
	for _, s := range k.interfaces {
		if j, ok := position[s]; ok && j > i {
			return j
		}
	}
	return -1
}

// checkSupers refuses what the token scheme cannot express, and uses the
// packages of superclasses. Spec: SPEC-CAPC-033.
func (c *converter) checkSupers() {
	for _, k := range c.own {
		if k.has(classfile.AccInterface) || !k.has(classfile.AccPublic) {
			continue
		}
		for s := k.super; s != nil && s.lib == nil && !s.has(classfile.AccPublic); s = s.super {
			for _, m := range s.methods {
				if m.virtual() && m.has(visible) {
					c.report(where{class: k.name}, fmt.Sprintf("public class with the package-visible superclass %s, which declares the public or protected method %s", s.name, m.key()),
						"make the superclass public or the method package-visible")
				}
			}
		}
	}
}
