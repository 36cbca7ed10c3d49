package vm

import (
	"encoding/binary"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// staticSize is the size of a static field by the last letter of the opcode.
func staticSize(op jcvm.Opcode, k *link) uint16 {
	n, isRef := uint16(2), false
	switch op {
	case jcvm.OpGetstaticA, jcvm.OpPutstaticA:
		isRef = true
	case jcvm.OpGetstaticB, jcvm.OpPutstaticB:
		n = 1
	case jcvm.OpGetstaticI, jcvm.OpPutstaticI:
		n = 4
	}
	if k.kind != cap.StaticFieldref || k.isRef != isRef || n > k.room {
		panic(trap("static field of another type"))
	}
	return n
}

func (m *Machine) getStatic(x *registers, op jcvm.Opcode) signal {
	k, ops := x.link(1), x.ops
	m.accesses++
	switch staticSize(op, k) {
	case 1:
		ops[x.sp] = cell(uint16(int16(int8(m.flash.Byte(k.at)))))
	case 4:
		ops[x.sp+1] = cell(m.flash.Uint16(k.at + 2))
		ops[x.sp] = cell(m.flash.Uint16(k.at))
		x.sp++
	default:
		ops[x.sp] = cell(m.flash.Uint16(k.at))
		if k.isRef {
			ops[x.sp] |= tagRef
		}
	}
	x.sp++
	x.pc += 3
	return goesOn
}

func (m *Machine) putStatic(x *registers, op jcvm.Opcode) signal {
	k, ops := x.link(1), x.ops
	n := staticSize(op, k)
	m.accesses++
	x.sp--
	v := uint16(ops[x.sp])
	b := m.scratch[:n]
	switch n {
	case 1:
		b[0] = byte(v)
	case 4:
		x.sp--
		binary.BigEndian.PutUint32(b, uint32(intAt(ops, x.sp)))
	default:
		binary.BigEndian.PutUint16(b, v)
	}
	if k.isRef {
		m.checks++
		if !ops[x.sp].isRef() {
			panic(trap("a number as a reference"))
		}
		if m.unstorable(Ref(v), x.context) {
			return m.raise(m.known.security)
		}
	}
	m.store(k.at, b)
	x.pc += 3
	return goesOn
}
