package vm

import (
	"inkan/core/jcvm"
	"inkan/core/observe"
)

// run interprets the running frame and those that it calls, until the frame
// with index floor returns or throws. pc and acc are stored before each
// instruction, so that whoever unwinds it (a trap, a throw from a helper, a
// power cut) finds them true. What the switch does not do by itself, a handler
// does. Spec: SPEC-JCVM-001 to SPEC-JCVM-004.
func (m *Machine) run(floor int) outcome {
	acc, obs := m.acc, m.stepper
enter:
	for {
		f := &m.frames[m.depth]
		m.registers.load(m, f)
		code, loc, ops, ctx := m.registers.code, m.registers.loc, m.registers.ops, uint16(f.context)
		pc, sp := int(f.pc), int(f.sp)
		for {
			op := jcvm.Opcode(code[pc])
			acc += m.opcode[op]
			f.pc, m.acc = int32(pc), acc
			if obs != nil {
				m.observe(obs, f, op)
			}
			switch op {
			case jcvm.OpAconstNull:
				ops[sp] = tagRef
				sp++
				pc++
			case jcvm.OpSconstM1, jcvm.OpSconst0, jcvm.OpSconst1, jcvm.OpSconst2, jcvm.OpSconst3, jcvm.OpSconst4, jcvm.OpSconst5:
				ops[sp] = cell(uint16(op) - uint16(jcvm.OpSconst0))
				sp++
				pc++
			case jcvm.OpBspush:
				ops[sp] = cell(uint16(int16(int8(code[pc+1]))))
				sp++
				pc += 2
			case jcvm.OpSspush:
				ops[sp] = cell(code[pc+1])<<8 | cell(code[pc+2])
				sp++
				pc += 3
			case jcvm.OpAload, jcvm.OpSload:
				ops[sp] = loc[code[pc+1]]
				sp++
				pc += 2
			case jcvm.OpAload0, jcvm.OpSload0:
				ops[sp] = loc[0]
				sp++
				pc++
			case jcvm.OpAload1, jcvm.OpSload1:
				ops[sp] = loc[1]
				sp++
				pc++
			case jcvm.OpAload2, jcvm.OpSload2, jcvm.OpAload3, jcvm.OpSload3:
				ops[sp] = loc[op&3] // aload_0 is 18, sload_0 1C
				sp++
				pc++
			case jcvm.OpAstore, jcvm.OpSstore:
				sp--
				loc[code[pc+1]] = ops[sp]
				pc += 2
			case jcvm.OpAstore0, jcvm.OpAstore1, jcvm.OpAstore2, jcvm.OpAstore3,
				jcvm.OpSstore0, jcvm.OpSstore1, jcvm.OpSstore2, jcvm.OpSstore3:
				sp--
				loc[(op-jcvm.OpAstore0)&3] = ops[sp]
				pc++
			case jcvm.OpPop:
				sp--
				_ = ops[sp]
				pc++
			case jcvm.OpDup:
				ops[sp] = ops[sp-1]
				sp++
				pc++
			case jcvm.OpSadd:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] + ops[sp]))
				pc++
			case jcvm.OpSsub:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] - ops[sp]))
				pc++
			case jcvm.OpSmul:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] * ops[sp]))
				pc++
			case jcvm.OpSand:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] & ops[sp]))
				pc++
			case jcvm.OpSor:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] | ops[sp]))
				pc++
			case jcvm.OpSxor:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] ^ ops[sp]))
				pc++
			case jcvm.OpSshl:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] << (ops[sp] & 31)))
				pc++
			case jcvm.OpSshr:
				sp--
				ops[sp-1] = cell(uint16(int32(int16(ops[sp-1])) >> (ops[sp] & 31)))
				pc++
			case jcvm.OpS2b:
				ops[sp-1] = cell(uint16(int16(int8(ops[sp-1]))))
				pc++
			case jcvm.OpSinc:
				i := code[pc+1]
				loc[i] = cell(uint16(loc[i] + cell(int8(code[pc+2]))))
				pc += 3
			case jcvm.OpIfeq, jcvm.OpIfnull:
				sp--
				if uint16(ops[sp]) == 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfne, jcvm.OpIfnonnull:
				sp--
				if uint16(ops[sp]) != 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIflt:
				sp--
				if int16(ops[sp]) < 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfge:
				sp--
				if int16(ops[sp]) >= 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfgt:
				sp--
				if int16(ops[sp]) > 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfle:
				sp--
				if int16(ops[sp]) <= 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpeq, jcvm.OpIfAcmpeq:
				sp -= 2
				if uint16(ops[sp]) == uint16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpne, jcvm.OpIfAcmpne:
				sp -= 2
				if uint16(ops[sp]) != uint16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmplt:
				sp -= 2
				if int16(ops[sp]) < int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpge:
				sp -= 2
				if int16(ops[sp]) >= int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpgt:
				sp -= 2
				if int16(ops[sp]) > int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmple:
				sp -= 2
				if int16(ops[sp]) <= int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpGoto:
				goto jump
			case jcvm.OpBaload:
				r, i := ops[sp-2], uint16(ops[sp-1])
				o := &m.objects[r.ref()]
				if o.owner != ctx || !r.isRef() || !o.isBytes() || !o.has(i) {
					goto handled
				}
				m.checks++
				sp--
				ops[sp-1] = cell(uint16(int16(int8(m.byteAt(o, i)))))
				pc++
			case jcvm.OpBastore:
				r, i := ops[sp-3], uint16(ops[sp-2])
				o := &m.objects[r.ref()]
				if o.owner != ctx || !r.isRef() || !o.isBytes() || !o.has(i) || o.ram == nil {
					goto handled
				}
				m.checks++
				sp -= 3
				o.ram[i] = byte(ops[sp+2])
				pc++
			case jcvm.OpAreturn, jcvm.OpSreturn:
				m.returned[0], m.words = ops[sp-1], 1
				goto leave
			case jcvm.OpIreturn:
				m.returned[0], m.returned[1], m.words = ops[sp-2], ops[sp-1], 2
				goto leave
			case jcvm.OpReturn:
				m.words = 0
				goto leave
			default:
				goto handled
			}
			continue
		jump:
			pc += int(int8(code[pc+1]))
			if uint32(acc) > flushAt {
				m.flush()
				acc = m.acc
			}
			continue
		handled:
			handle := handlers[op]
			if handle == nil {
				panic(trap("opcode " + op.String()))
			}
			x := &m.registers
			x.pc, x.sp = pc, sp
			switch handle(m, x, op) {
			case goesOn:
				pc, sp, acc = x.pc, x.sp, m.acc
			case calls:
				acc = m.acc
				continue enter
			case throws:
				if !m.unwind(floor) {
					return runThrew
				}
				acc = m.acc
				continue enter
			}
		}
	leave:
		if m.depth == floor {
			m.leave()
			return runReturned
		}
		m.leave()
		m.giveResult(m.words)
	}
}

// observe tells an observer of the instruction that comes.
func (m *Machine) observe(obs observe.Observer, f *frame, op jcvm.Opcode) {
	pending := uint64(uint32(m.acc)) + m.acc>>32 - m.opcode[op]&0xFFFFFFFF - m.opcode[op]>>32
	m.step = observe.Step{Cycle: m.clock.Now() + pending, Package: f.method.pkg.index, PC: uint16(f.pc), Opcode: byte(op),
		Depth: byte(m.depth), Context: byte(f.context)}
	obs.Bytecode(&m.step)
}
