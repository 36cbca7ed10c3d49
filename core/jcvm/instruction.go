// Package jcvm is the Java Card virtual machine's instruction set as data: one
// table of 185 opcodes from which the disassembler, the verifier, the
// converter and the interpreter are made.
//
// It must not know what an instruction costs or how it is executed; those are
// the chip's and the interpreter's. It implements the Java Card
// Virtual Machine Specification 3.0.5 Classic, chapter 7.
package jcvm

import "fmt"

// Opcode is the first byte of an instruction.
type Opcode byte

// OpcodeCount is the number of defined opcodes, 00 to B8 without a gap. FE and
// FF are reserved for implementations and never valid in a CAP file.
const OpcodeCount = 0xB9

// Layout is how an instruction's operand bytes follow the opcode, big-endian.
type Layout uint8

// Layouts, named by their fields: U unsigned, S signed, digits are bytes.
const (
	LayoutNone   Layout = iota
	LayoutS1            // one signed byte
	LayoutU1            // one unsigned byte
	LayoutS2            // two bytes, signed
	LayoutU2            // two bytes, unsigned
	LayoutS4            // four bytes, signed
	LayoutU1S1          // sinc, iinc
	LayoutU1S2          // sinc_w, iinc_w
	LayoutU1U2          // checkcast, instanceof
	LayoutU1U2U1        // invokeinterface: argument words, class, method token
	LayoutSwitch        // tableswitch or lookupswitch: length depends on content
)

var layoutBytes = [...]int{0, 1, 1, 2, 2, 4, 2, 3, 3, 4, 0}

// Role is what an instruction's operand means.
type Role uint8

// Roles. Those from InstanceField on name a constant-pool entry.
const (
	NoOperand         Role = iota
	Immediate              // a value to push
	Local                  // index of a local variable
	LocalAndImmediate      // index of a local variable, and a value to add
	Branch                 // offset from the opcode's own address
	Switch                 // offsets from the opcode's own address
	ArrayType              // element type of a primitive array, 10 to 13
	WordCounts             // dup_x, swap_x: two counts in one byte
	InstanceField          // CONSTANT_InstanceFieldref
	StaticField            // CONSTANT_StaticFieldref
	VirtualMethod          // CONSTANT_VirtualMethodref
	SpecialMethod          // CONSTANT_StaticMethodref or CONSTANT_SuperMethodref
	StaticMethod           // CONSTANT_StaticMethodref
	InterfaceMethod        // CONSTANT_Classref of the interface
	Class                  // CONSTANT_Classref
	TypeAndClass           // array type, then CONSTANT_Classref or 0
)

// Element types of newarray, checkcast and instanceof.
const (
	TypeObject    = 0  // checkcast, instanceof: an object of the class
	TypeBoolean   = 10 // boolean[]
	TypeByte      = 11 // byte[]
	TypeShort     = 12 // short[]
	TypeInt       = 13 // int[]
	TypeReference = 14 // checkcast, instanceof: array of the class
)

// Instruction describes an opcode. Pop and Push list stack entries from the
// bottom up: s short, i int (two words), a reference, r return address, x
// reference or return address, w any word. "*" means that the effect depends
// on operands or on the method called.
type Instruction struct {
	Mnemonic  string
	Layout    Layout
	Role      Role
	Pop, Push string
}

// Lookup describes an opcode; false when it is not defined.
func Lookup(op Opcode) (*Instruction, bool) {
	if op >= OpcodeCount {
		return nil, false
	}
	return &instructions[op], true
}

// String is the mnemonic.
func (op Opcode) String() string {
	if in, ok := Lookup(op); ok {
		return in.Mnemonic
	}
	return fmt.Sprintf("undefined_%02x", byte(op))
}

// ByMnemonic finds an opcode by its name in the specification.
func ByMnemonic(name string) (Opcode, bool) {
	op, ok := mnemonics[name]
	return op, ok
}

var mnemonics = func() map[string]Opcode {
	m := make(map[string]Opcode, OpcodeCount)
	for i := range instructions {
		m[instructions[i].Mnemonic] = Opcode(i)
	}
	return m
}()
