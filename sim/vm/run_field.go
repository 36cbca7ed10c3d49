package vm

import (
	"inkan/core/cap"
	"inkan/core/jcvm"
)

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

// field decodes the operand of a getfield or putfield in any form.
func (x *registers) field(op jcvm.Opcode) (k *link, this bool, length int) {
	switch {
	case op >= jcvm.OpGetfieldAW && op <= jcvm.OpGetfieldIW, op >= jcvm.OpPutfieldAW && op <= jcvm.OpPutfieldIW:
		return x.link(1), false, 3
	}
	return &x.links[x.u1(1)], op >= jcvm.OpGetfieldAThis, 2
}

// target takes the reference to the object whose field is meant: this, or an
// operand.
func (x *registers) target(this bool) cell {
	if this {
		return x.loc[0]
	}
	x.sp--
	return x.ops[x.sp]
}

// getFieldCell reads a field of one cell and moves on; the value's place is on
// top of the stack.
func (m *Machine) getFieldCell(x *registers, op jcvm.Opcode, isRef bool) (v uint16, no *APIClass) {
	k, this, length := x.field(op)
	o, no := m.content(x.target(this), x.context)
	if no != nil {
		return 0, no
	}
	if o.class != k.class || k.isRef != isRef || o.kind != kindInstance || k.kind != cap.InstanceFieldref {
		m.checkField(o, k, isRef, 1)
	}
	v = m.cellAt(o, int(k.cell))
	x.sp++
	x.pc += length
	return v, nil
}

func (m *Machine) getFieldA(x *registers, op jcvm.Opcode) signal {
	v, no := m.getFieldCell(x, op, true)
	if no != nil {
		return m.raise(no)
	}
	x.ops[x.sp-1] = tagRef | cell(v)
	return goesOn
}

func (m *Machine) getFieldB(x *registers, op jcvm.Opcode) signal {
	v, no := m.getFieldCell(x, op, false)
	if no != nil {
		return m.raise(no)
	}
	x.ops[x.sp-1] = cell(uint16(int16(int8(v))))
	return goesOn
}

func (m *Machine) getFieldS(x *registers, op jcvm.Opcode) signal {
	v, no := m.getFieldCell(x, op, false)
	if no != nil {
		return m.raise(no)
	}
	x.ops[x.sp-1] = cell(v)
	return goesOn
}

func (m *Machine) getFieldI(x *registers, op jcvm.Opcode) signal {
	k, this, length := x.field(op)
	o, no := m.intField(x.target(this), k, x.context)
	if no != nil {
		return m.raise(no)
	}
	x.ops[x.sp+1] = cell(m.cellAt(o, int(k.cell)+1))
	x.ops[x.sp] = cell(m.cellAt(o, int(k.cell)))
	x.sp += 2
	x.pc += length
	return goesOn
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

// putFieldCell is putfield_a, _b and _s in all forms.
func (m *Machine) putFieldCell(x *registers, op jcvm.Opcode, isRef, isByte bool) signal {
	k, this, length := x.field(op)
	x.sp--
	v := x.ops[x.sp]
	r := x.target(this)
	m.checks++
	if no := m.deniedCell(r, x.context); no != nil {
		return m.raise(no)
	}
	o := m.at(r.ref())
	m.checkField(o, k, isRef, 1)
	if isRef {
		if !v.isRef() {
			panic(trap("a number as a reference"))
		}
		if m.unstorable(v.ref(), x.context) {
			return m.raise(m.known.security)
		}
	} else if isByte { // takes a whole cell
		v = cell(uint16(int16(int8(v))))
	}
	m.setCellAt(o, int(k.cell), uint16(v))
	x.pc += length
	return goesOn
}

func (m *Machine) putFieldA(x *registers, op jcvm.Opcode) signal {
	return m.putFieldCell(x, op, true, false)
}

func (m *Machine) putFieldB(x *registers, op jcvm.Opcode) signal {
	return m.putFieldCell(x, op, false, true)
}

func (m *Machine) putFieldS(x *registers, op jcvm.Opcode) signal {
	return m.putFieldCell(x, op, false, false)
}

func (m *Machine) putFieldI(x *registers, op jcvm.Opcode) signal {
	k, this, length := x.field(op)
	x.sp -= 2
	v := intAt(x.ops, x.sp)
	o, no := m.intField(x.target(this), k, x.context)
	if no != nil {
		return m.raise(no)
	}
	m.setIntAt(o, int(k.cell), v)
	x.pc += length
	return goesOn
}
