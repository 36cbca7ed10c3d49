package capc

import (
	"inkan/core/classfile"
)

// shapes of the instructions that always take and give the same. Types given:
// a reference, z boolean, b byte, s short, i int, n a number that is worked out
// from what is taken.
var shapes = map[classfile.Opcode]shape{
	classfile.OpNop: {}, classfile.OpAconstNull: {"", "a"},
	classfile.OpIaload: {"an", "i"}, classfile.OpAaload: {"an", "a"}, classfile.OpBaload: {"an", "b"}, classfile.OpSaload: {"an", "s"},
	classfile.OpIastore: {"ann", ""}, classfile.OpAastore: {"ana", ""}, classfile.OpBastore: {"ann", ""}, classfile.OpSastore: {"ann", ""},
	classfile.OpIadd: {"nn", "n"}, classfile.OpIsub: {"nn", "n"}, classfile.OpImul: {"nn", "n"}, classfile.OpIdiv: {"nn", "n"},
	classfile.OpIrem: {"nn", "n"}, classfile.OpIneg: {"n", "n"}, classfile.OpIshl: {"nn", "n"}, classfile.OpIshr: {"nn", "n"},
	classfile.OpIushr: {"nn", "n"}, classfile.OpIand: {"nn", "n"}, classfile.OpIor: {"nn", "n"}, classfile.OpIxor: {"nn", "n"},
	classfile.OpI2b: {"n", "b"}, classfile.OpI2s: {"n", "s"},
	classfile.OpIfeq: {"n", ""}, classfile.OpIfne: {"n", ""}, classfile.OpIflt: {"n", ""}, classfile.OpIfge: {"n", ""},
	classfile.OpIfgt: {"n", ""}, classfile.OpIfle: {"n", ""}, classfile.OpIfIcmpeq: {"nn", ""}, classfile.OpIfIcmpne: {"nn", ""},
	classfile.OpIfIcmplt: {"nn", ""}, classfile.OpIfIcmpge: {"nn", ""}, classfile.OpIfIcmpgt: {"nn", ""}, classfile.OpIfIcmple: {"nn", ""},
	classfile.OpIfAcmpeq: {"aa", ""}, classfile.OpIfAcmpne: {"aa", ""}, classfile.OpIfnull: {"a", ""}, classfile.OpIfnonnull: {"a", ""},
	classfile.OpGoto: {}, classfile.OpGotoW: {}, classfile.OpTableswitch: {"n", ""}, classfile.OpLookupswitch: {"n", ""},
	classfile.OpIreturn: {"n", ""}, classfile.OpAreturn: {"a", ""}, classfile.OpReturn: {},
	classfile.OpNew: {"", "a"}, classfile.OpNewarray: {"n", "a"}, classfile.OpAnewarray: {"n", "a"}, classfile.OpArraylength: {"a", "l"},
	classfile.OpAthrow: {"a", ""}, classfile.OpCheckcast: {"a", "a"}, classfile.OpInstanceof: {"a", "z"},
}

// given is a new value for a letter of a shape.
func given(letter byte) *value {
	switch letter {
	case 'a':
		return &value{ref: true}
	case 'z':
		return typed("Z")
	case 'b':
		return typed("B")
	case 's':
		return typed("S")
	case 'i':
		return typed("I")
	case 'l':
		return &value{big: true} // the length of an array
	}
	return &value{}
}

// execute applies one instruction to a state; false when it cannot go on.
func (f *flow) execute(i int, in *classfile.Instruction, s *state) bool {
	if sh, ok := shapes[in.Op]; ok {
		if !f.take(i, sh.takes, s) {
			return false
		}
		if in.Op == classfile.OpIreturn && isRef(f.result) || in.Op == classfile.OpAreturn && !isRef(f.result) || (in.Op == classfile.OpReturn) != (f.result == "V") && in.Op >= classfile.OpIreturn && in.Op <= classfile.OpReturn {
			f.invalid(i, "a return of another type than the method's")
			return false
		}
		return sh.gives == "" || f.push(i, given(sh.gives[0]), s)
	}
	if n, ok := constantOf(in); ok {
		v := number(n)
		if n == 0x8000 && !f.c.opt.Int && f.isCompound(i) {
			v.isInt, v.wide, v.overflow = false, false, true // -32768 has the same low 16 bits
		}
		return f.push(i, v, s)
	}
	switch op := in.Op; {
	case op == classfile.OpIload || op == classfile.OpAload || op >= classfile.OpIload0 && op <= classfile.OpIload0+3 || op >= classfile.OpAload0 && op <= classfile.OpAload0+3:
		return f.load(i, in, s)
	case op == classfile.OpIstore || op == classfile.OpAstore || op >= classfile.OpIstore0 && op <= classfile.OpIstore0+3 || op >= classfile.OpAstore0 && op <= classfile.OpAstore0+3:
		return f.store(i, in, s)
	case op == classfile.OpIinc:
		return f.increment(i, in, s)
	case op >= classfile.OpPop && op <= classfile.OpSwap:
		return f.shuffle(i, in, s)
	case op >= classfile.OpGetstatic && op <= classfile.OpPutfield:
		return f.fieldAccess(i, in, s)
	case op >= classfile.OpInvokevirtual && op <= classfile.OpInvokeinterface:
		return f.invoke(i, in, s)
	}
	f.refuse(i, in)
	return false
}

// isCompound recognises what javac makes of v += c and v -= c for a short or
// byte variable: iload v; ldc; iadd or isub; i2s or i2b; istore v.
// It turns the sign of c so that the constant is positive: of -32768, which is
// a short, comes 32768. Only the low 16 bits count. Spec: SPEC-CAPC-017.
func (f *flow) isCompound(i int) bool {
	if i == 0 || i+3 >= len(f.list) {
		return false
	}
	for j := i; j <= i+3; j++ {
		if f.leader[j] {
			return false
		}
	}
	isLoad := func(op classfile.Opcode) bool {
		return op == classfile.OpIload || op >= classfile.OpIload0 && op <= classfile.OpIload0+3
	}
	isStore := func(op classfile.Opcode) bool {
		return op == classfile.OpIstore || op >= classfile.OpIstore0 && op <= classfile.OpIstore0+3
	}
	load, operator, cast, store := &f.list[i-1], f.list[i+1].Op, f.list[i+2].Op, &f.list[i+3]
	return isLoad(load.Op) && isStore(store.Op) && load.Local == store.Local &&
		(operator == classfile.OpIadd || operator == classfile.OpIsub) && (cast == classfile.OpI2s || cast == classfile.OpI2b)
}

// slot checks the index of a local variable.
func (f *flow) slot(i int, in *classfile.Instruction, s *state) bool {
	if in.Local >= len(s.locals) {
		f.invalid(i, "a local variable beyond max_locals")
		return false
	}
	return true
}

func (f *flow) load(i int, in *classfile.Instruction, s *state) bool {
	if !f.slot(i, in, s) {
		return false
	}
	wantRef := in.Op == classfile.OpAload || in.Op >= classfile.OpAload0 && in.Op <= classfile.OpAload0+3
	v := s.locals[in.Local]
	if v == nil || of(v).ref != wantRef {
		f.invalid(i, "a local variable that has no value of this type")
		return false
	}
	f.steps[i].local = v
	if wantRef {
		return f.push(i, &value{ref: true}, s)
	}
	return f.push(i, &value{}, s)
}

func (f *flow) store(i int, in *classfile.Instruction, s *state) bool {
	kind := "n"
	if in.Op == classfile.OpAstore || in.Op >= classfile.OpAstore0 && in.Op <= classfile.OpAstore0+3 {
		kind = "a"
	}
	if !f.slot(i, in, s) || !f.take(i, kind, s) {
		return false
	}
	v := f.variable(in.Local, in.Next())
	if v == nil {
		v = f.variable(in.Local, in.PC)
	}
	if v == nil || of(v).ref != (kind == "a") {
		v = &value{ref: kind == "a"}
	}
	f.steps[i].local = v
	s.locals[in.Local] = v
	return true
}

func (f *flow) increment(i int, in *classfile.Instruction, s *state) bool {
	if !f.slot(i, in, s) {
		return false
	}
	v := s.locals[in.Local]
	if v == nil || of(v).ref {
		f.invalid(i, "a local variable that is no number")
		return false
	}
	f.steps[i].local = v
	return true
}

// shuffles say for dup and its kin how many values are taken, and which of
// them, by position, stand there afterwards.
var shuffles = map[classfile.Opcode]struct {
	takes int
	gives []int
}{
	classfile.OpPop: {1, nil}, classfile.OpPop2: {2, nil}, classfile.OpDup: {1, []int{0, 0}},
	classfile.OpDupX1: {2, []int{1, 0, 1}}, classfile.OpDupX2: {3, []int{2, 0, 1, 2}},
	classfile.OpDup2: {2, []int{0, 1, 0, 1}}, classfile.OpDup2X1: {3, []int{1, 2, 0, 1, 2}},
	classfile.OpDup2X2: {4, []int{2, 3, 0, 1, 2, 3}}, classfile.OpSwap: {2, []int{1, 0}},
}

func (f *flow) shuffle(i int, in *classfile.Instruction, s *state) bool {
	sh := shuffles[in.Op]
	if !f.pop(i, sh.takes, s) {
		return false
	}
	st := &f.steps[i]
	st.copies = nil
	for _, j := range sh.gives {
		st.copies = append(st.copies, f.copied(st.args[j]))
	}
	if len(s.stack)+len(st.copies) > maxStack {
		f.invalid(i, "too many values on the stack")
		return false
	}
	s.stack = append(s.stack, st.copies...)
	return true
}

func letter(desc string) string {
	if isRef(desc) {
		return "a"
	}
	return "n"
}

func (f *flow) fieldAccess(i int, in *classfile.Instruction, s *state) bool {
	desc := in.Constant.Descriptor
	f.c.checkType(desc, f.at(i))
	object := ""
	if in.Op == classfile.OpGetfield || in.Op == classfile.OpPutfield {
		object = "a"
	}
	if in.Op == classfile.OpPutfield || in.Op == classfile.OpPutstatic {
		return f.take(i, object+letter(desc), s)
	}
	return f.take(i, object, s) && f.push(i, typed(desc), s)
}

func (f *flow) invoke(i int, in *classfile.Instruction, s *state) bool {
	params, result, _ := classfile.Signature(in.Constant.Descriptor)
	if in.Constant.Class != "" && in.Constant.Class[0] == '[' {
		f.c.report(f.at(i), "method "+in.Constant.Name+" of an array", "copy arrays with javacard.framework.Util")
		return false
	}
	kinds := ""
	if in.Op != classfile.OpInvokestatic {
		kinds = "a"
	}
	for _, p := range params {
		kinds += letter(p)
	}
	if !f.take(i, kinds, s) {
		return false
	}
	return result == "V" || f.push(i, typed(result), s)
}

// refuse says why an instruction has no place on a card. Spec: SPEC-CAPC-011.
func (f *flow) refuse(i int, in *classfile.Instruction) {
	at := f.at(i)
	switch op := in.Op; {
	case op == classfile.OpLdc || op == classfile.OpLdcW || op == classfile.OpLdc2W:
		f.refuseConstant(at, in.Constant)
	case op == classfile.OpMonitorenter || op == classfile.OpMonitorexit:
		f.c.report(at, "synchronized block", "there are no threads: leave the word out")
	case op == classfile.OpInvokedynamic:
		f.c.report(at, "lambda expression, method reference or string concatenation (invokedynamic)", "write a class that implements the interface")
	case op == classfile.OpMultianewarray:
		f.c.report(at, "array of more than one dimension", "use one array and compute the index")
	case op == classfile.OpI2c || op == classfile.OpCaload || op == classfile.OpCastore:
		f.c.report(at, "type char", "use byte or short")
	case op == classfile.OpJsr || op == classfile.OpJsrW || op == classfile.OpRet:
		f.c.report(at, "subroutine (jsr)", "compile with javac of JDK 11 or newer")
	default:
		f.c.report(at, "type long, float or double ("+op.String()+")", "use short or int")
	}
}

func (f *flow) refuseConstant(at where, k *classfile.Constant) {
	switch k.Tag {
	case classfile.String:
		f.c.report(at, "string", "use a byte array")
	case classfile.ClassRef, classfile.MethodHandle, classfile.MethodType, classfile.Dynamic:
		f.c.report(at, "class literal or reflection", "name classes directly")
	default:
		f.c.report(at, "type long, float or double", "use short or int")
	}
}
