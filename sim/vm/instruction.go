package vm

import (
	"encoding/binary"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// deniedCell is denied for an operand, which must be a reference.
func (m *Machine) deniedCell(c cell, ctx Context) *APIClass {
	if !c.isRef() {
		panic(trap("a number as a reference"))
	}
	return m.denied(c.ref(), ctx)
}

// arrayElement checks the access to an array element.
func (m *Machine) arrayElement(array, index cell, ctx Context, kind uint8) (*object, int, *APIClass) {
	m.checks++
	if no := m.deniedCell(array, ctx); no != nil {
		return nil, 0, no
	}
	o := m.at(array.ref())
	if o.kind != kind {
		panic(trap("array access to another kind of object"))
	}
	i := int(int16(index))
	if i < 0 || i >= int(o.length) {
		return nil, 0, m.known.bounds
	}
	return o, i, nil
}

// storable checks a reference that is stored in an array whose elements have a
// class (JCVM 3.0.5 §7.5.2, aastore).
func (m *Machine) storable(element *Class, v cell, ctx Context) *APIClass {
	if !v.isRef() {
		panic(trap("a number as a reference"))
	}
	r := v.ref()
	if r == Null {
		return nil
	}
	if m.unstorable(r, ctx) {
		return m.known.security
	}
	if !m.ClassOf(r).Is(element) {
		return m.known.arrayStore
	}
	return nil
}

// setIntAt writes two cells.
func (m *Machine) setIntAt(o *object, i int, v int32) {
	if o.ram != nil {
		binary.BigEndian.PutUint32(o.ram[2*i:], uint32(v))
		return
	}
	binary.BigEndian.PutUint32(m.scratch[:], uint32(v))
	m.store(o.at+2*uint32(i), m.scratch[:4])
}

// checkField traps unless an object has a field of the kind that the
// instruction means: of n cells, and a reference or not.
func (m *Machine) checkField(o *object, k *link, isRef bool, n int) {
	if k.kind != cap.InstanceFieldref || o.kind != kindInstance || !o.class.Is(k.class) {
		panic(trap("field of another class"))
	}
	if k.isRef != isRef || int(k.cell)+n > o.class.cells || n == 2 && o.class.refs[k.cell+1] {
		panic(trap("field of another type"))
	}
}

// fieldOperand decodes the operand of a getfield or putfield in any form.
func fieldOperand(links []link, code []byte, pc int, op jcvm.Opcode) (k *link, this bool, length int) {
	switch {
	case op >= jcvm.OpGetfieldAW && op <= jcvm.OpGetfieldIW, op >= jcvm.OpPutfieldAW && op <= jcvm.OpPutfieldIW:
		return &links[int(code[pc+1])<<8|int(code[pc+2])], false, 3
	}
	return &links[code[pc+1]], op >= jcvm.OpGetfieldAThis, 2
}

// loc0 is this for the forms that mean it.
func loc0(locals []cell, this bool) cell {
	if this {
		return locals[0]
	}
	return 0
}

func (m *Machine) intField(r cell, k *link, ctx Context) (*object, *APIClass) {
	m.checks++
	if no := m.deniedCell(r, ctx); no != nil {
		return nil, no
	}
	o := m.at(r.ref())
	m.checkField(o, k, false, 2)
	return o, nil
}

// putField is putfield_a, _b and _s in all forms. A byte takes a whole cell.
func (m *Machine) putField(k *link, op jcvm.Opcode, r, v cell, ctx Context) *APIClass {
	m.checks++
	if no := m.deniedCell(r, ctx); no != nil {
		return no
	}
	o := m.at(r.ref())
	switch op {
	case jcvm.OpPutfieldA, jcvm.OpPutfieldAW, jcvm.OpPutfieldAThis:
		m.checkField(o, k, true, 1)
		if !v.isRef() {
			panic(trap("a number as a reference"))
		}
		if m.unstorable(v.ref(), ctx) {
			return m.known.security
		}
	case jcvm.OpPutfieldB, jcvm.OpPutfieldBW, jcvm.OpPutfieldBThis:
		v = cell(uint16(int16(int8(v))))
		fallthrough
	default:
		m.checkField(o, k, false, 1)
	}
	m.setCellAt(o, int(k.cell), uint16(v))
	return nil
}

// staticSize is the size of a static field by the last letter of the opcode.
func staticSize(op jcvm.Opcode, k *link) uint16 {
	n, isRef := uint16(2), false
	switch op {
	case jcvm.OpGetstaticA, jcvm.OpPutstaticA:
		isRef = true
	case jcvm.OpGetstaticB, jcvm.OpPutstaticB:
		n = 1
	case jcvm.OpGetstaticI, jcvm.OpPutstaticI:
		n = 4
	}
	if k.kind != cap.StaticFieldref || k.isRef != isRef || n > k.room {
		panic(trap("static field of another type"))
	}
	return n
}

func (m *Machine) getStatic(k *link, op jcvm.Opcode, ops []cell, sp int) int {
	m.accesses++
	switch staticSize(op, k) {
	case 1:
		ops[sp] = cell(uint16(int16(int8(m.flash.Byte(k.at)))))
	case 4:
		ops[sp+1] = cell(m.flash.Uint16(k.at + 2))
		ops[sp] = cell(m.flash.Uint16(k.at))
		return sp + 2
	default:
		ops[sp] = cell(m.flash.Uint16(k.at))
		if k.isRef {
			ops[sp] |= tagRef
		}
	}
	return sp + 1
}

func (m *Machine) putStatic(k *link, op jcvm.Opcode, ops []cell, sp int, ctx Context) (int, *APIClass) {
	n := staticSize(op, k)
	m.accesses++
	sp--
	v := uint16(ops[sp])
	b := m.scratch[:n]
	switch n {
	case 1:
		b[0] = byte(v)
	case 4:
		sp--
		binary.BigEndian.PutUint32(b, uint32(intAt(ops, sp)))
	default:
		binary.BigEndian.PutUint16(b, v)
	}
	if k.isRef {
		m.checks++
		if !ops[sp].isRef() {
			panic(trap("a number as a reference"))
		}
		if m.unstorable(Ref(v), ctx) {
			return sp, m.known.security
		}
	}
	m.store(k.at, b)
	return sp, nil
}

// instantiate is new.
func (m *Machine) instantiate(k *link, ctx Context) Ref {
	if k.kind != cap.Classref || k.class.isInterface {
		panic(trap("new of no class"))
	}
	return m.create(instanceHeader(ctx, k.class))
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
	previous := f.previous
	if context != f.context {
		previous = f.context
		m.chargeSwitch()
	}
	if !m.enter(target, base, context, previous) {
		m.thrown = m.own(m.known.system, reasonNoResource)
		return false
	}
	if uint32(m.acc) > flushAt {
		m.flush()
	}
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

// compare is icmp.
func compare(a, b int32) cell {
	switch {
	case a < b:
		return 0xFFFF
	case a > b:
		return 1
	}
	return 0
}

// dupX is dup_x: the high nibble of mn words are copied below the low nibble of
// words; a low nibble of 0 copies them on top.
func dupX(ops []cell, sp int, mn byte) int {
	m, n := int(mn>>4), int(mn&15)
	if m < 1 || m > 4 || n != 0 && (n < m || n > m+4) {
		panic(trap("operand of dup_x"))
	}
	if n == 0 {
		n = m
	}
	copy(ops[sp-n+m:sp+m], ops[sp-n:sp])
	copy(ops[sp-n:sp-n+m], ops[sp:sp+m])
	return sp + m
}

// swapX is swap_x: the top m words change places with the n words below.
func swapX(ops []cell, sp int, mn byte) {
	m, n := int(mn>>4), int(mn&15)
	if m < 1 || m > 2 || n < 1 || n > 2 {
		panic(trap("operand of swap_x"))
	}
	var both [4]cell
	copy(both[:m], ops[sp-m:sp])
	copy(both[m:m+n], ops[sp-m-n:sp-m])
	copy(ops[sp-m-n:sp], both[:m+n])
}

// doSwitch finds where a switch goes.
func (m *Machine) doSwitch(code []byte, pc int, key int32) int {
	u2 := func(at int) int { return int(int16(uint16(code[at])<<8 | uint16(code[at+1]))) }
	s4 := func(at int) int32 { return int32(binary.BigEndian.Uint32(code[at : at+4])) }
	wide := jcvm.Opcode(code[pc]) == jcvm.OpItableswitch || jcvm.Opcode(code[pc]) == jcvm.OpIlookupswitch
	value := func(at int) int32 { return int32(u2(at)) }
	size := 2
	if wide {
		value, size = s4, 4
	}
	target := pc + u2(pc+1)
	switch jcvm.Opcode(code[pc]) {
	case jcvm.OpStableswitch, jcvm.OpItableswitch:
		low, high := value(pc+3), value(pc+3+size)
		if key >= low && key <= high {
			target = pc + u2(pc+3+2*size+2*int(int64(key)-int64(low)))
		}
	default:
		pairs := int(uint16(u2(pc + 3)))
		lo, hi := 0, pairs
		for lo < hi { // sorted by key (JCVM 3.0.5 §7.5.90, §7.5.46)
			mid := (lo + hi) / 2
			at := pc + 5 + mid*(size+2)
			m.acc += uint64(m.costs.SwitchPair)
			switch k := value(at); {
			case k == key:
				target = pc + u2(at+size)
				lo = hi
			case k < key:
				lo = mid + 1
			default:
				hi = mid
			}
		}
	}
	if uint32(m.acc) > flushAt {
		m.flush()
	}
	return target
}
