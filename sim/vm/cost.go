package vm

import (
	"fmt"

	"inkan/core/jcvm"
	"inkan/sim/clock"
)

// maxOpcodeCycles keeps a method's straight-line code from overflowing the
// accumulator: 65,535 instructions of it stay below 2^31.
const maxOpcodeCycles = 32767

// fixedBytes is the length of an instruction with operands, by opcode. Switches
// count their opcode and default offset; the entries that they read count as
// SwitchPair.
var fixedBytes = func() (n [256]uint64) {
	for op := range jcvm.OpcodeCount {
		code := make([]byte, 16)
		code[0] = byte(op)
		length, err := jcvm.Length(code, 0)
		in, _ := jcvm.Lookup(jcvm.Opcode(op))
		if err != nil || in.Layout == jcvm.LayoutSwitch {
			length = 3
		}
		n[op] = uint64(length)
	}
	return n
}()

// setCosts packs the cycles of each opcode.
func (m *Machine) setCosts() error {
	for op := range jcvm.OpcodeCount {
		wait := fixedBytes[op] * uint64(m.costs.CodeByte)
		if m.costs.Opcode[op] > maxOpcodeCycles || wait > maxOpcodeCycles {
			return fmt.Errorf("vm: %s costs %d cycles: at most %d", jcvm.Opcode(op), m.costs.Opcode[op], maxOpcodeCycles)
		}
		m.opcode[op] = uint64(m.costs.Opcode[op]) | wait<<32
	}
	return nil
}

// flushAt is the number of collected bytecode cycles at which a branch or a
// call charges them.
const flushAt = 1 << 20

// flush charges what has been collected to the clock, which may cut the power.
// It comes before everything that can be seen from outside: NVM writes,
// natives, the return to the platform. Spec: SPEC-JCVM-070, SPEC-JCVM-071.
func (m *Machine) flush() {
	if m.acc|uint64(m.checks)|uint64(m.accesses) == 0 {
		return
	}
	acc, checks, accesses := m.acc, m.checks, m.accesses
	m.acc, m.checks, m.accesses = 0, 0, 0
	m.clock.Advance(clock.Bytecode, uint64(uint32(acc)))
	m.clock.Advance(clock.Memory, acc>>32+uint64(accesses)*uint64(m.costs.DataAccess))
	m.clock.Advance(clock.Firewall, uint64(checks)*uint64(m.costs.Firewall))
}

// flushSome is flush when much has been collected: whatever can go back in the
// code calls it, so that no loop runs for ever without a charge.
func (m *Machine) flushSome() {
	if uint32(m.acc) > flushAt {
		m.flush()
	}
}
