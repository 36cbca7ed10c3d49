package capc

import (
	"fmt"
	"slices"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// constant is a constant-pool entry before offsets are known.
type constant struct {
	kind   cap.Kind
	class  *class // of a Classref, SuperMethodref, or virtual method
	method *method
	field  *field
	index  int
}

// constantKey is what makes two references one entry: what the class file
// names.
type constantKey struct {
	kind              cap.Kind
	class, name, desc string
}

// pool collects constants in the order of their first use.
type pool struct {
	list  []*constant
	byKey map[constantKey]*constant
}

func (p *pool) add(key constantKey, c constant) *constant {
	if old := p.byKey[key]; old != nil {
		return old
	}
	p.byKey[key] = &c
	p.list = append(p.list, &c)
	return &c
}

// finish moves instance fields to the front, by exchanges, so that they have
// one-byte indices, and numbers the entries. Spec: SPEC-CAPC-050.
func (p *pool) finish() {
	front := 0
	for i, c := range p.list {
		if c.kind == cap.InstanceFieldref {
			p.list[front], p.list[i] = p.list[i], p.list[front]
			front++
		}
	}
	for i, c := range p.list {
		c.index = i
	}
}

// classConstant is the entry of a class that code names.
func (c *converter) classConstant(name string, at where) *constant {
	k := c.class(name, at)
	if k == nil {
		return nil
	}
	c.use(k.lib)
	return c.pool.add(constantKey{kind: cap.Classref, class: name}, constant{kind: cap.Classref, class: k})
}

// fieldConstant finds a field that code of the class user names. A compile-time
// constant has no entry. An inherited field that a class names as its own is
// the same entry as that of the superclass.
func (c *converter) fieldConstant(ref *classfile.Constant, static bool, user *class, at where) (*constant, *field) {
	k := c.class(ref.Class, at)
	if k == nil {
		return nil, nil
	}
	f := findField(k, ref.Name, ref.Descriptor)
	switch {
	case f == nil:
		c.report(at, fmt.Sprintf("%s has no field %s of type %s", ref.Class, ref.Name, ref.Descriptor), "")
		return nil, nil
	case f.has(classfile.AccStatic) != static:
		c.report(at, fmt.Sprintf("field %s.%s: static in one class file and not in the other", ref.Class, ref.Name), "compile both again")
		return nil, nil
	case f.class.lib != nil && f.since > f.class.lib.version.Minor:
		c.tooNew(at, "field "+f.class.name+"."+f.name, f.class.lib, f.since)
		return nil, nil
	case f.constant != nil:
		return nil, f
	}
	kind := cap.InstanceFieldref
	if static {
		kind = cap.StaticFieldref
	}
	c.use(f.class.lib)
	key := constantKey{kind, ref.Class, ref.Name, ref.Descriptor}
	if ref.Class == user.name {
		key.class = f.class.name
	}
	return c.pool.add(key, constant{kind: kind, class: f.class, field: f}), f
}

// findField looks for a field in a class, its interfaces and its superclasses.
func findField(k *class, name, desc string) *field {
	for s := k; s != nil; s = s.super {
		around := append(closure(nil, s.interfaces), s)
		for _, x := range slices.Backward(around) { // what hides comes behind what is hidden
			for _, f := range x.fields {
				if f.name == name && f.desc == desc {
					return f
				}
			}
		}
	}
	return nil
}

// findMethod looks for a method in a class and its superclasses, then in their
// interfaces.
func findMethod(k *class, key string) *method {
	for s := k; s != nil; s = s.super {
		if m := s.find(key); m != nil && (m.name != "<init>" || s == k) {
			return m
		}
	}
	for s := k; s != nil; s = s.super {
		for _, i := range closure(nil, s.interfaces) {
			if m := i.find(key); m != nil {
				return m
			}
		}
	}
	return nil
}

// methodOf finds a method that code names, or reports why it cannot be used.
func (c *converter) methodOf(ref *classfile.Constant, at where) *method {
	k := c.class(ref.Class, at)
	if k == nil {
		return nil
	}
	m := findMethod(k, ref.Name+ref.Descriptor)
	if m == nil {
		why := fmt.Sprintf("%s has no method %s%s", ref.Class, ref.Name, ref.Descriptor)
		advice := ""
		if k.lib != nil {
			why, advice = why+" in the Java Card API", "use only what the API has"
		}
		c.report(at, why, advice)
		return nil
	}
	if l := m.class.lib; l != nil && m.since > l.version.Minor {
		c.tooNew(at, "method "+m.class.name+"."+m.key(), l, m.since)
		return nil
	}
	return m
}

// methodConstant is the entry for a call of m: of a static method, constructor
// or private method, of a method of a superclass, or of a virtual method.
func (c *converter) methodConstant(ref *classfile.Constant, m *method, kind cap.Kind, caller *class) *constant {
	k, key := m.class, constantKey{kind, ref.Class, ref.Name, ref.Descriptor}
	if kind == cap.SuperMethodref {
		k, key.class = caller, caller.name // subclasses of one class do not share it
	}
	c.use(k.lib)
	return c.pool.add(key, constant{kind: kind, class: k, method: m})
}

// encode is the entry as it stands in the ConstantPool component.
func (k *constant) encode() cap.Constant {
	out := cap.Constant{Kind: k.kind}
	switch k.kind {
	case cap.Classref:
		out.Info = classInfo(k.class, 0)
	case cap.InstanceFieldref:
		out.Info = classInfo(k.class, byte(k.field.token))
	case cap.VirtualMethodref, cap.SuperMethodref:
		out.Info = classInfo(k.class, k.method.virtualToken())
	case cap.StaticFieldref:
		out.Info = staticInfo(k.class, k.field.offset, k.field.token)
	case cap.StaticMethodref:
		out.Info = staticInfo(k.class, k.method.offset, k.method.token)
	}
	return out
}

// virtualToken is the token with the high bit set for a package-visible method.
func (m *method) virtualToken() byte {
	if m.token >= 0 {
		return byte(m.token)
	}
	return 0x80 | byte(m.pkgToken)
}

func classInfo(k *class, token byte) [3]byte {
	r := k.classRef()
	return [3]byte{byte(r >> 8), byte(r), token}
}

func staticInfo(k *class, offset, token int) [3]byte {
	if k.lib != nil {
		return [3]byte{0x80 | byte(k.lib.token), byte(k.token), byte(token)}
	}
	return [3]byte{0, byte(offset >> 8), byte(offset)}
}

// classRef is the class reference, once offsets and package tokens are known.
func (k *class) classRef() cap.ClassRef {
	if k.lib != nil {
		return cap.ExternalClass(byte(k.lib.token), byte(k.token))
	}
	return cap.ClassRef(k.ref)
}
