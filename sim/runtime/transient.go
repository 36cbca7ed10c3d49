package runtime

import (
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// bindTransient is the part of JCSystem and SensitiveArrays that makes arrays.
// Spec: SPEC-RUNTIME-066.
func bindTransient(t *binding.Table) {
	t.BindAll("javacard/framework/JCSystem", map[string]binding.Native{
		"makeTransientBooleanArray(SB)[Z": func(c *vm.Call) { makeTransient(c, vm.BooleanArray) },
		"makeTransientByteArray(SB)[B":    func(c *vm.Call) { makeTransient(c, vm.ByteArray) },
		"makeTransientShortArray(SB)[S":   func(c *vm.Call) { makeTransient(c, vm.ShortArray) },
		"makeTransientObjectArray(SB)[Ljava/lang/Object;": func(c *vm.Call) {
			makeTransient(c, vm.ReferenceArray)
		},
		"makeGlobalArray(BS)Ljava/lang/Object;": makeGlobal,
		"isTransient(Ljava/lang/Object;)B": func(c *vm.Call) {
			if c.Ref(0) != vm.Null {
				c.ReturnByte(int8(c.Machine().TransientEvent(c.Ref(0))))
			}
		},
	})
}

func makeTransient(c *vm.Call, t vm.ArrayType) {
	c.ReturnRef(newTransient(c, t, c.Short(0), vm.Event(c.Byte(1))))
}

func newTransient(c *vm.Call, t vm.ArrayType, length int16, e vm.Event) vm.Ref {
	if e != vm.ClearOnReset && e != vm.ClearOnDeselect {
		c.Throw(classSystem, illegalValue)
	}
	if t == vm.ReferenceArray {
		return c.Machine().NewReferenceArray(c.Context(), classObject, length, e)
	}
	return c.Machine().NewTransientArray(c.Context(), t, length, e)
}

// arrayTypeOf is the array type of JCSystem.ARRAY_TYPE_…, or 0.
func arrayTypeOf(constant int8) vm.ArrayType {
	switch constant {
	case 1:
		return vm.BooleanArray
	case 2:
		return vm.ByteArray
	case 3:
		return vm.ShortArray
	case 4:
		return vm.IntArray
	case 5:
		return vm.ReferenceArray
	}
	return 0
}

// makeGlobal makes an array that all contexts may access and that lasts until
// reset. Arrays of references can't be global. Spec: SPEC-RUNTIME-068.
func makeGlobal(c *vm.Call) {
	m := c.Machine()
	t := arrayTypeOf(c.Byte(0))
	if t == 0 || t == vm.ReferenceArray {
		c.Throw(classSystem, illegalValue)
	}
	array := m.NewTransientArray(c.Context(), t, c.Short(1), vm.ClearOnReset)
	m.MarkGlobalArray(array)
	c.ReturnRef(array)
}

// bindSensitive is javacard.framework.SensitiveArrays of a card without memory
// that checks its integrity: it says so, and makes no such array.
// Spec: SPEC-RUNTIME-067.
func bindSensitive(t *binding.Table) {
	t.BindAll("javacard/framework/SensitiveArrays", map[string]binding.Native{
		"isIntegritySensitiveArraysSupported()Z": nothing,
		"makeIntegritySensitiveArray(BBS)Ljava/lang/Object;": func(c *vm.Call) {
			c.Throw(classSystem, illegalUse)
		},
		"isIntegritySensitive(Ljava/lang/Object;)Z": func(c *vm.Call) { elementSizeOrReferences(c) },
		"assertIntegrity(Ljava/lang/Object;)V":      func(c *vm.Call) { elementSizeOrReferences(c) },
		"clearArray(Ljava/lang/Object;)S":           clearArray,
	})
}

// elementSizeOrReferences checks that the parameter is an array that the caller
// may access.
func elementSizeOrReferences(c *vm.Call) {
	c.Machine().CheckAccess(c.Context(), c.Ref(0))
	if c.Machine().ArrayTypeOf(c.Ref(0)) == 0 {
		c.Throw(classSystem, illegalValue)
	}
}

// clearArray sets all elements to zero, null or false at once, outside any
// transaction.
func clearArray(c *vm.Call) {
	elementSizeOrReferences(c)
	m, array := c.Machine(), c.Ref(0)
	size := 2
	switch m.ArrayTypeOf(array) {
	case vm.ByteArray, vm.BooleanArray:
		size = 1
	case vm.IntArray:
		size = 4
	}
	n := int(m.ArrayLength(array)) * size
	binding.Work(c, n)
	m.FillNonAtomic(array, 0, n, 0)
	c.ReturnShort(m.ArrayLength(array))
}
