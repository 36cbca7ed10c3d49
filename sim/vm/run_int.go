package vm

import "inkan/core/jcvm"

func (x *registers) pushInt(v int32) {
	putInt(x.ops, x.sp, v)
	x.sp += 2
}

func (m *Machine) iconst(x *registers, op jcvm.Opcode) signal {
	x.pushInt(int32(op) - int32(jcvm.OpIconst0))
	x.pc++
	return goesOn
}

// intPush is bipush and sipush.
func (m *Machine) intPush(x *registers, op jcvm.Opcode) signal {
	if op == jcvm.OpBipush {
		x.pushInt(int32(int8(x.u1(1))))
		x.pc += 2
	} else {
		x.pushInt(int32(int16(x.u2(1))))
		x.pc += 3
	}
	return goesOn
}

func (m *Machine) iipush(x *registers, _ jcvm.Opcode) signal {
	x.ops[x.sp+1] = cell(x.u2(3))
	x.ops[x.sp] = cell(x.u2(1))
	x.sp += 2
	x.pc += 5
	return goesOn
}

func (m *Machine) iload(x *registers, _ jcvm.Opcode) signal {
	x.pushInt(intAt(x.loc, x.u1(1)))
	x.pc += 2
	return goesOn
}

// iloadN is iload_0 to iload_3.
func (m *Machine) iloadN(x *registers, op jcvm.Opcode) signal {
	x.pushInt(intAt(x.loc, int(op-jcvm.OpIload0)))
	x.pc++
	return goesOn
}

func (m *Machine) istore(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 2
	putInt(x.loc, x.u1(1), intAt(x.ops, x.sp))
	x.pc += 2
	return goesOn
}

// istoreN is istore_0 to istore_3.
func (m *Machine) istoreN(x *registers, op jcvm.Opcode) signal {
	x.sp -= 2
	putInt(x.loc, int(op-jcvm.OpIstore0), intAt(x.ops, x.sp))
	x.pc++
	return goesOn
}

// intArithmetic is what takes two ints and throws nothing.
func (m *Machine) intArithmetic(x *registers, op jcvm.Opcode) signal {
	x.sp -= 2
	a, b := intAt(x.ops, x.sp-2), intAt(x.ops, x.sp)
	switch op {
	case jcvm.OpIadd:
		a += b
	case jcvm.OpIsub:
		a -= b
	case jcvm.OpImul:
		a *= b
	case jcvm.OpIand:
		a &= b
	case jcvm.OpIor:
		a |= b
	case jcvm.OpIxor:
		a ^= b
	case jcvm.OpIshl:
		a <<= uint(b & 31)
	case jcvm.OpIshr:
		a >>= uint(b & 31)
	case jcvm.OpIushr:
		a = int32(uint32(a) >> uint(b&31))
	}
	putInt(x.ops, x.sp-2, a)
	x.pc++
	return goesOn
}

// intDivision is idiv and irem.
func (m *Machine) intDivision(x *registers, op jcvm.Opcode) signal {
	b := intAt(x.ops, x.sp-2)
	if b == 0 {
		return m.raise(m.known.arithmetic)
	}
	a := intAt(x.ops, x.sp-4)
	if op == jcvm.OpIdiv {
		putInt(x.ops, x.sp-4, a/b)
	} else {
		putInt(x.ops, x.sp-4, a%b)
	}
	x.sp -= 2
	x.pc++
	return goesOn
}

func (m *Machine) ineg(x *registers, _ jcvm.Opcode) signal {
	putInt(x.ops, x.sp-2, -intAt(x.ops, x.sp-2))
	x.pc++
	return goesOn
}

func (m *Machine) icmp(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 3
	x.ops[x.sp-1] = compare(intAt(x.ops, x.sp-1), intAt(x.ops, x.sp+1))
	x.pc++
	return goesOn
}

func compare(a, b int32) cell {
	switch {
	case a < b:
		return 0xFFFF
	case a > b:
		return 1
	}
	return 0
}

// intToShort is i2b and i2s.
func (m *Machine) intToShort(x *registers, op jcvm.Opcode) signal {
	x.sp--
	v := uint16(x.ops[x.sp])
	if op == jcvm.OpI2b {
		v = uint16(int16(int8(v)))
	}
	x.ops[x.sp-1] = cell(v)
	x.pc++
	return goesOn
}

func (m *Machine) s2i(x *registers, _ jcvm.Opcode) signal {
	putInt(x.ops, x.sp-1, int32(int16(x.ops[x.sp-1])))
	x.sp++
	x.pc++
	return goesOn
}

// iinc is iinc and iinc_w.
func (m *Machine) iinc(x *registers, op jcvm.Opcode) signal {
	i := x.u1(1)
	v := intAt(x.loc, i)
	if op == jcvm.OpIinc {
		v += int32(int8(x.u1(2)))
		x.pc += 3
	} else {
		v += int32(int16(x.u2(2)))
		x.pc += 4
	}
	putInt(x.loc, i, v)
	return goesOn
}
