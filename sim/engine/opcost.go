package engine

import "inkan/core/jcvm"

// Class groups instructions that cost the interpreter the same.
type Class uint8

// Classes.
const (
	Simple        Class = iota // constants, locals, stack, nop
	Arithmetic                 // short arithmetic, logic, conversions, increments
	IntArithmetic              // the same on int
	Multiply                   // products
	Divide                     // quotients and remainders
	BranchClass                // branches, taken or not, jsr, ret
	SwitchClass                // switches, without their pairs
	ArrayLength                // arraylength
	ArrayLoad                  // array elements read
	ArrayStore                 // array elements written
	FieldLoad                  // instance fields read
	FieldStore                 // instance fields written
	StaticLoad                 // static fields read
	StaticStore                // static fields written
	Invoke                     // calls of methods
	InvokeLookup               // calls through an interface
	Return                     // returns
	Create                     // new and its kin
	TypeCheck                  // checkcast, instanceof
	Throw                      // athrow
	ClassCount                 // number of classes
)

// classes holds name and interpreter steps of each class. A step is what an
// interpreter does in one host instruction or two: fetch, decode and dispatch
// are three of them in every class, each operand or result on the stack is one,
// each check is one.
var classes = [ClassCount]struct {
	name  string
	steps uint64
}{
	Simple: {"simple", 4}, Arithmetic: {"arithmetic", 5}, IntArithmetic: {"int arithmetic", 8},
	Multiply: {"multiply", 7}, Divide: {"divide", 14}, BranchClass: {"branch", 5},
	SwitchClass: {"switch", 8}, ArrayLength: {"array length", 7}, ArrayLoad: {"array load", 10},
	ArrayStore: {"array store", 11}, FieldLoad: {"field load", 8}, FieldStore: {"field store", 9},
	StaticLoad: {"static load", 6}, StaticStore: {"static store", 7}, Invoke: {"invoke", 26},
	InvokeLookup: {"invoke interface", 40}, Return: {"return", 14}, Create: {"create", 30},
	TypeCheck: {"type check", 12}, Throw: {"throw", 16},
}

// String is the class's name in reports.
func (c Class) String() string { return classes[c].name }

// Steps is the number of interpreter steps of an instruction of the class.
func (c Class) Steps() uint64 { return classes[c].steps }

// Cycles is what an instruction of a class costs, wait states and access
// checks apart.
func (p *CPU) Cycles(c Class) uint16 {
	return uint16((c.Steps()*p.StepMillicycles + 500) / 1000)
}

// Opcodes is the cost of every instruction, cause Bytecode.
// Spec: SPEC-TIMING-003.
func (c *Chip) Opcodes() (table [jcvm.OpcodeCount]uint16) {
	for op := range table {
		table[op] = c.CPU.Cycles(ClassOf(jcvm.Opcode(op)))
	}
	return table
}

// ClassOf is the class of a defined instruction.
func ClassOf(op jcvm.Opcode) Class {
	in, _ := jcvm.Lookup(op)
	switch in.Role {
	case jcvm.Branch:
		return BranchClass
	case jcvm.Switch:
		return SwitchClass
	case jcvm.ArrayType, jcvm.Class:
		return Create
	case jcvm.TypeAndClass:
		return TypeCheck
	case jcvm.InterfaceMethod:
		return InvokeLookup
	case jcvm.VirtualMethod, jcvm.SpecialMethod, jcvm.StaticMethod:
		return Invoke
	case jcvm.InstanceField:
		return readOrWrite(in, FieldLoad, FieldStore)
	case jcvm.StaticField:
		return readOrWrite(in, StaticLoad, StaticStore)
	}
	switch {
	case op >= jcvm.OpAaload && op <= jcvm.OpIaload:
		return ArrayLoad
	case op >= jcvm.OpAastore && op <= jcvm.OpIastore:
		return ArrayStore
	}
	return plainClass(op)
}

func readOrWrite(in *jcvm.Instruction, load, store Class) Class {
	if in.Push != "" {
		return load
	}
	return store
}

func plainClass(op jcvm.Opcode) Class {
	switch op {
	case jcvm.OpSmul, jcvm.OpImul:
		return Multiply
	case jcvm.OpSdiv, jcvm.OpIdiv, jcvm.OpSrem, jcvm.OpIrem:
		return Divide
	case jcvm.OpIadd, jcvm.OpIsub, jcvm.OpIneg, jcvm.OpIshl, jcvm.OpIshr, jcvm.OpIushr, jcvm.OpIand,
		jcvm.OpIor, jcvm.OpIxor, jcvm.OpIinc, jcvm.OpIincW, jcvm.OpIcmp, jcvm.OpI2b, jcvm.OpI2s, jcvm.OpS2i:
		return IntArithmetic
	case jcvm.OpSadd, jcvm.OpSsub, jcvm.OpSneg, jcvm.OpSshl, jcvm.OpSshr, jcvm.OpSushr, jcvm.OpSand,
		jcvm.OpSor, jcvm.OpSxor, jcvm.OpSinc, jcvm.OpSincW, jcvm.OpS2b:
		return Arithmetic
	case jcvm.OpAreturn, jcvm.OpSreturn, jcvm.OpIreturn, jcvm.OpReturn:
		return Return
	case jcvm.OpArraylength:
		return ArrayLength
	case jcvm.OpAthrow:
		return Throw
	case jcvm.OpRet:
		return BranchClass
	}
	return Simple
}
