package vm

import "inkan/core/jcvm"

// shortDivision is sdiv and srem.
func (m *Machine) shortDivision(x *registers, op jcvm.Opcode) signal {
	x.sp--
	b := int32(int16(x.ops[x.sp]))
	if b == 0 {
		return m.raise(m.known.arithmetic)
	}
	c := &x.ops[x.sp-1]
	a := int32(int16(*c))
	if op == jcvm.OpSdiv {
		*c = cell(uint16(a / b))
	} else {
		*c = cell(uint16(a % b))
	}
	x.pc++
	return goesOn
}

func (m *Machine) sushr(x *registers, _ jcvm.Opcode) signal {
	x.sp--
	c := &x.ops[x.sp-1]
	*c = cell(uint16(uint32(int32(int16(*c))) >> (x.ops[x.sp] & 31)))
	x.pc++
	return goesOn
}

func (m *Machine) sneg(x *registers, _ jcvm.Opcode) signal {
	c := &x.ops[x.sp-1]
	*c = cell(uint16(-*c))
	x.pc++
	return goesOn
}

// sincWide is sinc_w.
func (m *Machine) sincWide(x *registers, _ jcvm.Opcode) signal {
	c := &x.loc[x.u1(1)]
	*c = cell(uint16(*c + cell(x.u2(2))))
	x.pc += 4
	return goesOn
}
