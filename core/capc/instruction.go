package capc

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/classfile"
	"inkan/core/jcvm"
)

// operators are the card's instructions for an operator: short and int.
var operators = map[classfile.Opcode][2]jcvm.Opcode{
	classfile.OpIadd: {jcvm.OpSadd, jcvm.OpIadd}, classfile.OpIsub: {jcvm.OpSsub, jcvm.OpIsub}, classfile.OpImul: {jcvm.OpSmul, jcvm.OpImul},
	classfile.OpIdiv: {jcvm.OpSdiv, jcvm.OpIdiv}, classfile.OpIrem: {jcvm.OpSrem, jcvm.OpIrem}, classfile.OpIneg: {jcvm.OpSneg, jcvm.OpIneg},
	classfile.OpIshl: {jcvm.OpSshl, jcvm.OpIshl}, classfile.OpIshr: {jcvm.OpSshr, jcvm.OpIshr}, classfile.OpIushr: {jcvm.OpSushr, jcvm.OpIushr},
	classfile.OpIand: {jcvm.OpSand, jcvm.OpIand}, classfile.OpIor: {jcvm.OpSor, jcvm.OpIor}, classfile.OpIxor: {jcvm.OpSxor, jcvm.OpIxor},
}

// plain are instructions that have one counterpart without operands.
var plain = map[classfile.Opcode]jcvm.Opcode{
	classfile.OpAconstNull: jcvm.OpAconstNull, classfile.OpAaload: jcvm.OpAaload, classfile.OpAastore: jcvm.OpAastore, classfile.OpIastore: jcvm.OpIastore,
	classfile.OpAreturn: jcvm.OpAreturn, classfile.OpReturn: jcvm.OpReturn, classfile.OpAthrow: jcvm.OpAthrow, classfile.OpNop: jcvm.OpNop,
	classfile.OpBastore: jcvm.OpBastore, classfile.OpSastore: jcvm.OpSastore,
}

// numbers are instructions that give a short, or with iaload an int.
var numbers = map[classfile.Opcode]jcvm.Opcode{
	classfile.OpBaload: jcvm.OpBaload, classfile.OpSaload: jcvm.OpSaload, classfile.OpIaload: jcvm.OpIaload, classfile.OpArraylength: jcvm.OpArraylength,
}

// conditions are branches that compare with zero, by those of Java.
var conditions = map[classfile.Opcode]jcvm.Opcode{
	classfile.OpIfeq: jcvm.OpIfeq, classfile.OpIfne: jcvm.OpIfne, classfile.OpIflt: jcvm.OpIflt,
	classfile.OpIfge: jcvm.OpIfge, classfile.OpIfgt: jcvm.OpIfgt, classfile.OpIfle: jcvm.OpIfle,
	classfile.OpIfIcmpeq: jcvm.OpIfeq, classfile.OpIfIcmpne: jcvm.OpIfne, classfile.OpIfIcmplt: jcvm.OpIflt,
	classfile.OpIfIcmpge: jcvm.OpIfge, classfile.OpIfIcmpgt: jcvm.OpIfgt, classfile.OpIfIcmple: jcvm.OpIfle,
}

// branches are the other branches.
var branches = map[classfile.Opcode]jcvm.Opcode{
	classfile.OpIfnull: jcvm.OpIfnull, classfile.OpIfnonnull: jcvm.OpIfnonnull, classfile.OpIfAcmpeq: jcvm.OpIfAcmpeq,
	classfile.OpIfAcmpne: jcvm.OpIfAcmpne, classfile.OpGoto: jcvm.OpGoto, classfile.OpGotoW: jcvm.OpGoto,
}

// instruction emits the counterpart of a Java instruction.
func (t *translation) instruction(i int) {
	st, in := &t.flow.steps[i], &t.flow.list[i]
	if o, ok := operators[in.Op]; ok {
		if of(st.out).isInt {
			t.emit(i, o[1])
		} else {
			t.emit(i, o[0])
		}
		return
	}
	if n, ok := constantOf(in); ok {
		t.push(i, n, of(st.out).isInt)
		return
	}
	if o, ok := numbers[in.Op]; ok {
		t.emit(i, o)
		t.widen(i, in.Op == classfile.OpIaload)
		return
	}
	if o, ok := plain[in.Op]; ok {
		if in.Op == classfile.OpBastore || in.Op == classfile.OpSastore {
			t.narrowed(i, "S")
		}
		t.emit(i, o)
		return
	}
	if o, ok := branches[in.Op]; ok {
		t.emit(i, o).target = t.flow.index[in.Target]
		return
	}
	if o, ok := conditions[in.Op]; ok {
		t.condition(i, o)
		return
	}
	if st.local != nil {
		t.variable(i)
		return
	}
	t.other(i)
}

// condition emits a comparison and branch.
func (t *translation) condition(i int, o jcvm.Opcode) {
	st, in := &t.flow.steps[i], &t.flow.list[i]
	if of(st.args[0]).isInt {
		if len(st.args) == 1 {
			t.emit(i, jcvm.OpIconst0)
			t.maxStack = max(t.maxStack, t.depth(i)+2)
		}
		t.emit(i, jcvm.OpIcmp)
	} else if len(st.args) == 2 {
		o += jcvm.OpIfScmpeq - jcvm.OpIfeq
	}
	t.emit(i, o).target = t.flow.index[in.Target]
}

// depth is the stack depth in words in front of an instruction.
func (t *translation) depth(i int) (n int) {
	for _, v := range t.flow.steps[i].before {
		n += v.words()
	}
	return n
}

// variable emits a load, store or increment of a local variable.
func (t *translation) variable(i int) {
	st, in := &t.flow.steps[i], &t.flow.list[i]
	v := of(st.local)
	switch {
	case in.Op == classfile.OpIinc:
		o := jcvm.OpIinc
		if !v.isInt {
			o = jcvm.OpSinc
		}
		if in.Value != int32(int8(in.Value)) {
			o += jcvm.OpIincW - jcvm.OpIinc // sinc and sinc_w stand in the same distance
		}
		t.emit(i, o, int32(t.slots[in.Local]), in.Value)
	case st.out != nil && v.ref:
		t.local(i, jcvm.OpAload0, jcvm.OpAload, in.Local)
	case st.out != nil && v.isInt:
		t.local(i, jcvm.OpIload0, jcvm.OpIload, in.Local)
	case st.out != nil:
		t.local(i, jcvm.OpSload0, jcvm.OpSload, in.Local)
		t.widen(i, false)
	case v.ref:
		t.local(i, jcvm.OpAstore0, jcvm.OpAstore, in.Local)
	case v.isInt:
		t.local(i, jcvm.OpIstore0, jcvm.OpIstore, in.Local)
	default:
		t.narrowed(i, "S")
		t.local(i, jcvm.OpSstore0, jcvm.OpSstore, in.Local)
	}
}

// other emits what needs more than a table.
func (t *translation) other(i int) {
	st, in, f := &t.flow.steps[i], &t.flow.list[i], t.flow
	switch in.Op {
	case classfile.OpI2b:
		if v := of(st.args[0]); v.isInt {
			t.emit(i, jcvm.OpI2b)
		} else if (v.big || v.overflow) && !t.truncates(i, v) {
			t.emit(i, jcvm.OpS2b)
		}
		t.widen(i, false)
	case classfile.OpI2s:
		if of(st.args[0]).isInt {
			t.emit(i, jcvm.OpI2s)
		}
		t.widen(i, false)
	case classfile.OpIreturn:
		t.narrowed(i, f.result)
		if f.result == "I" {
			t.emit(i, jcvm.OpIreturn)
		} else {
			t.emit(i, jcvm.OpSreturn)
		}
	case classfile.OpTableswitch, classfile.OpLookupswitch:
		t.switchOn(i)
	case classfile.OpPop, classfile.OpPop2, classfile.OpDup, classfile.OpDupX1, classfile.OpDupX2, classfile.OpDup2, classfile.OpDup2X1, classfile.OpDup2X2, classfile.OpSwap:
		t.shuffle(i)
	case classfile.OpGetfield, classfile.OpPutfield, classfile.OpGetstatic, classfile.OpPutstatic:
		t.fieldAccess(i)
	case classfile.OpInvokevirtual, classfile.OpInvokespecial, classfile.OpInvokestatic, classfile.OpInvokeinterface:
		t.call(i)
	case classfile.OpNew:
		t.emit(i, jcvm.OpNew).constant = f.c.classConstant(in.Constant.Class, f.at(i))
	case classfile.OpNewarray:
		kind, ok := arrayKinds[in.Value]
		if !ok {
			f.c.report(f.at(i), "array of long, float, double or char", "use a byte or short array")
		}
		t.emit(i, jcvm.OpNewarray, kind.jcvm)
	case classfile.OpAnewarray:
		if in.Constant.Class[0] == '[' {
			f.c.report(f.at(i), "array of more than one dimension", "use one array and compute the index")
			return
		}
		t.emit(i, jcvm.OpAnewarray).constant = f.c.classConstant(in.Constant.Class, f.at(i))
	case classfile.OpCheckcast:
		t.typeTest(i, jcvm.OpCheckcast)
	case classfile.OpInstanceof:
		t.typeTest(i, jcvm.OpInstanceof)
		t.widen(i, false)
	}
}

// truncates tells whether the conversion of a value to byte can be left out
// although the value may not be one: existing converters take the type of a
// conditional expression from the alternative that comes first. That is right
// when the value is stored at once where only a byte fits.
func (t *translation) truncates(i int, v *value) bool {
	f := t.flow
	if !v.merged || i+1 >= len(f.list) || f.leader[i+1] {
		return false
	}
	switch next := &f.list[i+1]; next.Op {
	case classfile.OpPutfield, classfile.OpPutstatic:
		if next.Constant.Descriptor != "B" {
			return false
		}
	case classfile.OpBastore:
	default:
		return false
	}
	n, ok := constantOf(&f.list[v.first])
	return ok && n == int32(int8(n))
}

// switchOn emits a switch of the form that javac chose.
func (t *translation) switchOn(i int) {
	st, in := &t.flow.steps[i], &t.flow.list[i]
	table := in.Op == classfile.OpTableswitch
	code := jcvm.OpSlookupswitch
	switch isInt := of(st.args[0]).isInt; {
	case table && isInt:
		code = jcvm.OpItableswitch
	case table:
		code = jcvm.OpStableswitch
	case isInt:
		code = jcvm.OpIlookupswitch
	}
	o := t.emit(i, code)
	o.target = t.flow.index[in.Target]
	for _, x := range in.Cases {
		o.cases = append(o.cases, classfile.Case{Match: x.Match, Target: t.flow.index[x.Target]})
	}
}

// shuffle emits dup and its kin, counted in words.
func (t *translation) shuffle(i int) {
	st, in := &t.flow.steps[i], &t.flow.list[i]
	size := func(values []*value) (n int32) {
		for _, v := range values {
			n += int32(v.words())
		}
		return n
	}
	sh := shuffles[in.Op]
	all := size(st.args)
	if sh.gives == nil { // pop
		if all == 3 || all == 4 {
			t.emit(i, jcvm.OpPop2)
			all -= 2
		}
		t.emit(i, jcvm.OpPop+jcvm.Opcode(all-1))
		return
	}
	if in.Op == classfile.OpSwap {
		t.emit(i, jcvm.OpSwapX, size(st.args[1:])<<4|size(st.args[:1]))
		return
	}
	copied := size(st.args[len(st.args)-(len(sh.gives)-sh.takes):])
	switch {
	case copied == all && all <= 2:
		t.emit(i, jcvm.OpDup+jcvm.Opcode(all-1))
	case copied == all:
		t.emit(i, jcvm.OpDupX, copied<<4)
	default:
		t.emit(i, jcvm.OpDupX, copied<<4|all)
	}
}

// suffix is the position of a type among the four forms of field instructions:
// a, b, s, i.
func suffix(desc string) jcvm.Opcode {
	switch desc[0] {
	case 'Z', 'B':
		return 1
	case 'S':
		return 2
	case 'I':
		return 3
	}
	return 0
}

func (t *translation) fieldAccess(i int) {
	in, f := &t.flow.list[i], t.flow
	ref := in.Constant
	static := in.Op == classfile.OpGetstatic || in.Op == classfile.OpPutstatic
	k, fd := f.c.fieldConstant(ref, static, f.m.class, f.at(i))
	if fd == nil {
		return
	}
	get := in.Op == classfile.OpGetstatic || in.Op == classfile.OpGetfield
	if k == nil { // a compile-time constant
		if !get || isRef(fd.desc) {
			f.c.report(f.at(i), "access to the constant "+fd.name, "compile all classes again")
			return
		}
		t.push(i, *fd.constant, of(f.steps[i].out).isInt)
		return
	}
	base := map[classfile.Opcode]jcvm.Opcode{classfile.OpGetstatic: jcvm.OpGetstaticA, classfile.OpPutstatic: jcvm.OpPutstaticA,
		classfile.OpGetfield: jcvm.OpGetfieldA, classfile.OpPutfield: jcvm.OpPutfieldA}[in.Op]
	if !get {
		t.narrowed(i, ref.Descriptor)
	}
	t.emit(i, base+suffix(ref.Descriptor)).constant = k
	if get && !isRef(ref.Descriptor) {
		t.widen(i, ref.Descriptor == "I")
	}
}

// call emits an invocation.
func (t *translation) call(i int) {
	in, f := &t.flow.list[i], t.flow
	at := f.at(i)
	m := f.c.methodOf(in.Constant, at)
	if m == nil {
		return
	}
	static := m.has(classfile.AccStatic)
	if static != (in.Op == classfile.OpInvokestatic) {
		f.c.report(at, fmt.Sprintf("method %s.%s: static in one class file and not in the other", in.Constant.Class, m.key()), "compile both again")
		return
	}
	if params, _, _ := classfile.Signature(m.desc); len(params) > 0 {
		t.narrowed(i, params[len(params)-1])
	}
	if in.Op != classfile.OpInvokestatic && m.class.has(classfile.AccInterface) {
		t.callInterface(i, m)
	} else {
		kind := f.c.kindOf(in, m, f.m.class)
		code := jcvm.OpInvokevirtual
		switch {
		case static:
			code = jcvm.OpInvokestatic
		case kind != cap.VirtualMethodref:
			code = jcvm.OpInvokespecial
		}
		t.emit(i, code).constant = f.c.methodConstant(in.Constant, m, kind, f.m.class)
	}
	if out := f.steps[i].out; out != nil && !of(out).ref {
		_, result, _ := classfile.Signature(m.desc)
		t.widen(i, result == "I")
	}
}

func (t *translation) callInterface(i int, m *method) {
	in, f := &t.flow.list[i], t.flow
	k := f.c.class(in.Constant.Class, f.at(i))
	token := -1
	for j, x := range interfaceMethods(k) {
		if x.key() == m.key() {
			token = j
		}
	}
	name := in.Constant.Class
	if token < 0 || !k.has(classfile.AccInterface) { // called through an abstract class
		name, token = m.class.name, m.token
	}
	words := int32(m.argWords())
	t.emit(i, jcvm.OpInvokeinterface, words, int32(token)).constant = f.c.classConstant(name, f.at(i))
}

// typeTest emits checkcast or instanceof.
func (t *translation) typeTest(i int, code jcvm.Opcode) {
	in, f := &t.flow.list[i], t.flow
	name := in.Constant.Class
	kind := int32(jcvm.TypeObject)
	if name[0] == '[' {
		f.c.checkType(name, f.at(i))
		switch name[1] {
		case 'Z', 'B', 'S', 'I':
			t.emit(i, code, map[byte]int32{'Z': jcvm.TypeBoolean, 'B': jcvm.TypeByte, 'S': jcvm.TypeShort, 'I': jcvm.TypeInt}[name[1]])
			return
		case 'L':
			kind, name = jcvm.TypeReference, name[2:len(name)-1]
		default:
			return
		}
	}
	t.emit(i, code, kind).constant = f.c.classConstant(name, f.at(i))
}
