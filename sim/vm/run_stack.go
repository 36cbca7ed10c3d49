package vm

import "inkan/core/jcvm"

func (m *Machine) nop(x *registers, _ jcvm.Opcode) signal {
	x.pc++
	return goesOn
}

func (m *Machine) pop2(x *registers, _ jcvm.Opcode) signal {
	x.sp -= 2
	_ = x.ops[x.sp]
	x.pc++
	return goesOn
}

func (m *Machine) dup2(x *registers, _ jcvm.Opcode) signal {
	ops, sp := x.ops, x.sp
	ops[sp+1], ops[sp] = ops[sp-1], ops[sp-2]
	x.sp += 2
	x.pc++
	return goesOn
}

// dupX is dup_x: the high nibble of mn words are copied below the low nibble of
// words; a low nibble of 0 copies them on top.
func (m *Machine) dupX(x *registers, _ jcvm.Opcode) signal {
	mn := x.u1(1)
	ops, sp, words, n := x.ops, x.sp, mn>>4, mn&15
	if words < 1 || words > 4 || n != 0 && (n < words || n > words+4) {
		panic(trap("operand of dup_x"))
	}
	if n == 0 {
		n = words
	}
	copy(ops[sp-n+words:sp+words], ops[sp-n:sp])
	copy(ops[sp-n:sp-n+words], ops[sp:sp+words])
	x.sp += words
	x.pc += 2
	return goesOn
}

// swapX is swap_x: the high nibble of words change places with the low nibble
// of words below.
func (m *Machine) swapX(x *registers, _ jcvm.Opcode) signal {
	mn := x.u1(1)
	ops, sp, words, n := x.ops, x.sp, mn>>4, mn&15
	if words < 1 || words > 2 || n < 1 || n > 2 {
		panic(trap("operand of swap_x"))
	}
	var both [4]cell
	copy(both[:words], ops[sp-words:sp])
	copy(both[words:words+n], ops[sp-words-n:sp-words])
	copy(ops[sp-words-n:sp], both[:words+n])
	x.pc += 2
	return goesOn
}
