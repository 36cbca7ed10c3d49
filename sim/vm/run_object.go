package vm

import (
	"inkan/core/cap"
	"inkan/core/jcvm"
)

func (m *Machine) newInstance(x *registers, _ jcvm.Opcode) signal {
	k := x.link(1)
	if k.kind != cap.Classref || k.class.isInterface {
		panic(trap("new of no class"))
	}
	x.ops[x.sp] = refCell(m.create(instanceHeader(x.context, k.class)))
	x.sp++
	x.pc += 3
	return goesOn
}

// newPrimitives is newarray.
func (m *Machine) newPrimitives(x *registers, _ jcvm.Opcode) signal {
	t := ArrayType(x.u1(1))
	if t < BooleanArray || t > IntArray {
		panic(trap("newarray of an unknown type"))
	}
	c := &x.ops[x.sp-1]
	*c = refCell(m.newArray(x.context, t, nil, int16(*c), Persistent))
	x.pc += 2
	return goesOn
}

// newReferences is anewarray.
func (m *Machine) newReferences(x *registers, _ jcvm.Opcode) signal {
	k := x.link(1)
	if k.kind != cap.Classref {
		panic(trap("anewarray of no class"))
	}
	c := &x.ops[x.sp-1]
	*c = refCell(m.newArray(x.context, ReferenceArray, k.class, int16(*c), Persistent))
	x.pc += 3
	return goesOn
}

func (m *Machine) checkCast(x *registers, _ jcvm.Opcode) signal {
	yes, no := m.typeOf(x.ops[x.sp-1], byte(x.u1(1)), x.links, x.u2(2), x.context)
	if no != nil {
		return m.raise(no)
	}
	if !yes {
		return m.raise(m.known.cast)
	}
	x.pc += 4
	return goesOn
}

func (m *Machine) instanceOf(x *registers, _ jcvm.Opcode) signal {
	c := &x.ops[x.sp-1]
	yes, no := m.typeOf(*c, byte(x.u1(1)), x.links, x.u2(2), x.context)
	if no != nil {
		return m.raise(no)
	}
	if yes && uint16(*c) != 0 {
		*c = 1
	} else {
		*c = 0
	}
	x.pc += 4
	return goesOn
}

// typeOf tells whether a reference has a type (checkcast, instanceof). null has
// every type here.
func (m *Machine) typeOf(c cell, atype byte, links []link, i int, ctx Context) (yes bool, no *APIClass) {
	if !c.isRef() {
		panic(trap("a number as a reference"))
	}
	var target *Class
	if atype == jcvm.TypeObject || atype == jcvm.TypeReference {
		if links[i].kind != cap.Classref {
			panic(trap("type check against no class"))
		}
		target = links[i].class
	} else if atype < jcvm.TypeBoolean || atype > jcvm.TypeReference {
		panic(trap("type check against an unknown type"))
	}
	if c.ref() == Null {
		return true, nil
	}
	m.checks++
	if no := m.deniedType(c.ref(), ctx, target); no != nil {
		return false, no
	}
	o := m.at(c.ref())
	switch {
	case atype == jcvm.TypeObject && o.kind == kindInstance:
		return o.class.Is(target), nil
	case atype == jcvm.TypeObject:
		return target == m.known.object, nil
	case atype == jcvm.TypeReference:
		return o.kind == kindReferences && o.class.Is(target), nil
	}
	return o.kind == atype, nil
}

func (m *Machine) athrow(x *registers, _ jcvm.Opcode) signal {
	c := x.ops[x.sp-1]
	if no := m.throwable(c, x.context); no != nil {
		return m.raise(no)
	}
	m.thrown = c.ref()
	return throws
}

// throwable checks athrow.
func (m *Machine) throwable(c cell, ctx Context) *APIClass {
	if !c.isRef() {
		panic(trap("a number as a reference"))
	}
	m.checks++
	if no := m.deniedCall(c.ref(), ctx, nil); no != nil {
		return no
	}
	if m.at(c.ref()).kind != kindInstance {
		panic(trap("an array is thrown"))
	}
	return nil
}
