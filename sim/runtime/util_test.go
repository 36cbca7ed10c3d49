package runtime

import (
	"bytes"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/vm"
	"inkan/spec/req"
)

func TestUtil(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-062", "SPEC-RUNTIME-063")
	b := newBench(t, nil)
	src, dst := b.bytes(1, 2, 3, 4, 5), b.bytes(0, 0, 0, 0, 0)
	for _, name := range []string{"arrayCopy", "arrayCopyNonAtomic"} {
		name = "javacard/framework/Util." + name + "([BS[BSS)S"
		b.expect(name, 4, src, 1, dst, 2, 2)
		if got := b.read(dst); !bytes.Equal(got, []byte{0, 0, 2, 3, 0}) {
			t.Errorf("%s: %X", name, got)
		}
		b.expect(name, 5, dst, 2, dst, 3, 2) // overlapping
		if got := b.read(dst); !bytes.Equal(got, []byte{0, 0, 2, 2, 3}) {
			t.Errorf("%s overlapping: %X", name, got)
		}
		b.expect(name, "NullPointerException", vm.Null, 0, dst, 0, 0)
		b.expect(name, "ArrayIndexOutOfBoundsException", src, 4, dst, 0, 2)
		b.expect(name, "ArrayIndexOutOfBoundsException", src, 0, dst, 0, -1)
		b.expect(name, "ArrayIndexOutOfBoundsException", src, 0, dst, -1, 1)
		b.machine.WriteBytes(dst, 0, make([]byte, 5))
	}
	b.expect("javacard/framework/Util.arrayFill([BSSB)S", 3, dst, 1, 2, -2)
	b.expect("javacard/framework/Util.arrayFillNonAtomic([BSSB)S", 5, dst, 4, 1, 7)
	if got := b.read(dst); !bytes.Equal(got, []byte{0, 0xFE, 0xFE, 0, 7}) {
		t.Errorf("fill: %X", got)
	}
	b.expect("javacard/framework/Util.setShort([BSS)S", 2, dst, 0, -3)
	b.expect("javacard/framework/Util.getShort([BS)S", -3, dst, 0)
	b.expect("javacard/framework/Util.getShort([BS)S", "ArrayIndexOutOfBoundsException", dst, 4)
	b.expect("javacard/framework/Util.makeShort(BB)S", -1, -1, -1)
	b.expect("javacard/framework/Util.makeShort(BB)S", 0x01FF, 1, -1)
}

func TestUtilTransaction(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-063", "SPEC-RUNTIME-050")
	b := newBench(t, nil)
	src, dst := b.bytes(1, 2, 3, 4), b.bytes(0, 0, 0, 0)
	copyTo := func(name string, at int) {
		b.expect("javacard/framework/Util."+name+"([BS[BSS)S", at+1, src, 0, dst, at, 1)
	}
	for _, name := range []string{"Util.arrayCopy([BS[BSS)S", "Util.arrayCopyNonAtomic([BS[BSS)S", "JCSystem.getTransactionDepth()B",
		"JCSystem.beginTransaction()V", "JCSystem.abortTransaction()V"} {
		b.method("javacard/framework/" + name) // nothing can be loaded later
	}
	b.expect("javacard/framework/JCSystem.beginTransaction()V", 0)
	b.expect("javacard/framework/JCSystem.getTransactionDepth()B", 1)
	copyTo("arrayCopy", 0)
	copyTo("arrayCopyNonAtomic", 1)
	b.expect("javacard/framework/JCSystem.abortTransaction()V", 0)
	if got := b.read(dst); !bytes.Equal(got, []byte{0, 1, 0, 0}) {
		t.Errorf("after abort: %X", got)
	}
	b.expect("javacard/framework/JCSystem.abortTransaction()V", "TransactionException 0002")
}

// TestCompareCost checks that the first difference does not show in time.
func TestCompareCost(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-064")
	b := newBench(t, nil)
	const name = "javacard/framework/Util.arrayCompare([BS[BSS)B"
	x := b.bytes(5, 5, 5, 5, 5, 5, 5, 5)
	b.method(name)
	var first clock.Ledger
	for i := range 8 {
		other := []byte{5, 5, 5, 5, 5, 5, 5, 5}
		other[i] = 4
		y := b.bytes(other...)
		before := b.clock.Ledger()
		b.expect(name, 1, x, 0, y, 0, 8)
		cost := b.clock.Ledger().Since(before)
		if i == 0 {
			first = cost
		} else if cost != first {
			t.Errorf("difference at %d: %v, at 0: %v", i, cost, first)
		}
		b.expect(name, -1, y, 0, x, 0, 8)
		b.expect(name, 0, y, 0, y, 0, 8)
	}
}

func TestArrayLogic(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-065")
	b := newBench(t, nil)
	const class = "javacardx/framework/util/ArrayLogic."
	src, dst := b.bytes(1, 2, 3, 4), b.bytes(9, 9, 9, 9)
	var shorts vm.Ref
	b.machine.Try(func() { shorts = b.machine.NewArray(b.ctx, vm.ShortArray, 3) })
	const repack = class + "arrayCopyRepack(Ljava/lang/Object;SSLjava/lang/Object;S)S"
	b.expect(repack, 3, src, 0, 4, shorts, 1)
	var got [6]byte
	b.machine.ReadBytes(shorts, 0, got[:])
	if got != [6]byte{0, 0, 1, 2, 3, 4} {
		t.Errorf("repack: %X", got)
	}
	b.expect(repack, "UtilException 0001", src, 0, 3, shorts, 0)
	b.expect(repack, "ArrayIndexOutOfBoundsException", src, 0, 4, shorts, 2)
	b.expect(repack, "NullPointerException", vm.Null, 0, 4, shorts, 2)
	const compare = class + "arrayCompareGeneric(Ljava/lang/Object;SLjava/lang/Object;SS)B"
	b.expect(compare, -1, src, 0, dst, 0, 2)
	b.expect(compare, "UtilException 0002", src, 0, shorts, 0, 2)
	b.expect(class+"arrayFindGeneric(Ljava/lang/Object;S[BS)S", 1, shorts, 0, src, 0)
	b.expect(class+"arrayFindGeneric(Ljava/lang/Object;S[BS)S", -1, shorts, 2, src, 0)
	b.expect(class+"arrayFillGeneric(Ljava/lang/Object;SSLjava/lang/Object;S)S", 3, dst, 1, 2, src, 2)
	if got := b.read(dst); !bytes.Equal(got, []byte{9, 3, 3, 9}) {
		t.Errorf("fill: %X", got)
	}
	b.expect("javacardx/framework/util/intx/JCint.makeInt(SS)I", -65535, -1, 1)
	b.expect("javacardx/framework/util/intx/JCint.setInt([BSI)S", 4, dst, 0, int32(0x01020304))
	b.expect("javacardx/framework/util/intx/JCint.getInt([BS)I", 0x01020304, dst, 0)
}

func TestTransientArrays(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-066", "SPEC-RUNTIME-067", "SPEC-RUNTIME-072")
	b := newBench(t, func(c *Config) { c.Machine.ResetBytes = 100 })
	const name = "javacard/framework/JCSystem.makeTransientByteArray(SB)[B"
	ref, e := b.call(name, 60, 1)
	if e != nil || b.machine.TransientEvent(vm.Ref(ref)) != vm.ClearOnReset {
		t.Fatal(e)
	}
	b.expect("javacard/framework/JCSystem.isTransient(Ljava/lang/Object;)B", 1, vm.Ref(ref))
	b.expect(name, "SystemException 0002", 60, 1)
	b.expect(name, "SystemException 0001", 1, 3)
	b.expect(name, "NegativeArraySizeException", -1, 1)
	b.expect(name, "SystemException 0003", 1, 2) // not selected
	b.expect("javacard/framework/JCSystem.getAvailableMemory(B)S", 40, 1)
	b.expect("javacard/framework/JCSystem.getAvailableMemory(B)S", "SystemException 0001", 7)
	b.expect("javacard/framework/JCSystem.getVersion()S", 0x0305)
	b.expect("javacard/framework/SensitiveArrays.isIntegritySensitiveArraysSupported()Z", 0)
	b.expect("javacard/framework/SensitiveArrays.makeIntegritySensitiveArray(BBS)Ljava/lang/Object;", "SystemException 0006", 2, 1, 4)
	array := b.bytes(1, 2, 3)
	b.expect("javacard/framework/SensitiveArrays.clearArray(Ljava/lang/Object;)S", 3, array)
	if got := b.read(array); !bytes.Equal(got, make([]byte, 3)) {
		t.Errorf("clearArray: %X", got)
	}
}

func TestGlobalArray(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-068", "SPEC-RUNTIME-072")
	b := newBench(t, nil)
	const name = "javacard/framework/JCSystem.makeGlobalArray(BS)Ljava/lang/Object;"
	ref, e := b.call(name, 2, 4)
	if e != nil {
		t.Fatal(e)
	}
	if e := b.machine.Try(func() { b.machine.CheckAccess(b.ctx+1, vm.Ref(uint16(ref))) }); e != nil {
		t.Errorf("from another context: %v", e)
	}
	b.expect(name, "SystemException 0001", 5, 4)
	b.expect(name, "SystemException 0001", 0, 4)
	var sizes vm.Ref
	b.machine.Try(func() { sizes = b.machine.NewArray(b.ctx, vm.ShortArray, 3) })
	b.method("javacard/framework/JCSystem.getAvailableMemory([SSB)V")
	free := b.machine.LargestFreeBytes()
	b.expect("javacard/framework/JCSystem.getAvailableMemory([SSB)V", 0, sizes, 1, 0)
	var got [6]byte
	b.machine.ReadBytes(sizes, 0, got[:])
	if n := int(got[2])<<24 | int(got[3])<<16 | int(got[4])<<8 | int(got[5]); n < free-64 || n > free {
		t.Errorf("%d bytes, of %d", n, free)
	}
	b.expect("javacard/framework/JCSystem.getAvailableMemory([SSB)V", "ArrayIndexOutOfBoundsException", sizes, 2, 0)
}
