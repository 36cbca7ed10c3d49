package capc

import (
	"sort"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// typeTable collects type descriptors, each once, in the order of first use.
type typeTable struct {
	c     *converter
	start int
	bytes []byte
	at    map[string]uint16
}

// descriptor makes the Descriptor component. Spec: SPEC-CAPC-058.
func (c *converter) descriptor() *cap.Descriptor {
	d := &cap.Descriptor{}
	t := &typeTable{c: c, start: 2 + 2*len(c.pool.list), at: map[string]uint16{}}
	for _, k := range c.pool.list {
		offset := uint16(0xFFFF)
		switch {
		case k.field != nil:
			offset = t.offset(k.field.desc)
		case k.method != nil:
			offset = t.offset(k.method.desc)
		}
		d.ConstantTypes = append(d.ConstantTypes, offset)
	}
	handlers := 0
	for _, k := range c.own {
		x := cap.ClassDescriptor{Token: byte(k.token), AccessFlags: classFlags(k), This: k.classRef()}
		if !k.has(classfile.AccInterface) {
			for _, i := range closure(nil, k.interfaces) {
				x.Interfaces = append(x.Interfaces, i.classRef())
			}
			x.Fields = fieldDescriptors(k, t)
			for _, m := range k.methods {
				if m.name != "<clinit>" {
					x.Methods = append(x.Methods, methodDescriptor(m, t, handlers))
					handlers += len(m.out.handlers)
				}
			}
		} else {
			for i, m := range interfaceMethods(k) {
				x.Methods = append(x.Methods, cap.MethodDescriptor{Token: byte(i), AccessFlags: cap.AccPublic | cap.AccAbstract, Type: t.offset(m.desc)})
			}
		}
		d.Classes = append(d.Classes, x)
	}
	d.Types = t.bytes
	return d
}

func classFlags(k *class) (flags byte) {
	if k.has(classfile.AccPublic) {
		flags |= cap.AccPublic
	}
	if k.has(classfile.AccFinal) {
		flags |= cap.AccFinal
	}
	if k.has(classfile.AccInterface) {
		flags |= cap.AccDescInterface
	}
	if k.has(classfile.AccAbstract) {
		flags |= 0x80
	}
	return flags
}

// memberFlags are the flags that class files and descriptors share.
func memberFlags(access uint16) byte { return byte(access & 0x1F) }

func methodDescriptor(m *method, t *typeTable, handlers int) cap.MethodDescriptor {
	x := cap.MethodDescriptor{Token: 0xFF, AccessFlags: memberFlags(m.access), Offset: uint16(m.offset), Type: t.offset(m.desc), BytecodeCount: uint16(len(m.out.code))}
	switch {
	case m.token >= 0:
		x.Token = byte(m.token)
	case m.pkgToken >= 0:
		x.Token = 0x80 | byte(m.pkgToken)
	}
	if m.has(classfile.AccAbstract) {
		x.AccessFlags |= cap.AccAbstract
	}
	if m.name == "<init>" {
		x.AccessFlags |= cap.AccInit
	}
	if n := len(m.out.handlers); n > 0 {
		x.HandlerCount, x.HandlerIndex = uint16(n), uint16(handlers)
	}
	return x
}

// fieldDescriptors are static fields by offset, then instance fields by token.
func fieldDescriptors(k *class, t *typeTable) (list []cap.FieldDescriptor) {
	add := func(f *field) {
		x := cap.FieldDescriptor{Token: 0xFF, AccessFlags: memberFlags(f.access)}
		if f.token >= 0 {
			x.Token = byte(f.token)
		}
		if f.has(classfile.AccStatic) {
			x.Ref = staticInfo(k, f.offset, f.token)
		} else {
			x.Ref = classInfo(k, byte(f.token))
		}
		switch f.desc {
		case "Z":
			x.Type = 0x8002
		case "B":
			x.Type = 0x8003
		case "S":
			x.Type = 0x8004
		case "I":
			x.Type = 0x8005
		default:
			x.Type = t.offset(f.desc)
		}
		list = append(list, x)
	}
	byToken := map[int]*field{}
	var statics []*field
	for _, f := range k.fields {
		if f.has(classfile.AccStatic) && f.constant == nil {
			statics = append(statics, f)
		} else if !f.has(classfile.AccStatic) {
			byToken[f.token] = f
		}
	}
	sort.SliceStable(statics, func(i, j int) bool { return statics[i].offset < statics[j].offset })
	for _, f := range statics {
		add(f)
	}
	for token := 0; token < k.size; token++ {
		if f := byToken[token]; f != nil {
			add(f)
		}
	}
	return list
}

// offset is the type offset of a field or method descriptor.
func (t *typeTable) offset(desc string) uint16 {
	var nibbles []byte
	if desc[0] == '(' {
		params, result, _ := classfile.Signature(desc)
		for _, p := range params {
			nibbles = t.append(nibbles, p)
		}
		nibbles = t.append(nibbles, result)
	} else {
		nibbles = t.append(nil, desc)
	}
	if at, ok := t.at[string(nibbles)]; ok {
		return at
	}
	at := uint16(t.start + len(t.bytes))
	t.at[string(nibbles)] = at
	t.bytes = append(t.bytes, byte(len(nibbles)))
	for i := 0; i < len(nibbles); i += 2 {
		b := nibbles[i] << 4
		if i+1 < len(nibbles) {
			b |= nibbles[i+1]
		}
		t.bytes = append(t.bytes, b)
	}
	return at
}

// append appends the nibbles of one type (JCVM table 6-36).
func (t *typeTable) append(nibbles []byte, desc string) []byte {
	array := desc[0] == '['
	if array {
		desc = desc[1:]
	}
	kind := map[byte]byte{'V': 1, 'Z': 2, 'B': 3, 'S': 4, 'I': 5, 'L': 6}[desc[0]]
	if array {
		kind += 8
	}
	nibbles = append(nibbles, kind)
	if desc[0] != 'L' {
		return nibbles
	}
	k := t.c.class(desc[1:len(desc)-1], where{})
	if k == nil {
		return nibbles
	}
	t.c.use(k.lib)
	r := k.classRef()
	return append(nibbles, byte(r>>12), byte(r>>8)&0xF, byte(r>>4)&0xF, byte(r)&0xF)
}
