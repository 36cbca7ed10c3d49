package vm

import (
	"encoding/binary"

	"inkan/core/jcvm"
)

// branchWide goes where the two bytes behind the opcode say, or on.
func (m *Machine) branchWide(x *registers, taken bool) signal {
	if !taken {
		x.pc += 3
		return goesOn
	}
	x.pc += int(int16(x.u2(1)))
	m.flushSome()
	return goesOn
}

// ifWide is the branches on one operand.
func (m *Machine) ifWide(x *registers, op jcvm.Opcode) signal {
	x.sp--
	a, taken := int16(x.ops[x.sp]), false
	switch op {
	case jcvm.OpIfeqW, jcvm.OpIfnullW:
		taken = a == 0
	case jcvm.OpIfneW, jcvm.OpIfnonnullW:
		taken = a != 0
	case jcvm.OpIfltW:
		taken = a < 0
	case jcvm.OpIfgeW:
		taken = a >= 0
	case jcvm.OpIfgtW:
		taken = a > 0
	case jcvm.OpIfleW:
		taken = a <= 0
	}
	return m.branchWide(x, taken)
}

// ifCompareWide is the branches on two operands.
func (m *Machine) ifCompareWide(x *registers, op jcvm.Opcode) signal {
	x.sp -= 2
	a, b, taken := int16(x.ops[x.sp]), int16(x.ops[x.sp+1]), false
	switch op {
	case jcvm.OpIfAcmpeqW, jcvm.OpIfScmpeqW:
		taken = a == b
	case jcvm.OpIfAcmpneW, jcvm.OpIfScmpneW:
		taken = a != b
	case jcvm.OpIfScmpltW:
		taken = a < b
	case jcvm.OpIfScmpgeW:
		taken = a >= b
	case jcvm.OpIfScmpgtW:
		taken = a > b
	case jcvm.OpIfScmpleW:
		taken = a <= b
	}
	return m.branchWide(x, taken)
}

func (m *Machine) gotoWide(x *registers, _ jcvm.Opcode) signal { return m.branchWide(x, true) }

func (m *Machine) jsr(x *registers, _ jcvm.Opcode) signal {
	if x.pc+3 > 0xFFFF {
		panic(trap("return address"))
	}
	x.ops[x.sp] = tagReturn | cell(x.pc+3)
	x.sp++
	return m.branchWide(x, true)
}

func (m *Machine) ret(x *registers, _ jcvm.Opcode) signal {
	c := x.loc[x.u1(1)]
	if c>>16 != tagReturn>>16 {
		panic(trap("ret to no return address"))
	}
	x.pc = int(uint16(c))
	m.flushSome()
	return goesOn
}

func (m *Machine) shortSwitch(x *registers, _ jcvm.Opcode) signal {
	x.sp--
	x.pc = m.doSwitch(x.code, x.pc, int32(int16(x.ops[x.sp])))
	return goesOn
}

func (m *Machine) intSwitch(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 2
	x.pc = m.doSwitch(x.code, x.pc, intAt(x.ops, x.sp))
	return goesOn
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
	m.flushSome()
	return target
}
