package verifier

import (
	"fmt"
	"slices"

	"inkan/core/cap"
)

// checkDescriptor takes the types of fields and methods, and compares them with
// the other components. Spec: SPEC-VERIFIER-020, SPEC-VERIFIER-021,
// SPEC-VERIFIER-022.
func (v *verifier) checkDescriptor() {
	d := v.file.Descriptor
	if d == nil {
		return
	}
	if len(d.ConstantTypes) != len(v.file.Constants) {
		v.descriptor("types/constant_pool_count", fmt.Sprint(len(v.file.Constants)), fmt.Sprint(len(d.ConstantTypes)))
		return
	}
	described := map[*class]bool{}
	for i := range d.Classes {
		dc := &d.Classes[i]
		c := v.self.classes[uint16(dc.This)]
		if c == nil || described[c] || c.isInterface != (dc.AccessFlags&cap.AccDescInterface != 0) {
			v.descriptor("this_class_ref", "each class of the Class component once", refName(dc.This))
			return
		}
		described[c] = true
		c.isFinal = dc.AccessFlags&cap.AccFinal != 0
		c.isAbstract = c.isInterface || dc.AccessFlags&0x80 != 0
		for _, f := range dc.Fields {
			v.describeField(c, f)
		}
		for _, m := range dc.Methods {
			v.describeMethod(c, m)
		}
	}
	if n := len(d.Classes); n != len(v.self.classes) {
		v.descriptor("class_count", fmt.Sprint(len(v.self.classes)), fmt.Sprint(n))
	}
	for i := range v.file.Class.Classes {
		info := &v.file.Class.Classes[i]
		c := v.self.classes[info.Offset]
		v.checkOverrides(c)
		if m := c.lacks(); m != nil && !c.isAbstract {
			v.descriptor(c.name, "no abstract method: the class is not abstract", m.name)
		}
		if c.super.isFinal {
			v.structure(cap.TagClass, int(info.Offset)+1, "super_class_ref", "a class that is not final", c.super.name)
		}
	}
}

func (v *verifier) descriptor(path, want, got string) {
	v.structure(cap.TagDescriptor, 0, path, want, got)
}

// describeField takes one field. References stand where the Class or
// StaticField component says that references are. Spec: SPEC-VERIFIER-021.
func (v *verifier) describeField(c *class, f cap.FieldDescriptor) {
	path := func() string { return fmt.Sprintf("%s/field %X", c.name, f.Ref) }
	t, ok := v.fieldType(f.Type)
	if !ok {
		v.descriptor(path(), "a type", fmt.Sprintf("%04X", f.Type))
		return
	}
	if f.AccessFlags&cap.AccStatic != 0 {
		offset := uint16(f.Ref[1])<<8 | uint16(f.Ref[2])
		if zone := v.self.staticZone(int(offset)); f.Ref[0] != 0 || !zone.fits(t) {
			v.descriptor(path(), "a place in the static field image for its type", fmt.Sprintf("offset %d for %s", offset, v.world.name(t.value)))
			return
		}
		v.self.fields[offset] = t
		return
	}
	ref := cap.ClassRef(f.Ref[0])<<8 | cap.ClassRef(f.Ref[1])
	if c.info == nil || ref != cap.ClassRef(c.info.Offset) || !c.zone(f.Ref[2]).fits(t) {
		v.descriptor(path(), "a place in the instance of its class for its type", fmt.Sprintf("token %d for %s", f.Ref[2], v.world.name(t.value)))
		return
	}
	c.fields[f.Ref[2]] = t
}

// describeMethod takes one method. Spec: SPEC-VERIFIER-022.
func (v *verifier) describeMethod(c *class, d cap.MethodDescriptor) {
	path := func() string { return fmt.Sprintf("%s/method %02X at %04X", c.name, d.Token, d.Offset) }
	params, result, ok := v.methodType(d.Type)
	if !ok {
		v.descriptor(path(), "a method type", fmt.Sprintf("%04X", d.Type))
		return
	}
	var m *method
	if c.isInterface {
		m = &method{name: fmt.Sprintf("%s.%d", c.name, d.Token), pkg: v.self, class: c, isAbstract: true, args: 1 + len(params)}
		if c.public[d.Token] != nil {
			v.descriptor(path(), "each token once", "two")
		}
		c.public[d.Token] = m
		c.size = max(c.size, int(d.Token)+1)
	} else if m = v.self.methods[d.Offset]; m == nil {
		return // its span was refused already
	}
	if m.known {
		v.descriptor(path(), "one description of a method", "two")
		return
	}
	m.known, m.params, m.result = true, params, result
	if c.isInterface {
		return
	}
	m.isInit, m.isFinal = d.AccessFlags&cap.AccInit != 0, d.AccessFlags&cap.AccFinal != 0
	m.isProtected, m.isPrivate = d.AccessFlags&cap.AccProtected != 0, d.AccessFlags&cap.AccPrivate != 0
	static := d.AccessFlags&cap.AccStatic != 0
	v.checkDescribed(c, m, d, path, static)
	m.class, m.isStatic = c, static
}

// checkDescribed compares a method's description with header and tables.
func (v *verifier) checkDescribed(c *class, m *method, d cap.MethodDescriptor, path func() string, static bool) {
	args := len(m.params)
	if !static {
		args++
	}
	virtual := !static && !m.isInit && !m.isPrivate
	switch abstract := d.AccessFlags&cap.AccAbstract != 0; {
	case args != m.args:
		v.descriptor(path(), fmt.Sprintf("%d words of arguments, as its header", m.args), fmt.Sprint(args))
	case abstract != m.isAbstract || abstract && (!virtual || m.isFinal):
		v.descriptor(path(), "abstract exactly when its header is", fmt.Sprintf("access flags %02X", d.AccessFlags))
	case m.isInit && (static || len(m.result) > 0):
		v.descriptor(path(), "a constructor without static and result", fmt.Sprintf("access flags %02X", d.AccessFlags))
	case virtual && c.table(d.Token) != m:
		v.descriptor(path(), "a virtual method in the class's table", fmt.Sprintf("token %02X", d.Token))
	case !virtual && m.class != nil:
		v.descriptor(path(), "no entry in a table of virtual methods", m.class.name)
	case int(d.HandlerIndex)+int(d.HandlerCount) > len(v.file.Method.Handlers):
		v.descriptor(path(), fmt.Sprintf("handlers up to %d", len(v.file.Method.Handlers)), fmt.Sprint(int(d.HandlerIndex)+int(d.HandlerCount)))
	}
}

// table is the class's own entry for a virtual method token.
func (c *class) table(token byte) *method {
	if token&0x80 != 0 {
		return c.visible[token&^0x80]
	}
	return c.public[token]
}

// checkOverrides compares the types of methods with those that they stand in
// for. Spec: SPEC-VERIFIER-016.
func (v *verifier) checkOverrides(c *class) {
	for token := range 256 {
		m := c.table(byte(token))
		if m == nil || token >= 0x80 && c.super.pkg != c.pkg {
			continue
		}
		super := c.super.virtual(byte(token))
		if super == nil || super == m {
			continue
		}
		if super.isFinal {
			v.descriptor(c.name, "no method in place of final "+super.name, m.name)
		}
		if m.known && super.known && super.typed() && !sameTypes(m, super) {
			v.descriptor(c.name, "the type of "+super.name, m.name)
		}
		if m.known && super.known && !super.typed() && !sameKinds(m, super) {
			v.descriptor(c.name, "the kinds of "+super.name, m.name)
		}
	}
}

// typed tells whether the method's types are given, not inferred.
func (m *method) typed() bool { return m.pkg == nil || m.pkg.typed }

// sameKinds compares a typed method with one whose kinds were inferred.
func sameKinds(a, inferred *method) bool {
	if len(a.params) != len(inferred.params) || resultName(a.result) != resultName(inferred.result) {
		return false
	}
	for i, p := range inferred.params {
		if p != unused && erase(a.params[i]) != p {
			return false
		}
	}
	return true
}

func sameTypes(a, b *method) bool {
	return slices.Equal(a.params, b.params) && slices.Equal(a.result, b.result)
}

// fieldType reads a field's type.
func (v *verifier) fieldType(t uint16) (field, bool) {
	switch t {
	case 0x8002, 0x8003:
		return field{short, 'b'}, true
	case 0x8004:
		return field{short, 's'}, true
	case 0x8005:
		return field{intHigh, 'i'}, true
	}
	nibbles, err := v.file.Descriptor.TypeAt(t)
	if err != nil {
		return field{}, false
	}
	words, rest, ok := v.nibbleType(nibbles)
	return field{words[0], 'a'}, ok && len(rest) == 0 && words[0].isReference()
}

// methodType reads a method's type: parameters, then the result.
func (v *verifier) methodType(t uint16) (params, result []value, ok bool) {
	nibbles, err := v.file.Descriptor.TypeAt(t)
	if err != nil || len(nibbles) == 0 {
		return nil, nil, false
	}
	for {
		if len(nibbles) == 1 && nibbles[0] == 1 {
			return params, nil, true
		}
		words, rest, ok := v.nibbleType(nibbles)
		if !ok {
			return nil, nil, false
		}
		if len(rest) == 0 {
			return params, words, true
		}
		params, nibbles = append(params, words...), rest
	}
}

// Words of types, not to be changed.
var unknownWord, shortWord, intWords = []value{top}, []value{short}, []value{intHigh, intLow}

// nibbleType reads one type of a type descriptor.
func (v *verifier) nibbleType(n []byte) (words []value, rest []byte, ok bool) {
	if len(n) == 0 {
		return unknownWord, nil, false
	}
	switch n[0] {
	case 2, 3, 4:
		return shortWord, n[1:], true
	case 5:
		return intWords, n[1:], true
	case 10, 11, 12, 13:
		return []value{booleans + value(n[0]-10)<<24}, n[1:], true
	case 6, 14:
		if len(n) < 5 {
			return unknownWord, nil, false
		}
		ref := cap.ClassRef(n[1])<<12 | cap.ClassRef(n[2])<<8 | cap.ClassRef(n[3])<<4 | cap.ClassRef(n[4])
		c := v.world.classRef(v.self, ref)
		if c == nil {
			return unknownWord, nil, false
		}
		if n[0] == 6 {
			return []value{object | c.id}, n[5:], true
		}
		return []value{objects | c.id}, n[5:], true
	}
	return unknownWord, nil, false
}
