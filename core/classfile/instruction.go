package classfile

import (
	"fmt"

	"inkan/core/wire"
)

// Instruction is one instruction taken apart. The short forms (iload_1) keep
// their own opcode; wide is folded into the instruction that it widens.
type Instruction struct {
	Op     Opcode
	PC     int
	Length int
	// Local is the index of a local variable; it is filled for the short forms, too.
	Local int
	// Value is what bipush, sipush or iinc push or add, the element type of
	// newarray, the dimensions of multianewarray, and low of tableswitch.
	Value    int32
	Target   int // of a branch: offset of the instruction; of a switch: its default
	Cases    []Case
	Constant *Constant // of ldc and whatever names a class or member
}

// Case is one value of a switch.
type Case struct {
	Match  int32
	Target int
}

// Next is the offset behind the instruction.
func (in *Instruction) Next() int { return in.PC + in.Length }

// IsBranch tells whether Target counts.
func (in *Instruction) IsBranch() bool {
	k := kinds[in.Op]
	return k == kindBranch || k == kindBranchW || k == kindTable || k == kindLookup
}

func (in *Instruction) targets() []int {
	if !in.IsBranch() {
		return nil
	}
	t := []int{in.Target}
	for _, c := range in.Cases {
		t = append(t, c.Target)
	}
	return t
}

func decodeInstruction(p *pool, r *wire.Reader, pc, base int) Instruction {
	in := Instruction{PC: pc, Op: Opcode(r.Byte("opcode"))}
	if in.Op > OpJsrW {
		r.FailAt(base+pc, "opcode", "00 to C9", fmt.Sprintf("%02X", byte(in.Op)))
		return in
	}
	s2 := func() int { return int(int16(r.Uint16(in.Op.String()))) }
	switch kinds[in.Op] {
	case kindShortLocal:
		in.Local = shortLocal(in.Op)
	case kindLocal:
		in.Local = int(r.Byte(in.Op.String()))
	case kindByte:
		in.Value = int32(int8(r.Byte(in.Op.String())))
	case kindShort:
		in.Value = int32(s2())
	case kindIinc:
		in.Local, in.Value = int(r.Byte("iinc")), int32(int8(r.Byte("iinc")))
	case kindBranch:
		in.Target = pc + s2()
	case kindBranchW:
		in.Target = pc + int(int32(word(r, in.Op.String())))
	case kindLdc, kindConstant:
		in.readConstant(p, r, base)
	case kindTable, kindLookup:
		in.readSwitch(r, pc)
	case kindWide:
		in.readWide(r, base)
	}
	return in
}

// shortLocal is the index in an opcode such as iload_1: four for each of five
// types, from iload_0 and istore_0 on.
func shortLocal(op Opcode) int {
	if op < OpIstore {
		return int(op-OpIload0) % 4
	}
	return int(op-OpIstore0) % 4
}

func (in *Instruction) readConstant(p *pool, r *wire.Reader, base int) {
	at := r.Offset()
	var index uint16
	if in.Op == OpLdc {
		index = uint16(r.Byte("ldc"))
	} else {
		index = r.Uint16(in.Op.String())
	}
	if r.Err() != nil {
		return
	}
	var tags []Tag
	switch in.Op {
	case OpLdc, OpLdcW:
		tags = []Tag{Integer, Float, String, ClassRef, MethodType, MethodHandle, Dynamic}
	case OpLdc2W:
		tags = []Tag{Long, Double, Dynamic}
	case OpGetstatic, OpPutstatic, OpGetfield, OpPutfield:
		tags = []Tag{FieldRef}
	case OpInvokevirtual:
		tags = []Tag{MethodRef}
	case OpInvokespecial, OpInvokestatic:
		tags = []Tag{MethodRef, InterfaceMethodRef}
	case OpInvokeinterface:
		tags = []Tag{InterfaceMethodRef}
		r.Bytes(2, "invokeinterface/count")
	case OpInvokedynamic:
		tags = []Tag{InvokeDynamic}
		r.Bytes(2, "invokedynamic")
	default: // new, anewarray, checkcast, instanceof, multianewarray
		tags = []Tag{ClassRef}
	}
	if in.Op == OpMultianewarray {
		in.Value = int32(r.Byte("multianewarray/dimensions"))
	}
	in.Constant = p.get(at, "Code/code/"+in.Op.String(), index, tags...)
	switch d := in.Constant.Descriptor; in.Constant.Tag {
	case FieldRef:
		if !isFieldDescriptor(d) {
			r.FailAt(at, in.Op.String(), "a field descriptor", fmt.Sprintf("%q", d))
		}
	case MethodRef, InterfaceMethodRef:
		if _, _, ok := Signature(d); !ok {
			r.FailAt(at, in.Op.String(), "a method descriptor", fmt.Sprintf("%q", d))
		}
	}
}

func (in *Instruction) readSwitch(r *wire.Reader, pc int) {
	name := in.Op.String()
	r.Bytes((3-pc%4)%4, name+"/padding")
	s4 := func() int32 { return int32(word(r, name)) }
	in.Target = pc + int(s4())
	if in.Op == OpLookupswitch {
		n := int(s4())
		if r.Err() == nil && (n < 0 || n > r.Len()/8) {
			r.Fail(name+"/npairs", "as many pairs as follow", fmt.Sprint(n))
		}
		for ; n > 0 && r.Err() == nil; n-- {
			in.Cases = append(in.Cases, Case{s4(), pc + int(s4())})
			if k := len(in.Cases); k > 1 && in.Cases[k-2].Match >= in.Cases[k-1].Match {
				r.Fail(name+"/pairs", "rising values", fmt.Sprint(in.Cases[k-1].Match))
			}
		}
		return
	}
	low, high := s4(), s4()
	n := int64(high) - int64(low) + 1
	if r.Err() == nil && (n < 1 || n > int64(r.Len()/4)) {
		r.Fail(name+"/high", "as many offsets as follow", fmt.Sprint(n))
	}
	in.Value = low
	for ; n > 0 && r.Err() == nil; n-- {
		in.Cases = append(in.Cases, Case{low + int32(len(in.Cases)), pc + int(s4())})
	}
}

func (in *Instruction) readWide(r *wire.Reader, base int) {
	at := r.Offset()
	in.Op = Opcode(r.Byte("wide"))
	in.Local = int(r.Uint16("wide"))
	if in.Op == OpIinc {
		in.Value = int32(int16(r.Uint16("wide")))
	} else if r.Err() == nil && (in.Op > OpJsrW || kinds[in.Op] != kindLocal) {
		r.FailAt(at, "wide", "an instruction that wide widens", fmt.Sprintf("%02X", byte(in.Op)))
	}
}
