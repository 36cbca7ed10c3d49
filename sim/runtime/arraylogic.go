package runtime

import (
	"encoding/binary"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// Reasons of UtilException.
const (
	utilIllegalValue   = 1
	utilTypeMismatched = 2
)

// bindArrayLogic is javacardx.framework.util.ArrayLogic. Spec: SPEC-RUNTIME-065.
func bindArrayLogic(t *binding.Table) {
	t.BindAll("javacardx/framework/util/ArrayLogic", map[string]binding.Native{
		"arrayCopyRepack(Ljava/lang/Object;SSLjava/lang/Object;S)S": func(c *vm.Call) {
			repack(c, (*vm.Machine).WriteBytes)
		},
		"arrayCopyRepackNonAtomic(Ljava/lang/Object;SSLjava/lang/Object;S)S": func(c *vm.Call) {
			repack(c, (*vm.Machine).WriteBytesNonAtomic)
		},
		"arrayFillGeneric(Ljava/lang/Object;SSLjava/lang/Object;S)S": func(c *vm.Call) {
			fillGeneric(c, (*vm.Machine).WriteBytes)
		},
		"arrayFillGenericNonAtomic(Ljava/lang/Object;SSLjava/lang/Object;S)S": func(c *vm.Call) {
			fillGeneric(c, (*vm.Machine).WriteBytesNonAtomic)
		},
		"arrayCompareGeneric(Ljava/lang/Object;SLjava/lang/Object;SS)B": compareGeneric,
		"arrayFindGeneric(Ljava/lang/Object;S[BS)S":                     findGeneric,
	})
}

// elementSize is the size of an array's elements; it throws ILLEGAL_VALUE for
// what is no array of a primitive type.
func elementSize(c *vm.Call, array vm.Ref) int {
	c.Machine().CheckAccess(c.Context(), array)
	switch c.Machine().ArrayTypeOf(array) {
	case vm.ByteArray, vm.BooleanArray:
		return 1
	case vm.ShortArray:
		return 2
	case vm.IntArray:
		return 4
	}
	c.Throw(classUtilFault, utilIllegalValue)
	return 0
}

// elements reads elements of an array, all as bytes.
func elements(c *vm.Call, array vm.Ref, size int, offset, length int16) []byte {
	c.Range(array, offset, length)
	b := make([]byte, int(length)*size)
	c.Machine().ReadBytes(array, int(offset)*size, b)
	binding.Work(c, len(b))
	return b
}

// repack copies srcLen elements into as many bytes of the destination.
func repack(c *vm.Call, write func(*vm.Machine, vm.Ref, int, []byte)) {
	src, dst := c.Ref(0), c.Ref(3)
	from, to := elementSize(c, src), elementSize(c, dst)
	m := c.Machine()
	if (m.ArrayTypeOf(src) == vm.BooleanArray) != (m.ArrayTypeOf(dst) == vm.BooleanArray) {
		c.Throw(classUtilFault, utilTypeMismatched)
	}
	b := elements(c, src, from, c.Short(1), c.Short(2))
	if len(b)%to != 0 {
		c.Throw(classUtilFault, utilIllegalValue)
	}
	n := len(b) / to
	if n > 0x7FFF {
		c.Throw(classBounds, 0)
	}
	c.Range(dst, c.Short(4), int16(n))
	write(m, dst, int(c.Short(4))*to, b)
	c.ReturnShort(c.Short(4) + int16(n))
}

func fillGeneric(c *vm.Call, write func(*vm.Machine, vm.Ref, int, []byte)) {
	array, value := c.Ref(0), c.Ref(3)
	size := elementSize(c, array)
	elementSize(c, value)
	if c.Machine().ArrayTypeOf(array) != c.Machine().ArrayTypeOf(value) {
		c.Throw(classUtilFault, utilTypeMismatched)
	}
	one := elements(c, value, size, c.Short(4), 1)
	c.Range(array, c.Short(1), c.Short(2))
	b := make([]byte, 0, size*int(c.Short(2)))
	for range c.Short(2) {
		b = append(b, one...)
	}
	binding.Work(c, len(b))
	write(c.Machine(), array, int(c.Short(1))*size, b)
	c.ReturnShort(c.Short(1) + c.Short(2))
}

func compareGeneric(c *vm.Call) {
	a, b := c.Ref(0), c.Ref(2)
	size := elementSize(c, a)
	elementSize(c, b)
	if c.Machine().ArrayTypeOf(a) != c.Machine().ArrayTypeOf(b) {
		c.Throw(classUtilFault, utilTypeMismatched)
	}
	x := elements(c, a, size, c.Short(1), c.Short(4))
	y := elements(c, b, size, c.Short(3), c.Short(4))
	for i := 0; i < len(x); i += size {
		u, v := signed(x[i:i+size]), signed(y[i:i+size])
		if size == 1 {
			u, v = int32(x[i]), int32(y[i])
		}
		if u != v {
			c.ReturnByte(1)
			if u < v {
				c.ReturnByte(-1)
			}
			return
		}
	}
}

func findGeneric(c *vm.Call) {
	array := c.Ref(0)
	size := elementSize(c, array)
	length := c.Machine().ArrayLength(array)
	c.Range(array, c.Short(1), 0)
	b := elements(c, array, size, c.Short(1), length-c.Short(1))
	want := elements(c, c.Ref(2), 1, c.Short(3), int16(size))
	c.ReturnShort(-1)
	for i := 0; i < len(b); i += size {
		if signed(b[i:i+size]) == signed(want) {
			c.ReturnShort(c.Short(1) + int16(i/size))
			return
		}
	}
}

func signed(b []byte) int32 {
	switch len(b) {
	case 1:
		return int32(int8(b[0]))
	case 2:
		return int32(int16(binary.BigEndian.Uint16(b)))
	}
	return int32(binary.BigEndian.Uint32(b))
}

// bindInteger is javacardx.framework.util.intx.JCint.
func bindInteger(t *binding.Table) {
	t.BindAll("javacardx/framework/util/intx/JCint", map[string]binding.Native{
		"makeInt(BBBB)I": func(c *vm.Call) {
			c.ReturnInt(int32(c.Byte(0))<<24 | int32(uint8(c.Byte(1)))<<16 | int32(uint8(c.Byte(2)))<<8 | int32(uint8(c.Byte(3))))
		},
		"makeInt(SS)I": func(c *vm.Call) { c.ReturnInt(int32(c.Short(0))<<16 | int32(uint16(c.Short(1)))) },
		"getInt([BS)I": func(c *vm.Call) { c.ReturnInt(signed(bytesAt(c, c.Ref(0), c.Short(1), 4))) },
		"setInt([BSI)S": func(c *vm.Call) {
			c.Range(c.Ref(0), c.Short(1), 4)
			b := cardOf(c).buffer(4)
			binary.BigEndian.PutUint32(b, uint32(c.Int(2)))
			c.Machine().WriteBytes(c.Ref(0), int(c.Short(1)), b)
			c.ReturnShort(c.Short(1) + 4)
		},
		"makeTransientIntArray(SB)[I": func(c *vm.Call) { makeTransient(c, vm.IntArray) },
	})
}
