package vm

import (
	"inkan/core/cap"
	"inkan/core/jcvm"
)

func (m *Machine) invokeVirtual(x *registers, _ jcvm.Opcode) signal {
	k := x.link(1)
	if k.kind != cap.VirtualMethodref {
		panic(trap("invokevirtual of another kind of constant"))
	}
	args := x.sp - int(k.method.args)
	o, next, no := m.receiver(x.ops[args], x.context, nil)
	if no != nil {
		return m.raise(no)
	}
	return m.callAt(x, m.virtual(o, k), args, next, 3)
}

func (m *Machine) invokeInterface(x *registers, _ jcvm.Opcode) signal {
	k := x.link(2)
	if k.kind != cap.Classref || !k.class.isInterface {
		panic(trap("invokeinterface of no interface"))
	}
	args := x.sp - x.u1(1)
	o, next, no := m.receiver(x.ops[args], x.context, k.class)
	if no != nil {
		return m.raise(no)
	}
	return m.callAt(x, m.interfaceTarget(o, k.class, x.u1(4), x.u1(1)), args, next, 5)
}

func (m *Machine) invokeSpecial(x *registers, _ jcvm.Opcode) signal {
	k := x.link(1)
	if k.kind != cap.StaticMethodref && k.kind != cap.SuperMethodref {
		panic(trap("invokespecial of another kind of constant"))
	}
	args := x.sp - int(k.method.args)
	if r := x.ops[args]; uint16(r) == 0 {
		return m.raise(m.known.null)
	} else if !r.isRef() {
		panic(trap("a number as a reference"))
	}
	return m.callAt(x, k.method, args, x.context, 3)
}

func (m *Machine) invokeStatic(x *registers, _ jcvm.Opcode) signal {
	k := x.link(1)
	if k.kind != cap.StaticMethodref {
		panic(trap("invokestatic of another kind of constant"))
	}
	return m.callAt(x, k.method, x.sp-int(k.method.args), x.context, 3)
}

// callAt calls a method whose arguments start at an operand, in a context; length is
// the instruction's.
func (m *Machine) callAt(x *registers, target *Method, args int, next Context, length int) signal {
	f := &m.frames[m.depth]
	f.next, f.sp = int32(x.pc+length), int32(args)
	if !m.call(target, int(f.ops)+args, next) {
		return throws
	}
	return calls
}

// receiver finds the object that a method is called of, and the context in which
// the call runs: the object's owner's.
func (m *Machine) receiver(r cell, ctx Context, iface *Class) (o *object, next Context, no *APIClass) {
	o = &m.objects[r.ref()]
	m.checks++
	next = ctx
	if o.owner != uint16(ctx) || !r.isRef() {
		next, no = m.calledAt(r, ctx, iface)
	}
	return o, next, no
}

// calledAt decides about a call to an object of another owner, and in which
// context it runs.
func (m *Machine) calledAt(c cell, ctx Context, iface *Class) (Context, *APIClass) {
	if !c.isRef() {
		panic(trap("a number as a reference"))
	}
	if no := m.deniedCall(c.ref(), ctx, iface); no != nil {
		return ctx, no
	}
	return m.at(c.ref()).context(), nil
}

// virtual finds the method of an object for a VirtualMethodref.
func (m *Machine) virtual(o *object, k *link) *Method {
	c := o.class
	if o.kind != kindInstance {
		c = m.known.object
	}
	if c != k.class && !c.Is(k.class) {
		panic(trap("method of another class"))
	}
	table := c.virtual
	if k.local { // tokens of package-visible methods count within a package
		for c.pkg != k.class.pkg {
			c = c.super
		}
		table = c.local
	}
	target := table[k.token]
	if target == nil || target.args != k.method.args {
		panic(trap("no such method"))
	}
	return target
}

// interfaceTarget finds the method of an object for an interface's token.
func (m *Machine) interfaceTarget(o *object, iface *Class, token, args int) *Method {
	if o.kind != kindInstance {
		panic(trap("interface method of an array"))
	}
	target := o.class.interfaceMethod(iface, token)
	if target == nil || int(target.args) != args {
		panic(trap("no such interface method"))
	}
	return target
}

// call enters a method, or runs a native to its end and gives its result to
// the running frame. False: Machine.thrown.
func (m *Machine) call(target *Method, base int, context Context) bool {
	f := &m.frames[m.depth]
	if target.native != nil {
		result, ok := m.callNative(target, base)
		if !ok {
			m.top = int(m.frames[m.depth].ops) + int(m.frames[m.depth].method.maxStack)
			return false
		}
		words := 1
		switch target.native.result {
		case 'V':
			words = 0
		case 'I':
			words = 2
			putInt(m.returned[:], 0, int32(result))
		case 'L', '[':
			m.returned[0] = refCell(Ref(result))
		default:
			m.returned[0] = cell(uint16(result))
		}
		f = &m.frames[m.depth]
		m.top = int(f.ops) + int(f.method.maxStack)
		m.giveResult(words)
		return true
	}
	if target.abstract {
		panic(trap("call of an abstract method"))
	}
	previous, account := f.previous, f.account
	if context != f.context {
		previous, account = f.context, m.objects[m.stack[base].ref()].account
		m.chargeSwitch()
	}
	if !m.enter(target, base, context, previous, account) {
		m.thrown = m.own(m.known.system, reasonNoResource)
		return false
	}
	m.flushSome()
	return true
}

// giveResult pushes what a called method returned and goes on behind the call.
func (m *Machine) giveResult(words int) {
	f := &m.frames[m.depth]
	if f.sp+int32(words) > f.method.maxStack {
		panic(trap("operand stack"))
	}
	copy(m.stack[f.ops+f.sp:], m.returned[:words])
	f.sp += int32(words)
	f.pc = f.next
}
