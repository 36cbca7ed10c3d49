package vm

import (
	"encoding/binary"

	"inkan/core/jcvm"
)

// isBytes tells whether an object is an array of bytes or booleans.
func (o *object) isBytes() bool { return o.kind == uint8(ByteArray) || o.kind == uint8(BooleanArray) }

// has tells whether an array has an element.
func (o *object) has(i uint16) bool { return i < o.length && i <= 0x7FFF }

// byteAt reads an element of an array of bytes or booleans.
func (m *Machine) byteAt(o *object, i uint16) byte {
	if o.ram != nil {
		return o.ram[i]
	}
	m.accesses++
	return m.flash.Byte(o.at + uint32(i))
}

// content finds an operand's object, of which the content is accessed.
func (m *Machine) content(r cell, ctx Context) (*object, *APIClass) {
	o := &m.objects[r.ref()]
	m.checks++
	if o.owner != uint16(ctx) || !r.isRef() {
		if no := m.deniedCell(r, ctx); no != nil {
			return nil, no
		}
	}
	return o, nil
}

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

// baload is what run leaves of it: the firewall's less simple cases, and what
// throws or traps.
func (m *Machine) baload(x *registers, _ jcvm.Opcode) signal {
	x.sp--
	c, i := &x.ops[x.sp-1], uint16(x.ops[x.sp])
	o, no := m.content(*c, x.context)
	if no != nil {
		return m.raise(no)
	}
	if !o.isBytes() {
		panic(trap("baload of another kind of object"))
	}
	if !o.has(i) {
		return m.raise(m.known.bounds)
	}
	*c = cell(uint16(int16(int8(m.byteAt(o, i)))))
	x.pc++
	return goesOn
}

// bastore is what run leaves of it: NVM too.
func (m *Machine) bastore(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 3
	i := uint16(x.ops[x.sp+1])
	o, no := m.content(x.ops[x.sp], x.context)
	if no != nil {
		return m.raise(no)
	}
	if !o.isBytes() {
		panic(trap("bastore to another kind of object"))
	}
	if !o.has(i) {
		return m.raise(m.known.bounds)
	}
	if v := byte(x.ops[x.sp+2]); o.ram != nil {
		o.ram[i] = v
	} else {
		m.accesses++
		m.scratch[0] = v
		m.store(o.at+uint32(i), m.scratch[:1])
	}
	x.pc++
	return goesOn
}

// cellLoad is saload and aaload.
func (m *Machine) cellLoad(x *registers, op jcvm.Opcode) signal {
	x.sp--
	c, i := &x.ops[x.sp-1], uint16(x.ops[x.sp])
	o, no := m.content(*c, x.context)
	if no != nil {
		return m.raise(no)
	}
	kind, tag := uint8(ShortArray), cell(0)
	if op == jcvm.OpAaload {
		kind, tag = kindReferences, tagRef
	}
	if o.kind != kind {
		panic(trap(op.String() + " of another kind of object"))
	}
	if !o.has(i) {
		return m.raise(m.known.bounds)
	}
	*c = tag | cell(m.cellAt(o, int(i)))
	x.pc++
	return goesOn
}

func (m *Machine) sastore(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 3
	o, i, no := m.arrayElement(x.ops[x.sp], x.ops[x.sp+1], x.context, uint8(ShortArray))
	if no != nil {
		return m.raise(no)
	}
	m.setCellAt(o, i, uint16(x.ops[x.sp+2]))
	x.pc++
	return goesOn
}

func (m *Machine) aastore(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 3
	o, i, no := m.arrayElement(x.ops[x.sp], x.ops[x.sp+1], x.context, kindReferences)
	if no != nil {
		return m.raise(no)
	}
	if no = m.storable(o.class, x.ops[x.sp+2], x.context); no != nil {
		return m.raise(no)
	}
	m.setCellAt(o, i, uint16(x.ops[x.sp+2]))
	x.pc++
	return goesOn
}

func (m *Machine) iaload(x *registers, _ jcvm.Opcode) signal {
	at := x.sp - 2
	o, i, no := m.arrayElement(x.ops[at], x.ops[at+1], x.context, uint8(IntArray))
	if no != nil {
		return m.raise(no)
	}
	x.ops[at+1] = cell(m.cellAt(o, 2*i+1))
	x.ops[at] = cell(m.cellAt(o, 2*i))
	x.pc++
	return goesOn
}

func (m *Machine) iastore(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 4
	o, i, no := m.arrayElement(x.ops[x.sp], x.ops[x.sp+1], x.context, uint8(IntArray))
	if no != nil {
		return m.raise(no)
	}
	m.setIntAt(o, 2*i, intAt(x.ops, x.sp+2))
	x.pc++
	return goesOn
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

func (m *Machine) arrayLength(x *registers, _ jcvm.Opcode) signal {
	c := &x.ops[x.sp-1]
	m.checks++
	o := &m.objects[c.ref()]
	if o.owner != uint16(x.context) || !c.isRef() {
		if no := m.deniedCell(*c, x.context); no != nil {
			return m.raise(no)
		}
	}
	if o.kind < uint8(BooleanArray) {
		panic(trap("arraylength of an instance"))
	}
	*c = cell(o.length)
	x.pc++
	return goesOn
}
