package jcvm

import (
	"fmt"

	"inkan/core/wire"
)

// Length is the length in bytes of the instruction at code[pc:], opcode
// included. It fails with a *wire.DecodeError on an undefined opcode, when the
// code ends within the instruction, and when a table switch has high < low.
func Length(code []byte, pc int) (int, error) {
	r := wire.Sub("bytecode", code[min(pc, len(code)):], pc)
	op := Opcode(r.Byte("opcode"))
	in, ok := Lookup(op)
	if r.Err() == nil && !ok {
		r.FailAt(pc, "opcode", "00 to B8", fmt.Sprintf("%02X", byte(op)))
	}
	if r.Err() != nil {
		return 0, r.Err()
	}
	if in.Layout == LayoutSwitch {
		switchOperands(&r, op)
	} else {
		r.Bytes(layoutBytes[in.Layout], in.Mnemonic)
	}
	return r.Offset() - pc, r.Err()
}

// switchOperands skips the operands of a switch instruction.
func switchOperands(r *wire.Reader, op Opcode) {
	name := op.String()
	r.Uint16(name + "/default")
	switch op {
	case OpStableswitch:
		low, high := int64(int16(r.Uint16(name+"/low"))), int64(int16(r.Uint16(name+"/high")))
		tableEntries(r, name, low, high)
	case OpItableswitch:
		low, high := int64(word32(r, name+"/low")), int64(word32(r, name+"/high"))
		tableEntries(r, name, low, high)
	case OpSlookupswitch:
		r.Bytes(4*int(r.Uint16(name+"/npairs")), name+"/pairs")
	case OpIlookupswitch:
		r.Bytes(6*int(r.Uint16(name+"/npairs")), name+"/pairs")
	}
}

func tableEntries(r *wire.Reader, name string, low, high int64) {
	switch n := high - low + 1; {
	case n < 1:
		r.Fail(name+"/high", fmt.Sprintf("at least low (%d)", low), fmt.Sprint(high))
	case n > 32767:
		r.Fail(name+"/high", "at most 32767 entries", fmt.Sprint(n))
	default:
		r.Bytes(2*int(n), name+"/offsets")
	}
}

func word32(r *wire.Reader, path string) int32 {
	return int32(r.Uint16(path))<<16 | int32(r.Uint16(path))
}
