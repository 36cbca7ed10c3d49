package runtime

import (
	"bytes"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// bindUtil is javacard.framework.Util. Atomic methods take part in the open
// transaction or are one by themselves; NonAtomic ones bypass it.
// Spec: SPEC-RUNTIME-062, SPEC-RUNTIME-063.
func bindUtil(t *binding.Table) {
	t.BindAll("javacard/framework/Util", map[string]binding.Native{
		"arrayCopy([BS[BSS)S":          func(c *vm.Call) { arrayCopy(c, (*vm.Machine).WriteBytes) },
		"arrayCopyNonAtomic([BS[BSS)S": func(c *vm.Call) { arrayCopy(c, (*vm.Machine).WriteBytesNonAtomic) },
		"arrayCompare([BS[BSS)B":       arrayCompare,
		"arrayFill([BSSB)S": func(c *vm.Call) {
			b := cardOf(c).buffer(fillRange(c))
			for i := range b {
				b[i] = byte(c.Byte(3))
			}
			c.Machine().WriteBytes(c.Ref(0), int(c.Short(1)), b)
		},
		"arrayFillNonAtomic([BSSB)S": func(c *vm.Call) {
			c.Machine().FillNonAtomic(c.Ref(0), int(c.Short(1)), fillRange(c), byte(c.Byte(3)))
		},
		"getShort([BS)S": func(c *vm.Call) {
			var b [2]byte
			c.Range(c.Ref(0), c.Short(1), 2)
			c.Machine().ReadBytes(c.Ref(0), int(c.Short(1)), b[:])
			c.ReturnShort(int16(b[0])<<8 | int16(b[1]))
		},
		"makeShort(BB)S": func(c *vm.Call) { c.ReturnShort(int16(c.Byte(0))<<8 | int16(uint8(c.Byte(1)))) },
		"setShort([BSS)S": func(c *vm.Call) {
			c.Range(c.Ref(0), c.Short(1), 2)
			b := cardOf(c).buffer(2)
			b[0], b[1] = byte(c.Short(2)>>8), byte(c.Short(2))
			c.Machine().WriteBytes(c.Ref(0), int(c.Short(1)), b)
			c.ReturnShort(c.Short(1) + 2)
		},
	})
}

// arrayCopy copies as if through a temporary array.
func arrayCopy(c *vm.Call, write func(*vm.Machine, vm.Ref, int, []byte)) {
	src, srcOff, dst, dstOff, n := c.Ref(0), c.Short(1), c.Ref(2), c.Short(3), c.Short(4)
	c.Range(src, srcOff, n)
	c.Range(dst, dstOff, n)
	b := cardOf(c).buffer(int(n))
	c.Machine().ReadBytes(src, int(srcOff), b)
	binding.Work(c, int(n))
	write(c.Machine(), dst, int(dstOff), b)
	c.ReturnShort(dstOff + n)
}

// arrayCompare costs the same wherever the first difference is.
// Spec: SPEC-RUNTIME-064.
func arrayCompare(c *vm.Call) {
	n := c.Short(4)
	c.Range(c.Ref(0), c.Short(1), n)
	c.Range(c.Ref(2), c.Short(3), n)
	b := cardOf(c).buffer(2 * int(n))
	x, y := b[:n], b[n:]
	c.Machine().ReadBytes(c.Ref(0), int(c.Short(1)), x)
	c.Machine().ReadBytes(c.Ref(2), int(c.Short(3)), y)
	binding.Work(c, int(n))
	c.ReturnByte(int8(bytes.Compare(x, y)))
}

func fillRange(c *vm.Call) int {
	c.Range(c.Ref(0), c.Short(1), c.Short(2))
	binding.Work(c, int(c.Short(2)))
	c.ReturnShort(c.Short(1) + c.Short(2))
	return int(c.Short(2))
}
