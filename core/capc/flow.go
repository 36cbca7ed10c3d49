package capc

import (
	"fmt"

	"inkan/core/classfile"
)

// step is what one Java instruction takes and gives.
type step struct {
	reached bool
	before  []*value // the stack in front of it, the top last
	args    []*value // taken from the stack, the top last
	out     *value   // put on it; nil if nothing, or nothing new
	local   *value   // local variable that is loaded, stored or incremented
	copies  []*value // of dup and its kin: what stands on the stack instead of args
}

// flow is the analysis of one method's code.
type flow struct {
	c      *converter
	m      *method
	code   *classfile.Code
	list   []classfile.Instruction
	index  map[int]int // instruction number by offset
	steps  []step
	states []*state // at the beginning of blocks
	leader []bool   // instructions that a branch, switch or handler leads to
	work   []int
	covers [][]int  // by instruction: handlers whose range holds it
	live   []slots  // by instruction: what may be read later
	linked []*value // those with ways
	named  []*value // by entry of LocalVariableTable
	bySlot map[int][]int
	result string // descriptor
}

// state is what stands on the stack and in the local variables.
type state struct{ stack, locals []*value }

func (s *state) clone() *state {
	return &state{append([]*value(nil), s.stack...), append([]*value(nil), s.locals...)}
}

// maxStack bounds the stack of a class file that is not valid.
const maxStack = 255

// newFlow analyses the code of a method: which values an instruction takes.
// It is nil when the code is not valid.
func (c *converter) newFlow(m *method) *flow {
	code := m.file.Code
	f := &flow{c: c, m: m, code: code, list: code.Instructions, index: make(map[int]int, len(code.Instructions)),
		steps: make([]step, len(code.Instructions)), states: make([]*state, len(code.Instructions)), bySlot: map[int][]int{}}
	for i := range f.list {
		f.index[f.list[i].PC] = i
	}
	f.findLeaders()
	f.findHandlers()
	f.findLive()
	f.findVariables()
	before := len(c.errors)
	if start := f.start(); start != nil {
		f.flowTo(0, start)
	}
	for len(f.work) > 0 && len(c.errors) < MaxErrors {
		i := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		f.block(i)
	}
	if len(c.errors) > before {
		return nil
	}
	f.findCounters()
	return f
}

func (f *flow) at(i int) where {
	return where{f.m.class.name, f.m.key(), f.code.LineAt(f.list[i].PC)}
}

func (f *flow) findLeaders() {
	f.leader = make([]bool, len(f.list))
	for i := range f.list {
		in := &f.list[i]
		if in.IsBranch() {
			f.leader[f.index[in.Target]] = true
		}
		for _, x := range in.Cases {
			f.leader[f.index[x.Target]] = true
		}
	}
	for _, h := range f.code.Handlers {
		f.leader[f.index[h.Handler]] = true
	}
}

func (f *flow) findHandlers() {
	f.covers = make([][]int, len(f.list))
	for h := range f.code.Handlers {
		x := &f.code.Handlers[h]
		for i := f.index[x.Start]; i < len(f.list) && f.list[i].PC < x.End; i++ {
			f.covers[i] = append(f.covers[i], h)
		}
	}
}

func (f *flow) findVariables() {
	f.named = make([]*value, len(f.code.Variables))
	for i := range f.code.Variables {
		v := &f.code.Variables[i]
		if v.Descriptor != "I" {
			f.c.checkType(v.Descriptor, where{f.m.class.name, f.m.key(), f.code.LineAt(v.Start - 1)})
		}
		f.named[i] = typed(v.Descriptor)
		f.named[i].declared, f.named[i].named = v.Descriptor[0], true
		if f.named[i].ref {
			f.named[i].declared = 'L'
		}
		f.bySlot[v.Slot] = append(f.bySlot[v.Slot], i)
	}
}

// variable is the named local variable in a slot at an offset; nil if the class
// file does not tell.
func (f *flow) variable(slot, pc int) *value {
	for _, i := range f.bySlot[slot] {
		if v := &f.code.Variables[i]; v.Start <= pc && pc < v.End {
			return f.named[i]
		}
	}
	return nil
}

// start is the state at the beginning of the method: its arguments.
func (f *flow) start() *state {
	s := &state{locals: make([]*value, f.code.MaxLocals)}
	params, result, _ := classfile.Signature(f.m.desc)
	f.result = result
	if !f.m.has(classfile.AccStatic) {
		params = append([]string{"L" + f.m.class.name + ";"}, params...)
	}
	if len(params) > len(s.locals) {
		f.c.report(f.at(0), "the class file is not valid: more arguments than local variables", "")
		return nil
	}
	for i, p := range params {
		v := typed(p)
		v.declared = p[0]
		if v.ref {
			v.declared = 'L'
		}
		if named := f.variable(i, 0); named != nil && of(named).declared == v.declared {
			v = named
		}
		s.locals[i] = v
	}
	return s
}

// flowTo continues at an instruction with a state.
func (f *flow) flowTo(i int, s *state) {
	if i >= len(f.list) {
		f.c.report(f.at(len(f.list)-1), "the class file is not valid: the code ends without a return", "")
		return
	}
	old := f.states[i]
	if old == nil {
		f.states[i] = s.clone()
		f.work = append(f.work, i)
		return
	}
	if len(old.stack) != len(s.stack) {
		f.invalid(i, "different stack depths where two ways meet")
		return
	}
	for j := range s.stack {
		if !unite(old.stack[j], s.stack[j]) {
			f.invalid(i, "a number and a reference meet on the stack")
			return
		}
		f.follow(old.stack[j], s.stack[j])
	}
	for j := range s.locals {
		if f.live[i].has(j) && !unite(old.locals[j], s.locals[j]) {
			old.locals[j] = nil
		}
	}
}

func (f *flow) invalid(i int, why string) {
	f.c.report(f.at(i), fmt.Sprintf("the class file is not valid at offset %d: %s", f.list[i].PC, why), "")
}

// block follows the code from a block's beginning to where it branches or runs
// into another block. So each instruction is executed once.
func (f *flow) block(i int) {
	s := f.states[i].clone()
	for first := true; ; first = false {
		if !first && (i >= len(f.list) || f.leader[i]) {
			f.flowTo(i, s)
			return
		}
		for _, h := range f.covers[i] {
			x := f.code.Handlers[h]
			f.flowTo(f.index[x.Handler], &state{[]*value{{ref: true}}, s.locals})
		}
		in, st := &f.list[i], &f.steps[i]
		st.reached = true
		st.before = append([]*value(nil), s.stack...)
		if !f.execute(i, in, s) {
			return
		}
		if in.IsBranch() {
			f.flowTo(f.index[in.Target], s)
			for _, x := range in.Cases {
				f.flowTo(f.index[x.Target], s)
			}
		}
		if ends(in.Op) {
			return
		}
		i++
		if in.IsBranch() {
			f.flowTo(i, s)
			return
		}
	}
}

// ends tells whether nothing follows an instruction.
func ends(op classfile.Opcode) bool {
	switch op {
	case classfile.OpGoto, classfile.OpGotoW, classfile.OpAthrow, classfile.OpTableswitch, classfile.OpLookupswitch:
		return true
	}
	return op >= classfile.OpIreturn && op <= classfile.OpReturn
}

// pop takes n values; false if there are not so many.
func (f *flow) pop(i, n int, s *state) bool {
	if len(s.stack) < n {
		f.invalid(i, "too few values on the stack")
		return false
	}
	cut := len(s.stack) - n
	f.steps[i].args = append([]*value(nil), s.stack[cut:]...)
	s.stack = s.stack[:cut]
	return true
}

func (f *flow) push(i int, v *value, s *state) bool {
	if len(s.stack) >= maxStack {
		f.invalid(i, "too many values on the stack")
		return false
	}
	f.steps[i].out, v.first = v, i
	s.stack = append(s.stack, v)
	return true
}

// shape says what an instruction takes and gives: a reference, n number, and
// for what it gives also b, s and i for types.
type shape struct{ takes, gives string }

// take pops values of the kinds that the letters name.
func (f *flow) take(i int, kinds string, s *state) bool {
	if !f.pop(i, len(kinds), s) {
		return false
	}
	for j, v := range f.steps[i].args {
		if v == nil || of(v).ref != (kinds[j] == 'a') {
			f.invalid(i, "a number where a reference is needed, or the reverse")
			return false
		}
	}
	return true
}
