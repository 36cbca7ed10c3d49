// Package vmcosts makes the virtual machine's cost table out of a chip's data.
//
// It must not know what an instruction does. It implements spec/TIMING.md
// §Bytecodes.
package vmcosts

import (
	"inkan/sim/engine"
	"inkan/sim/vm"
)

// Of is the cost table of a chip. Spec: SPEC-TIMING-003.
func Of(c *engine.Chip) *vm.Costs {
	p := &c.CPU
	out := &vm.Costs{
		CodeByte: p.CodeByte, DataAccess: p.DataAccess, DataByte: p.DataByte, Firewall: p.Firewall, Switch: p.Switch,
		SwitchPair: p.SwitchPair, Unwind: p.Unwind, Allocate: p.Allocate, LinkByte: p.LinkByte, LinkEntry: p.LinkEntry,
		MarkObject: p.MarkObject, SweepBlock: p.SweepBlock, BootBlock: p.BootBlock,
	}
	opcodes := c.Opcodes()
	copy(out.Opcode[:], opcodes[:])
	return out
}
