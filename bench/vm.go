package main

import (
	"inkan/core/jcvm"
	"inkan/core/jcvm/asm"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/vm"
)

var vmPromise = Promise{
	Name:     "call a method of 12006 bytecodes on the virtual machine",
	Baseline: "a bare Go switch over the same bytecodes, cycles counted, nothing checked",
	Limit:    3,
	Setup:    setupVM,
}

const sumRounds = 1000

// sumText adds i*3 ^ i for i from n down to 1: 12 bytecodes a round, and 6
// around them.
const sumText = `
	sconst_0
	sstore_1
loop:
	sload_0
	ifeq done
	sload_1
	sload_0
	sconst_3
	smul
	sload_0
	sxor
	sadd
	sstore_1
	sinc 0 -1
	goto loop
done:
	sload_1
	sreturn
`

func setupVM() (operation, baseline func(), err error) {
	c, err := newCard(nil, nil, method{args: 1, locals: 1, stack: 4, text: sumText})
	if err != nil {
		return nil, nil, err
	}
	code, err := asm.Assemble(sumText)
	if err != nil {
		return nil, nil, err
	}
	var costs [256]uint64
	for op, cycles := range engine.Reference().Opcodes() {
		costs[op] = uint64(cycles)
	}
	args := []vm.Word{vm.ShortWord(sumRounds)}
	var got, want int16
	var cycles uint64
	operation = func() { got = int16(c.must(0, args)) }
	locals, operands := make([]int16, 2), make([]int16, 4)
	baseline = func() {
		locals[0] = sumRounds
		want, cycles = interpret(code, &costs, locals, operands)
	}
	before := c.Clock().Ledger()[clock.Bytecode]
	operation()
	baseline()
	if got != want || c.Clock().Ledger()[clock.Bytecode]-before != cycles {
		err = errDiffers
	}
	return operation, baseline, err
}

// interpret is the loop that the machine is compared with: typed locals and
// operands, cycles counted, nothing checked or charged. It knows only what
// sumText needs and a few opcodes besides.
//
//go:noinline
func interpret(code []byte, costs *[256]uint64, locals, operands []int16) (int16, uint64) {
	pc, sp, cycles := 0, 0, uint64(0)
	for {
		op := jcvm.Opcode(code[pc])
		cycles += costs[op]
		switch op {
		case jcvm.OpSload0:
			operands[sp] = locals[0]
			sp++
			pc++
		case jcvm.OpSload1:
			operands[sp] = locals[1]
			sp++
			pc++
		case jcvm.OpSconst0:
			operands[sp] = 0
			sp++
			pc++
		case jcvm.OpSconst3:
			operands[sp] = 3
			sp++
			pc++
		case jcvm.OpSmul:
			sp--
			operands[sp-1] *= operands[sp]
			pc++
		case jcvm.OpSxor:
			sp--
			operands[sp-1] ^= operands[sp]
			pc++
		case jcvm.OpSadd:
			sp--
			operands[sp-1] += operands[sp]
			pc++
		case jcvm.OpSsub:
			sp--
			operands[sp-1] -= operands[sp]
			pc++
		case jcvm.OpSstore1:
			sp--
			locals[1] = operands[sp]
			pc++
		case jcvm.OpSinc:
			locals[code[pc+1]] += int16(int8(code[pc+2]))
			pc += 3
		case jcvm.OpGoto:
			pc += int(int8(code[pc+1]))
		case jcvm.OpIfeq:
			sp--
			if operands[sp] == 0 {
				pc += int(int8(code[pc+1]))
			} else {
				pc += 2
			}
		case jcvm.OpPop:
			sp--
			pc++
		case jcvm.OpNop:
			pc++
		case jcvm.OpSreturn:
			return operands[sp-1], cycles
		default:
			panic(op)
		}
	}
}
