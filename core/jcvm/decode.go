package jcvm

import (
	"inkan/core/wire"
)

// Decoded is one instruction taken apart.
type Decoded struct {
	Op     Opcode
	PC     int // offset of the opcode in the code it was decoded from
	Length int // bytes, opcode included
	// Operands are the operand fields in their order; of a table switch the
	// low and the high value.
	Operands [3]int32
	Default  int    // of a switch: the target when nothing matches
	Cases    []Case // of a switch: in the order of the code
}

// Case is one value of a switch and where it leads.
type Case struct {
	Match  int32
	Target int // offset in the code
}

// Next is the offset of the following instruction.
func (d *Decoded) Next() int { return d.PC + d.Length }

// Target is where a branch (role Branch) leads: an offset in the code, which
// may lie outside of it.
func (d *Decoded) Target() int { return d.PC + int(d.Operands[0]) }

// IndexAt tells where a constant-pool index stands in the instruction, how many
// bytes it has, and its value; size is 0 when the instruction names no constant.
// A checkcast or instanceof of a primitive array names none.
func (d *Decoded) IndexAt() (offset, size int, index uint16) {
	in := &instructions[d.Op]
	if in.Role < InstanceField {
		return 0, 0, 0
	}
	switch in.Layout {
	case LayoutU1:
		return d.PC + 1, 1, uint16(d.Operands[0])
	case LayoutU2:
		return d.PC + 1, 2, uint16(d.Operands[0])
	case LayoutU1U2U1:
		return d.PC + 2, 2, uint16(d.Operands[1])
	}
	if t := d.Operands[0]; t != TypeObject && t != TypeReference {
		return 0, 0, 0
	}
	return d.PC + 2, 2, uint16(d.Operands[1])
}

// Decode takes the instruction at code[pc:] apart. It fails as Length does.
func Decode(code []byte, pc int) (Decoded, error) {
	n, err := Length(code, pc)
	if err != nil {
		return Decoded{}, err
	}
	d := Decoded{Op: Opcode(code[pc]), PC: pc, Length: n}
	r := wire.NewReader("bytecode", code[pc+1:pc+n])
	u1 := func() int32 { return int32(r.Byte("")) }
	u2 := func() int32 { return int32(r.Uint16("")) }
	s2 := func() int32 { return int32(int16(r.Uint16(""))) }
	switch instructions[d.Op].Layout {
	case LayoutS1:
		d.Operands[0] = int32(int8(r.Byte("")))
	case LayoutU1:
		d.Operands[0] = u1()
	case LayoutS2:
		d.Operands[0] = s2()
	case LayoutU2:
		d.Operands[0] = u2()
	case LayoutS4:
		d.Operands[0] = word32(&r, "")
	case LayoutU1S1:
		d.Operands = [3]int32{u1(), int32(int8(r.Byte("")))}
	case LayoutU1S2:
		d.Operands = [3]int32{u1(), s2()}
	case LayoutU1U2:
		d.Operands = [3]int32{u1(), u2()}
	case LayoutU1U2U1:
		d.Operands = [3]int32{u1(), u2(), u1()}
	case LayoutSwitch:
		d.decodeSwitch(&r)
	}
	return d, nil
}

func (d *Decoded) decodeSwitch(r *wire.Reader) {
	offset := func() int { return d.PC + int(int16(r.Uint16(""))) }
	word := func() int32 { return int32(int16(r.Uint16(""))) }
	if d.Op == OpItableswitch || d.Op == OpIlookupswitch {
		word = func() int32 { return word32(r, "") }
	}
	d.Default = offset()
	switch d.Op {
	case OpStableswitch, OpItableswitch:
		low, high := word(), word()
		d.Operands = [3]int32{low, high}
		d.Cases = make([]Case, int(int64(high)-int64(low)+1))
		for i := range d.Cases {
			d.Cases[i] = Case{low + int32(i), offset()}
		}
	default:
		d.Cases = make([]Case, r.Uint16(""))
		for i := range d.Cases {
			d.Cases[i] = Case{word(), offset()}
		}
	}
}
