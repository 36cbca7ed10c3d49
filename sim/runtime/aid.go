package runtime

import (
	"bytes"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// An AID object refers to a byte array of its own.

// aidOf reads the bytes of an AID object.
func aidOf(m *vm.Machine, ref vm.Ref) []byte {
	array := m.RefCell(ref, classAID, 0)
	if array == vm.Null {
		return nil
	}
	b := make([]byte, m.ArrayLength(array))
	m.ReadBytes(array, 0, b)
	return b
}

// newAID makes an AID object that a context owns.
func newAID(m *vm.Machine, owner vm.Context, aid []byte) vm.Ref {
	ref := m.NewInstance(owner, classAID)
	fillAID(m, owner, ref, aid)
	return ref
}

func fillAID(m *vm.Machine, owner vm.Context, ref vm.Ref, aid []byte) {
	array := m.NewArray(owner, vm.ByteArray, int16(len(aid)))
	m.WriteBytesNonAtomic(array, 0, aid) // new: nothing to keep
	m.SetRefCell(ref, classAID, 0, array)
}

// bytesAt reads part of an array that the caller may access.
func bytesAt(c *vm.Call, array vm.Ref, offset, length int16) []byte {
	c.Range(array, offset, length)
	b := make([]byte, length)
	c.Machine().ReadBytes(array, int(offset), b)
	binding.Work(c, len(b))
	return b
}

// bindAID is javacard.framework.AID. Spec: SPEC-RUNTIME-061.
func bindAID(t *binding.Table) {
	const name = "javacard/framework/AID"
	t.State(name, 1, 0)
	t.BindAll(name, map[string]binding.Native{
		"<init>([BSB)V": func(c *vm.Call) {
			aid := bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))
			if len(aid) < 5 || len(aid) > 16 {
				c.Throw(classSystem, illegalValue)
			}
			fillAID(c.Machine(), c.Context(), c.This(), aid)
		},
		"equals(Ljava/lang/Object;)Z":          func(c *vm.Call) { c.ReturnBool(aidEquals(c, c.Ref(0), 16)) },
		"RIDEquals(Ljavacard/framework/AID;)Z": func(c *vm.Call) { c.ReturnBool(aidEquals(c, c.Ref(0), 5)) },
		"equals([BSB)Z": func(c *vm.Call) {
			if c.Ref(0) == vm.Null {
				return
			}
			c.ReturnBool(bytes.Equal(aidOf(c.Machine(), c.This()), bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))))
		},
		"partialEquals([BSB)Z": func(c *vm.Call) {
			if c.Ref(0) == vm.Null {
				return
			}
			c.ReturnBool(bytes.HasPrefix(aidOf(c.Machine(), c.This()), bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))))
		},
		"getBytes([BS)B": func(c *vm.Call) { aidBytes(c, 0, c.Ref(0), c.Short(1), 0) },
		"getPartialBytes(S[BSB)B": func(c *vm.Call) {
			aidBytes(c, c.Short(0), c.Ref(1), c.Short(2), c.Byte(3))
		},
	})
}

// aidEquals compares with another object that is an AID up to n bytes. The
// firewall lets an AID of the card's own pass, which is an entry point.
func aidEquals(c *vm.Call, other vm.Ref, n int) bool {
	m := c.Machine()
	if other == vm.Null {
		return false
	}
	if m.Owner(other) != vm.JCRE {
		m.CheckAccess(c.Context(), other)
	}
	if !m.ClassOf(other).Is(m.Class(classAID)) {
		return false
	}
	a, b := aidOf(m, c.This()), aidOf(m, other)
	binding.Work(c, n)
	return bytes.Equal(a[:min(n, len(a))], b[:min(n, len(b))])
}

// aidBytes copies part of this AID; length 0 is all that follows.
func aidBytes(c *vm.Call, from int16, dst vm.Ref, offset int16, length int8) {
	aid := aidOf(c.Machine(), c.This())
	n := int(length)
	if n == 0 {
		n = len(aid) - int(from)
	}
	if from < 0 || n < 0 || int(from)+n > len(aid) {
		c.Machine().CheckAccess(c.Context(), dst)
		c.Throw(classBounds, 0)
	}
	c.Range(dst, offset, int16(n))
	binding.Work(c, n)
	c.Machine().WriteBytes(dst, int(offset), aid[from:int(from)+n])
	c.ReturnByte(int8(n))
}
