package vm

import "inkan/core/jcvm"

// registers is what a handler sees of the running frame. run keeps pc and sp to
// itself and lends them to each handler.
type registers struct {
	code     []byte
	links    []link
	loc, ops []cell // locals and operands; Go's bounds checks on them are the machine's
	context  Context
	pc, sp   int
}

// load makes a frame the running one.
func (x *registers) load(m *Machine, f *frame) {
	method := f.method
	x.code, x.links = method.pkg.code, method.pkg.links
	x.loc = m.stack[f.base:f.ops:f.ops]
	x.ops = m.stack[f.ops : f.ops+method.maxStack : f.ops+method.maxStack]
	x.context = f.context
}

// u1 is the instruction's byte at an offset.
func (x *registers) u1(at int) int { return int(x.code[x.pc+at]) }

// u2 is the two bytes at an offset.
func (x *registers) u2(at int) int { return int(x.code[x.pc+at])<<8 | int(x.code[x.pc+at+1]) }

// link is the constant whose two-byte index stands at an offset.
func (x *registers) link(at int) *link { return &x.links[x.u2(at)] }

// signal is how a handler ends.
type signal int

const (
	goesOn signal = iota // with the instruction at registers.pc
	calls                // Machine.frames say where it goes on
	throws               // Machine.thrown
)

// handler executes one instruction, of which the costs are already charged, and
// moves registers.pc and registers.sp.
type handler func(*Machine, *registers, jcvm.Opcode) signal

// raise throws the card's own instance of an exception class out of a handler.
func (m *Machine) raise(class *APIClass) signal {
	m.thrown = m.own(class, 0)
	return throws
}
