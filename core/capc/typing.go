package capc

import (
	"fmt"
	"strings"

	"inkan/core/classfile"
)

// typing decides for every number of a method whether it has 16 or 32 bits.
// Java computes in 32 bits; the card does in 16 where the outcome is the same.
// Facts about values only grow, so it ends. Spec: SPEC-CAPC-012, SPEC-CAPC-013.
type typing struct {
	*flow
	changed bool
}

// decideTypes runs over the code until nothing changes, then reports what
// cannot be expressed.
func (f *flow) decideTypes() {
	t := &typing{flow: f}
	for {
		t.changed = false
		for _, v := range f.linked {
			for _, w := range v.ways {
				t.set(&v.wide, w.wide)
			}
		}
		for i := range f.list {
			t.rule(i)
		}
		for i := len(f.list) - 1; i >= 0; i-- {
			t.rule(i)
		}
		if !t.changed {
			break
		}
	}
	f.checkParameters()
	for i := range f.list {
		if f.steps[i].reached {
			f.checkTypes(i)
		}
	}
}

func (t *typing) set(fact *bool, when bool) {
	if when && !*fact {
		*fact, t.changed = true, true
	}
}

// same makes values all int as soon as one of them is.
func (t *typing) same(values ...*value) bool {
	any := false
	for _, v := range values {
		any = any || of(v).isInt
	}
	if any {
		for _, v := range values {
			t.set(&of(v).isInt, true)
		}
	}
	return any
}

// computes makes operands and result of an operator int as soon as one is.
func (t *typing) computes(st *step) bool {
	any := t.same(append(append([]*value(nil), st.args...), st.out)...)
	t.set(&st.out.wide, any)
	return any
}

// exact computes a value in 32 bits where its 16 bits may not be the number.
func (t *typing) exact(v *value) {
	if t.c.opt.Int {
		t.set(&of(v).isInt, of(v).overflow)
	}
}

// pass lets a value take over what may be said of another.
func (t *typing) pass(from, to *value) {
	from, to = of(from), of(to)
	t.set(&to.big, from.big)
	t.set(&to.negative, from.negative)
}

// rule applies what one instruction says about the values it takes and gives.
func (t *typing) rule(i int) {
	st, in := &t.steps[i], &t.list[i]
	if !st.reached {
		return
	}
	switch op := in.Op; op {
	case classfile.OpIadd, classfile.OpIsub, classfile.OpImul, classfile.OpIand, classfile.OpIor, classfile.OpIxor, classfile.OpIneg:
		if !t.computes(st) {
			t.arithmetic(op, st)
		}
	case classfile.OpIdiv, classfile.OpIrem:
		t.exact(st.args[0])
		t.exact(st.args[1])
		if !t.computes(st) {
			t.divide(op, st)
		}
	case classfile.OpIshl, classfile.OpIshr, classfile.OpIushr:
		if op != classfile.OpIshl {
			t.exact(st.args[0])
		}
		if !t.computes(st) {
			t.shift(i, op, st)
		}
	case classfile.OpIfIcmpeq, classfile.OpIfIcmpne, classfile.OpIfIcmplt, classfile.OpIfIcmpge, classfile.OpIfIcmpgt, classfile.OpIfIcmple:
		t.exact(st.args[0])
		t.exact(st.args[1])
		t.same(st.args[0], st.args[1])
	case classfile.OpIfeq, classfile.OpIfne, classfile.OpIflt, classfile.OpIfge, classfile.OpIfgt, classfile.OpIfle:
		t.exact(st.args[0])
	case classfile.OpTableswitch, classfile.OpLookupswitch:
		t.exact(st.args[0])
		if t.c.opt.Int {
			t.set(&of(st.args[0]).isInt, wideCases(in))
		}
	case classfile.OpIinc:
		v := of(st.local)
		t.set(&v.isInt, !v.counter)
		t.set(&v.holds, !v.counter)
		t.set(&v.big, true)
	case classfile.OpIastore:
		t.set(&of(st.args[2]).isInt, true)
	case classfile.OpIreturn:
		t.set(&of(st.args[0]).isInt, t.result == "I")
	case classfile.OpPutfield, classfile.OpPutstatic:
		t.set(&of(st.args[len(st.args)-1]).isInt, in.Constant.Descriptor == "I")
	case classfile.OpInvokevirtual, classfile.OpInvokespecial, classfile.OpInvokestatic, classfile.OpInvokeinterface:
		params, _, _ := classfile.Signature(in.Constant.Descriptor)
		for j, v := range st.args[len(st.args)-len(params):] {
			t.set(&of(v).isInt, params[j] == "I")
		}
	default:
		t.variableRule(st)
	}
}

// variableRule is the one of loads and stores.
func (t *typing) variableRule(st *step) {
	if st.local == nil || of(st.local).ref {
		return
	}
	v := of(st.local)
	if st.out != nil { // a load
		t.set(&of(st.out).isInt, v.isInt)
		t.set(&st.out.wide, v.holds)
		t.pass(v, st.out)
		return
	}
	from := of(st.args[0])
	if v.declared == 0 {
		t.set(&v.holds, st.args[0].wide || t.c.opt.Int && from.overflow)
		t.set(&v.isInt, v.holds || !t.c.opt.Int && from.isInt)
		t.pass(from, v)
	}
	t.set(&from.isInt, v.isInt)
}

// arithmetic is the rule of operators whose low 16 bits depend on the low 16
// bits of their operands only. Bytes cannot overflow a short.
func (t *typing) arithmetic(op classfile.Opcode, st *step) {
	a := of(st.args[0])
	b := of(st.args[len(st.args)-1])
	out := of(st.out)
	switch op {
	case classfile.OpIand:
		mask := func(v *value) bool { return !v.negative && !v.overflow }
		t.set(&out.negative, !mask(a) && !mask(b))
		t.set(&out.overflow, (a.overflow || b.overflow) && !mask(a) && !mask(b))
		t.set(&out.big, a.big || b.big || a.overflow || b.overflow)
	case classfile.OpIor, classfile.OpIxor:
		t.set(&out.negative, a.negative || b.negative)
		t.set(&out.big, a.big || b.big)
		t.set(&out.overflow, a.overflow || b.overflow)
	default:
		t.set(&out.negative, true)
		t.set(&out.big, true)
		t.set(&out.overflow, a.overflow || b.overflow || a.big || b.big)
	}
}

// divide: the quotient of -32768 and -1 does not fit.
func (t *typing) divide(op classfile.Opcode, st *step) {
	a, b, out := of(st.args[0]), of(st.args[1]), of(st.out)
	t.set(&out.negative, a.negative || op == classfile.OpIdiv && b.negative)
	t.set(&out.big, a.big || b.big || op == classfile.OpIdiv && a.negative && b.negative)
	t.set(&out.overflow, op == classfile.OpIdiv && a.big && a.negative && b.negative)
}

// shift: to the right the result is no larger than the operand, unless sign
// bits come in as zeroes.
func (t *typing) shift(i int, op classfile.Opcode, st *step) {
	a, out := of(st.args[0]), of(st.out)
	if op == classfile.OpIshr || op == classfile.OpIushr && !a.negative {
		t.pass(a, out)
		return
	}
	t.set(&out.negative, true)
	t.set(&out.big, true)
	fits := false
	if op == classfile.OpIshl && !a.big && i > 0 {
		if n, ok := constantOf(&t.list[i-1]); ok && t.steps[i-1].out == st.args[1] {
			fits = n >= 0 && n <= 8
		}
	}
	t.set(&out.overflow, !fits)
}

// wideCases tells whether a switch has values that are no short.
func wideCases(in *classfile.Instruction) bool {
	n := len(in.Cases)
	return n > 0 && (in.Cases[0].Match < -0x8000 || in.Cases[n-1].Match > 0x7FFF)
}

// checkParameters reports a parameter of another type than int that is assigned
// a value which is also used as an int. Only a class file that does not name its
// variables leaves that open.
func (f *flow) checkParameters() {
	params, _, _ := classfile.Signature(f.m.desc)
	locals := f.states[0].locals
	if !f.m.has(classfile.AccStatic) {
		locals = locals[1:]
	}
	for i, p := range params {
		if v := locals[i]; v != nil && p != "I" && !of(v).ref && of(v).isInt {
			f.c.report(f.at(0), fmt.Sprintf("parameter %d is a short and used as an int", i+1), "compile with -g")
		}
	}
}

const castAdvice = "cast the intermediate result to short"

// checkTypes reports an instruction that needs what the types do not allow.
func (f *flow) checkTypes(i int) {
	st, in, at := &f.steps[i], &f.list[i], f.at(i)
	if !f.c.opt.Int {
		f.checkNoInt(i)
	}
	needExact := func(v *value, what string) {
		if v = of(v); !v.isInt && v.overflow {
			f.c.report(at, what+" may not fit in a short", castAdvice)
		}
	}
	short := func(v *value, what string) {
		needExact(v, what)
		if of(v).isInt {
			f.c.report(at, what+" is an int", "cast it to short")
		}
	}
	switch op := in.Op; op {
	case classfile.OpIdiv, classfile.OpIrem:
		needExact(st.args[0], "the dividend")
		needExact(st.args[1], "the divisor")
	case classfile.OpIshr, classfile.OpIushr:
		needExact(st.args[0], "the value that is shifted to the right")
	case classfile.OpIfIcmpeq, classfile.OpIfIcmpne, classfile.OpIfIcmplt, classfile.OpIfIcmpge, classfile.OpIfIcmpgt, classfile.OpIfIcmple,
		classfile.OpIfeq, classfile.OpIfne, classfile.OpIflt, classfile.OpIfge, classfile.OpIfgt, classfile.OpIfle:
		for _, v := range st.args {
			needExact(v, "a value that is compared")
		}
	case classfile.OpTableswitch, classfile.OpLookupswitch:
		needExact(st.args[0], "the value of the switch")
		if wideCases(in) && !of(st.args[0]).isInt {
			f.c.report(at, "a case of the switch does not fit in a short", "")
		}
	case classfile.OpBaload, classfile.OpSaload, classfile.OpIaload, classfile.OpAaload, classfile.OpBastore, classfile.OpSastore, classfile.OpIastore, classfile.OpAastore:
		short(st.args[1], "the array index")
	case classfile.OpNewarray, classfile.OpAnewarray:
		short(st.args[0], "the array size")
	case classfile.OpIreturn:
		f.checkAssigned(f.result, st.args[0], at, "the result", true)
	case classfile.OpPutfield, classfile.OpPutstatic:
		f.checkAssigned(in.Constant.Descriptor, st.args[len(st.args)-1], at, "the value of field "+in.Constant.Name, true)
	case classfile.OpInvokevirtual, classfile.OpInvokespecial, classfile.OpInvokestatic, classfile.OpInvokeinterface:
		params, _, _ := classfile.Signature(in.Constant.Descriptor)
		for j, v := range st.args[len(st.args)-len(params):] {
			f.checkAssigned(params[j], v, at, fmt.Sprintf("argument %d", j+1), j == len(params)-1)
		}
	default:
		if v := st.local; v != nil && !of(v).ref && st.out == nil && len(st.args) > 0 {
			desc := string(of(v).declared)
			if of(v).declared == 0 && !of(v).isInt {
				desc = "S"
			}
			f.checkAssigned(desc, st.args[0], at, "the value of the local variable", true)
		}
	}
}

// checkAssigned reports a value that does not fit where it goes. One on top of
// the stack can still be made a short: see narrowed.
func (f *flow) checkAssigned(desc string, v *value, at where, what string, top bool) {
	if v = of(v); v.ref || desc == "I" || v.isInt && desc == "\x00" {
		return
	}
	if v.isInt && !top {
		f.c.report(at, what+" is an int", "assign it to a short variable first")
	} else if !v.isInt && v.overflow {
		f.c.report(at, what+" may not fit in a short", castAdvice)
	}
}

// checkNoInt reports what has 32 bits in a package without int.
func (f *flow) checkNoInt(i int) {
	st, in, at := &f.steps[i], &f.list[i], f.at(i)
	const advice = "use short, or convert with int support for cards that have it"
	switch {
	case st.local != nil && !of(st.local).ref && of(st.local).isInt && st.out == nil:
		f.c.report(at, "int local variable", advice)
	case in.Op >= classfile.OpInvokevirtual && in.Op <= classfile.OpInvokeinterface:
		params, result, _ := classfile.Signature(in.Constant.Descriptor)
		for _, p := range append(params, result) {
			if strings.TrimPrefix(p, "[") == "I" {
				f.c.report(at, "method "+in.Constant.Name+" with int", advice)
			}
		}
	case in.Op == classfile.OpIaload || in.Op == classfile.OpIastore || in.Op == classfile.OpNewarray && in.Value == 10:
		f.c.report(at, "int array", advice)
	case in.Op == classfile.OpLdc || in.Op == classfile.OpLdcW || in.Op == classfile.OpSipush:
		if of(st.out).isInt {
			f.c.report(at, "constant that does not fit in a short", advice)
		}
	}
}
