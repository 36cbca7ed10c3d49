package capc

import (
	"sort"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/classfile"
)

// exportBuilder makes an export file; constants are entered once, in the order
// of first use.
type exportBuilder struct {
	file  *exp.File
	texts map[string]uint16
	names map[string]uint16
	ints  map[int32]uint16
}

func (b *exportBuilder) add(c exp.Constant) uint16 {
	b.file.Constants = append(b.file.Constants, c)
	return uint16(len(b.file.Constants) - 1)
}

func (b *exportBuilder) text(s string) uint16 {
	if _, ok := b.texts[s]; !ok {
		b.texts[s] = b.add(exp.Constant{Tag: exp.Utf8, Text: s})
	}
	return b.texts[s]
}

func (b *exportBuilder) class(name string) uint16 {
	if _, ok := b.names[name]; !ok {
		text := b.text(name)
		b.names[name] = b.add(exp.Constant{Tag: exp.Classref, NameIndex: text})
	}
	return b.names[name]
}

func (b *exportBuilder) integer(v int32) uint16 {
	if _, ok := b.ints[v]; !ok {
		b.ints[v] = b.add(exp.Constant{Tag: exp.Integer, Value: v})
	}
	return b.ints[v]
}

// exportFile describes what the package exports, in format 2.1.
// Spec: SPEC-CAPC-059.
func (c *converter) exportFile() *exp.File {
	b := &exportBuilder{file: &exp.File{Format: cap.Version{Major: 2, Minor: 1}}, texts: map[string]uint16{}, names: map[string]uint16{}, ints: map[int32]uint16{}}
	p := exp.Constant{Tag: exp.Package, NameIndex: b.text(c.name), Version: c.opt.Version, AID: c.opt.AID}
	if len(c.opt.Applets) == 0 {
		p.Flags = exp.Library
	}
	b.file.ThisIndex = b.add(p)
	for token := 0; token < len(c.file.Export.Classes); token++ {
		b.file.Classes = append(b.file.Classes, b.exportClass(c.exportedAt(token)))
	}
	return b.file
}

// accShareable marks a shareable interface or class in an export file.
const accShareable = 0x0800

func (b *exportBuilder) exportClass(k *class) exp.Class {
	x := exp.Class{Token: byte(k.token), NameIndex: b.class(k.name)}
	x.AccessFlags = k.access & (classfile.AccPublic | classfile.AccFinal | classfile.AccInterface | classfile.AccAbstract)
	if k.shareable() {
		x.AccessFlags |= accShareable
	}
	var supers []*class
	for s := k.super; s != nil; s = s.super {
		supers = append(supers, s)
	}
	for _, s := range supers {
		if s.lib != nil || s.has(classfile.AccPublic) {
			x.Supers = append(x.Supers, b.class(s.name))
		}
	}
	for _, i := range allInterfaces(k) {
		if i.lib != nil || i.has(classfile.AccPublic) {
			x.Interfaces = append(x.Interfaces, b.class(i.name))
		}
	}
	for _, f := range k.fields {
		if f.has(visible) && f.has(classfile.AccStatic) {
			x.Fields = append(x.Fields, b.field(f))
		}
	}
	for _, f := range sortedInstanceFields(k) {
		x.Fields = append(x.Fields, b.field(f))
	}
	x.Methods = b.methods(k)
	return x
}

// allInterfaces are those of a class and of its superclasses.
func allInterfaces(k *class) []*class {
	var list []*class
	for s := k; s != nil; s = s.super {
		list = closure(list, s.interfaces)
	}
	return list
}

func sortedInstanceFields(k *class) (list []*field) {
	for _, f := range k.fields {
		if f.has(visible) && !f.has(classfile.AccStatic) {
			list = append(list, f)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].token < list[j].token })
	return list
}

func (b *exportBuilder) field(f *field) exp.Field {
	x := exp.Field{Token: byte(f.token), AccessFlags: f.access & 0x1F, NameIndex: b.text(f.name), DescriptorIndex: b.text(f.desc)}
	if f.constant != nil {
		value := b.integer(*f.constant)
		x.Attributes = []exp.Attribute{{NameIndex: b.text("ConstantValue"), Info: []byte{byte(value >> 8), byte(value)}}}
	}
	return x
}

// methods are constructors and static methods, then virtual ones, inherited
// ones included; of an interface, all.
func (b *exportBuilder) methods(k *class) (list []exp.Method) {
	add := func(m *method, token int) {
		list = append(list, exp.Method{Token: byte(token), AccessFlags: m.access & 0x041F, NameIndex: b.text(m.name), DescriptorIndex: b.text(m.desc)})
	}
	if k.has(classfile.AccInterface) {
		for i, m := range interfaceMethods(k) {
			add(m, i)
		}
		return list
	}
	for _, m := range k.methods {
		if !m.virtual() && m.token >= 0 {
			add(m, m.token)
		}
	}
	for token := range k.public {
		if m := publicMethod(k, token); m != nil {
			add(m, token)
		}
	}
	return list
}

// publicMethod is the virtual method with a token, of the class or a superclass.
func publicMethod(k *class, token int) *method {
	for s := k; s != nil; s = s.super {
		for _, m := range s.methods {
			if m.virtual() && m.has(visible) && m.token == token {
				return m
			}
		}
	}
	return nil
}
