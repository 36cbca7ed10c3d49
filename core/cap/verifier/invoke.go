package verifier

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// invoke applies a method call. It is false when the method never returns, or
// after a finding. Spec: SPEC-VERIFIER-046.
func (f *flow) invoke(role jcvm.Role) bool {
	switch role {
	case jcvm.VirtualMethod:
		if c := f.constant(cap.VirtualMethodref); c != nil {
			f.arguments(c.method, false)
			f.receiver(c, c.method)
			return f.result(c.method)
		}
	case jcvm.SpecialMethod:
		if c := f.constant(cap.StaticMethodref, cap.SuperMethodref); c != nil {
			return f.invokeSpecial(c)
		}
	case jcvm.StaticMethod:
		if c := f.constant(cap.StaticMethodref); c != nil {
			if !c.method.isStatic {
				f.fail("a static method", c.method.name)
				return false
			}
			if c.method.isProtected && f.foreign(c.method) && f.m.class != nil && !f.m.class.extends(c.method.class) {
				f.fail("a subclass of "+c.method.class.name+", whose method is protected", f.m.class.name)
			}
			f.arguments(c.method, false)
			return f.result(c.method)
		}
	case jcvm.InterfaceMethod:
		if c := f.constant(cap.Classref); c != nil {
			return f.invokeInterface(c)
		}
	}
	return false
}

// invokeInterface applies a call of an interface's method. The machine checks
// that the object implements the interface. Spec: SPEC-VERIFIER-047.
func (f *flow) invokeInterface(c *constant) bool {
	args, token := int(f.d.Operands[0]), byte(f.d.Operands[2])
	if !c.class.isInterface {
		f.fail("an interface", c.class.name)
		return false
	}
	m := c.class.method(token, args)
	if m == nil || args < 1 {
		f.fail("a method of "+c.class.name, fmt.Sprintf("token %d with %d words", token, args))
		return false
	}
	if m.args != args {
		f.fail(fmt.Sprintf("%d words of arguments, as %s", m.args, m.name), fmt.Sprint(args))
		return false
	}
	f.arguments(m, false)
	f.popAs(object | c.class.id)
	return f.result(m)
}

// receiver takes the object of a virtual method. A protected method of another
// package is for objects of the caller's own class. Spec: SPEC-VERIFIER-048.
func (f *flow) receiver(c *constant, m *method) {
	x := f.popAs(object | c.class.id)
	if f.bad || !m.isProtected || !f.foreign(m) || f.m.class == nil || x == null || x == reference {
		return
	}
	if !f.v.world.assignable(x, object|f.m.class.id) {
		f.fail("an object of "+f.m.class.name+" for protected "+m.name, f.v.world.name(x))
	}
}

// foreign tells whether a method belongs to another package.
func (f *flow) foreign(m *method) bool { return m.pkg != f.v.self }

// invokeSpecial applies a call of a constructor, a private method or a
// superclass's method. Spec: SPEC-VERIFIER-049, SPEC-VERIFIER-050.
func (f *flow) invokeSpecial(c *constant) bool {
	m := c.method
	if c.kind == cap.SuperMethodref {
		if f.m.class != nil && f.m.class != c.class && f.v.self.typed {
			f.fail("the superclass of "+f.m.class.name, "that of "+c.class.name)
			return false
		}
		f.arguments(m, false)
		f.popAs(object | c.class.id)
		return f.result(m)
	}
	inferred := m.pkg != nil && !m.pkg.typed // this is the first of its parameters
	if m.isStatic && !inferred || m.args < 1 {
		f.fail("a constructor or private method", m.name)
		return false
	}
	f.arguments(m, inferred)
	x := f.pop()
	switch {
	case f.bad:
	case x.kind() == raw || x == rawThis:
		f.construct(x, m, inferred)
	case m.isInit && f.v.self.typed:
		f.fail("an uninitialised object for "+m.name, f.v.world.name(x))
	case inferred:
		if !f.v.takesReference(m) || !x.isReference() {
			f.fail("an instance method and its object", m.name)
		}
	case m.class != nil && !f.v.world.assignable(x, object|m.class.id):
		f.fail(m.class.name, f.v.world.name(x))
	}
	return f.result(m)
}

// construct makes an uninitialised object an initialised one, wherever it is.
// Spec: SPEC-VERIFIER-050.
func (f *flow) construct(x value, m *method, inferred bool) {
	made := f.m.class
	if x.kind() == raw {
		made = f.made(x)
	}
	ok := m.isInit && m.class == made || x == rawThis && m.isInit && m.class == made.super
	if inferred {
		ok = f.v.takesReference(m)
	}
	if !ok || made == nil {
		f.fail("a constructor for "+f.v.world.name(x), m.name)
		return
	}
	if x.kind() == raw && m.isProtected && f.foreign(m) {
		f.fail("a constructor that is not protected", m.name)
		return
	}
	for i, l := range f.locals {
		if l == x {
			f.locals[i], f.dirty = object|made.id, true
		}
	}
	for i, s := range f.stack {
		if s == x {
			f.stack[i] = object | made.id
		}
	}
}

// made is the class of an uninitialised object: the one that its new names.
func (f *flow) made(x value) *class {
	at, _ := f.position(x.rest())
	d := &f.list[at]
	_, _, i := d.IndexAt()
	return f.v.self.pool[i].class
}

// arguments takes the arguments of a method, without its object. With
// thisInside the first parameter is the object, and stays.
func (f *flow) arguments(m *method, thisInside bool) {
	params := m.params
	if !m.known {
		params = f.v.parametersAt(f, m)
	}
	first := 0
	if thisInside {
		first = 1
	}
	for i := len(params) - 1; i >= first; i-- {
		f.popAs(params[i])
	}
}

// result puts the method's result on the stack.
func (f *flow) result(m *method) bool {
	if f.bad || m.ends {
		return false
	}
	result := m.result
	if !m.known {
		var known bool
		if result, known = f.v.resultOf(m); !known {
			f.missing = m
			return false
		}
	}
	f.push(result...)
	return !f.bad
}
