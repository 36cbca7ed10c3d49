package verifier

import (
	"fmt"
	"slices"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// step applies one instruction to the state. It collects the offsets that the
// instruction branches to, and tells whether the next one follows.
// Spec: SPEC-VERIFIER-030.
func (f *flow) step() (falls bool) {
	in, _ := jcvm.Lookup(f.d.Op)
	if f.v.file.Header.Flags&cap.FlagInt == 0 && usesInt(f.d, in) {
		f.fail("no int without flag 01 of the Header", "an instruction for int")
		return false
	}
	switch in.Role {
	case jcvm.NoOperand:
		return f.plain(in)
	case jcvm.Immediate:
		f.pushLetters(in.Push)
	case jcvm.Local:
		return f.localVariable(int(f.d.Operands[0]), f.d.Op)
	case jcvm.LocalAndImmediate:
		letter := in.Mnemonic[0]
		f.setLocal(int(f.d.Operands[0]), f.load(int(f.d.Operands[0]), letter)...)
	case jcvm.Branch:
		return f.jump(in)
	case jcvm.Switch:
		f.switches(in)
		return false
	case jcvm.WordCounts:
		f.shuffle()
	case jcvm.ArrayType:
		f.newArray()
	case jcvm.InstanceField, jcvm.StaticField:
		f.fieldAccess(in)
	case jcvm.VirtualMethod, jcvm.SpecialMethod, jcvm.StaticMethod, jcvm.InterfaceMethod:
		return f.invoke(in.Role)
	case jcvm.Class, jcvm.TypeAndClass:
		f.classOperand(in)
	}
	return !f.bad
}

// usesInt tells whether an instruction works with int. Spec: SPEC-VERIFIER-037.
func usesInt(d *jcvm.Decoded, in *jcvm.Instruction) bool {
	switch d.Op {
	case jcvm.OpNewarray, jcvm.OpCheckcast, jcvm.OpInstanceof:
		return d.Operands[0] == jcvm.TypeInt
	case jcvm.OpIinc, jcvm.OpIincW, jcvm.OpItableswitch, jcvm.OpIlookupswitch:
		return true
	}
	return strings.IndexByte(in.Pop, 'i') >= 0 || strings.IndexByte(in.Push, 'i') >= 0
}

// plain applies an instruction without operand bytes.
func (f *flow) plain(in *jcvm.Instruction) bool {
	switch op := f.d.Op; {
	case op >= jcvm.OpAload0 && op <= jcvm.OpIload3:
		f.push(f.load(int(op-jcvm.OpAload0)%4, "asi"[(op-jcvm.OpAload0)/4])...)
	case op >= jcvm.OpAstore0 && op <= jcvm.OpIstore3:
		f.store(int(op-jcvm.OpAstore0)%4, "asi"[(op-jcvm.OpAstore0)/4])
	case op >= jcvm.OpAaload && op <= jcvm.OpIaload:
		f.arrayLoad(op)
	case op >= jcvm.OpAastore && op <= jcvm.OpIastore:
		f.arrayStore(op)
	case op == jcvm.OpAconstNull:
		f.push(null)
	case op == jcvm.OpPop:
		f.popWord()
	case op == jcvm.OpPop2:
		f.take(2)
	case op == jcvm.OpDup:
		x := f.popWord()
		f.push(x, x)
	case op == jcvm.OpDup2:
		words := f.take(2)
		f.push(append(words, words...)...)
	case op == jcvm.OpArraylength:
		f.popArray()
		f.push(short)
	case op == jcvm.OpAthrow:
		f.popAs(object | f.v.world.throwable.id)
		return false
	case op >= jcvm.OpAreturn && op <= jcvm.OpReturn:
		f.leave(op)
		return false
	default:
		f.popLetters(in.Pop)
		f.pushLetters(in.Push)
	}
	return !f.bad
}

// popWord takes one word that is not half of an int.
func (f *flow) popWord() value {
	x := f.pop()
	if !f.bad && !x.isWord() {
		f.fail("a word that is no half of an int", f.v.world.name(x))
	}
	return x
}

// shuffle applies dup_x and swap_x. Spec: SPEC-VERIFIER-035.
func (f *flow) shuffle() {
	m, n := int(f.d.Operands[0])>>4, int(f.d.Operands[0])&0x0F
	if f.d.Op == jcvm.OpSwapX {
		if m < 1 || m > 2 || n < 1 || n > 2 {
			f.fail("counts of 1 or 2", fmt.Sprintf("%02X", f.d.Operands[0]))
			return
		}
		upper := f.take(m)
		lower := f.take(n)
		f.push(append(upper, lower...)...)
		return
	}
	if m < 1 || m > 4 || n != 0 && (n < m || n > m+4) {
		f.fail("m of 1 to 4 and n of 0 or m to m+4", fmt.Sprintf("%02X", f.d.Operands[0]))
		return
	}
	upper := f.take(m)
	var lower []value
	if n > 0 {
		lower = f.take(n - m)
	}
	if f.bad {
		return
	}
	f.push(slices.Concat(upper, lower, upper)...)
}

// localVariable applies a load, store or ret with a local's index.
func (f *flow) localVariable(i int, op jcvm.Opcode) bool {
	switch {
	case op == jcvm.OpRet:
		f.returnFromSubroutine(i)
		return false
	case op >= jcvm.OpAload && op <= jcvm.OpIload:
		f.push(f.load(i, "asi"[op-jcvm.OpAload])...)
	case op >= jcvm.OpAstore && op <= jcvm.OpIstore:
		f.store(i, "asi"[op-jcvm.OpAstore])
	}
	return !f.bad
}

// store moves words from the stack to local variables. Spec: SPEC-VERIFIER-036.
func (f *flow) store(i int, letter byte) {
	switch letter {
	case 'a':
		x := f.pop()
		if !f.bad && !x.isPointer() && x.kind() != returnTo {
			f.fail("a reference or return address", f.v.world.name(x))
		}
		if !f.bad {
			f.setLocal(i, x)
		}
	case 's':
		if f.popAs(short); !f.bad {
			f.setLocal(i, short)
		}
	case 'i':
		if f.popInt(); !f.bad {
			f.setLocal(i, intHigh, intLow)
		}
	}
}

// leave applies a return instruction. Spec: SPEC-VERIFIER-038.
func (f *flow) leave(op jcvm.Opcode) {
	have := "nothing"
	switch op {
	case jcvm.OpAreturn:
		have = "a reference"
	case jcvm.OpSreturn:
		have = "a short"
	case jcvm.OpIreturn:
		have = "an int"
	}
	if want := resultName(f.m.result); want != have {
		f.fail("a return of "+want, "one of "+have)
		return
	}
	if f.m.isInit && f.locals[f.size].kind() != object {
		f.fail("a call of a constructor of this on every way", "none")
		return
	}
	for i := len(f.m.result) - 1; i >= 0; i-- {
		f.popAs(f.m.result[i])
	}
}

// resultName is the kind of a method's result.
func resultName(result []value) string {
	switch {
	case len(result) == 0:
		return "nothing"
	case len(result) == 2:
		return "an int"
	case result[0] == short:
		return "a short"
	}
	return "a reference"
}
