package runtime

import (
	"testing"

	"inkan/sim/clock"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// newPIN makes an OwnerPIN by OwnerPINBuilder, of kind 1, 2 or 3.
func (b *bench) newPIN(tries, size, kind int) vm.Ref {
	b.t.Helper()
	ref, e := b.call("javacard/framework/OwnerPINBuilder.buildOwnerPIN(BBB)Ljavacard/framework/PIN;", tries, size, kind)
	if e != nil {
		b.t.Fatal(e)
	}
	b.machine.AddRoot(vm.Ref(ref))
	return vm.Ref(ref)
}

func (b *bench) check(pin vm.Ref, value vm.Ref, length int, want any) {
	b.t.Helper()
	got, e := b.virtual(pin, pinClassOf(b, pin), "check", "([BSB)Z", value, 0, length)
	b.want("check", got, e, want)
}

func pinClassOf(b *bench, pin vm.Ref) *vm.APIClass { return b.machine.ClassOf(pin).API() }

func (b *bench) pinState(pin vm.Ref, tries int, validated int) {
	b.t.Helper()
	got, e := b.virtual(pin, pinClassOf(b, pin), "getTriesRemaining", "()B")
	b.want("getTriesRemaining", got, e, tries)
	got, e = b.virtual(pin, pinClassOf(b, pin), "isValidated", "()Z")
	b.want("isValidated", got, e, validated)
}

func TestOwnerPIN(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-100", "SPEC-RUNTIME-101", "SPEC-RUNTIME-102", "SPEC-RUNTIME-104", "SPEC-RUNTIME-105")
	b := newBench(t, nil)
	right, wrong := b.bytes(1, 2, 3, 4), b.bytes(1, 2, 3, 5)
	pin := b.newPIN(3, 8, 1)
	b.check(pin, right, 0, 0) // no value is set: nothing is right
	b.pinState(pin, 2, 0)
	_, e := b.virtual(pin, classPIN, "update", "([BSB)V", right, 0, 4)
	b.want("update", 0, e, 0)
	b.pinState(pin, 3, 0)
	b.check(pin, right, 3, 0)
	b.check(pin, right, 4, 1)
	b.pinState(pin, 3, 1)
	b.check(pin, vm.Null, 4, "NullPointerException") // counts, and takes the validation away
	b.pinState(pin, 2, 0)
	b.check(pin, right, 5, "ArrayIndexOutOfBoundsException")
	b.pinState(pin, 1, 0)
	b.check(pin, wrong, 4, 0)
	b.check(pin, right, 4, 0) // blocked
	b.pinState(pin, 0, 0)
	_, e = b.virtual(pin, classPIN, "resetAndUnblock", "()V")
	b.want("resetAndUnblock", 0, e, 0)
	b.check(pin, right, 4, 1)
	_, e = b.virtual(pin, classPIN, "update", "([BSB)V", b.bytes(1, 2, 3, 4, 5, 6, 7, 8, 9), 0, 9)
	b.want("update", 0, e, "PINException 0001")
	b.reset()
	b.pinState(pin, 3, 0)
	const build = "javacard/framework/OwnerPINBuilder.buildOwnerPIN(BBB)Ljavacard/framework/PIN;"
	b.expect(build, "PINException 0001", 0, 4, 1)
	b.expect(build, "PINException 0001", 3, 0, 1)
	b.expect(build, "SystemException 0001", 3, 4, 4)
}

// TestPINCounter checks that a comparison in a transaction counts even when
// the transaction is undone, and that update is undone with it.
func TestPINCounter(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-102", "SPEC-RUNTIME-104")
	b := newBench(t, nil)
	right, wrong := b.bytes(1, 2, 3, 4), b.bytes(4, 3, 2, 1)
	pin := b.newPIN(3, 4, 1)
	b.virtual(pin, classPIN, "update", "([BSB)V", right, 0, 4)
	b.machine.Try(b.machine.Begin)
	b.check(pin, wrong, 4, 0)
	b.machine.Try(b.machine.Abort)
	b.pinState(pin, 2, 0)
	b.machine.Try(b.machine.Begin)
	b.virtual(pin, classPIN, "update", "([BSB)V", wrong, 0, 4)
	b.machine.Try(b.machine.Abort)
	b.check(pin, right, 4, 1)
}

// TestPINCost checks that a wrong PIN costs the same wherever it is wrong.
func TestPINCost(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-103")
	b := newBench(t, nil)
	pin := b.newPIN(20, 8, 1)
	right := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	b.virtual(pin, classPIN, "update", "([BSB)V", b.bytes(right...), 0, 8)
	var first clock.Ledger
	for i := range right {
		wrong := append([]byte(nil), right...)
		wrong[i] ^= 0x80
		value := b.bytes(wrong...)
		before := b.clock.Ledger()
		b.check(pin, value, 8, 0)
		cost := b.clock.Ledger().Since(before)
		if i == 0 {
			first = cost
		} else if cost != first {
			t.Errorf("wrong at %d: %v, at 0: %v", i, cost, first)
		}
	}
}

func TestOwnerPINx(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-105")
	b := newBench(t, nil)
	right := b.bytes(1, 2, 3, 4)
	pin := b.newPIN(3, 4, 3)
	b.virtual(pin, classPINx, "update", "([BSB)V", right, 0, 4)
	got, e := b.virtual(pin, classPINx, "decrementTriesRemaining", "()B")
	b.want("decrementTriesRemaining", got, e, 2)
	b.check(pin, b.bytes(0, 0, 0, 0), 4, 0) // counted already
	b.pinState(pin, 2, 0)
	b.check(pin, right, 4, 1)
	b.pinState(pin, 3, 1)
	_, e = b.virtual(pin, classPINx, "setTryLimit", "(B)V", 5)
	b.want("setTryLimit", 0, e, 0)
	b.pinState(pin, 5, 0)
	_, e = b.virtual(pin, classPINx, "setTriesRemaining", "(B)V", 6)
	b.want("setTriesRemaining", 0, e, "PINException 0001")
	_, e = b.virtual(pin, classPINx, "setTriesRemaining", "(B)V", 1)
	b.want("setTriesRemaining", 0, e, 0)
	b.pinState(pin, 1, 0)
}

// TestPINAborted: tries within a transaction that also updates the PIN count
// when all of it is undone, whatever was tried and updated.
func TestPINAborted(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-106", "SPEC-RUNTIME-104")
	b := newBench(t, nil)
	old, other, wrong := b.bytes(1, 2, 3, 4), b.bytes(5, 6, 7, 8), b.bytes(4, 3, 2, 1)
	for _, kind := range []int{1, 2} {
		pin := b.newPIN(5, 4, kind)
		class := pinClassOf(b, pin)
		update := func(value vm.Ref) { b.virtual(pin, class, "update", "([BSB)V", value, 0, 4) }
		for range 3 { // either counter is valid in turn
			update(old)
			b.check(pin, wrong, 4, 0)
			b.pinState(pin, 4, 0)
			b.machine.Try(b.machine.Begin)
			b.check(pin, wrong, 4, 0)
			update(other)
			b.pinState(pin, 5, 0)
			b.check(pin, wrong, 4, 0)
			update(other)
			b.check(pin, wrong, 4, 0)
			b.check(pin, other, 4, 1)
			b.pinState(pin, 5, 1)
			b.machine.Try(b.machine.Abort)
			b.pinState(pin, 1, 1) // 5, less four wrong values; the flag is in RAM
			b.check(pin, old, 4, 1)
		}
		// Undone by a loss of power as by an abort.
		b.machine.Try(b.machine.Begin)
		update(other)
		b.check(pin, wrong, 4, 0)
		b.reset()
		b.pinState(pin, 4, 0)
		b.check(pin, old, 4, 1)
		// Committed: the new value and its own counter.
		b.machine.Try(b.machine.Begin)
		update(other)
		b.check(pin, wrong, 4, 0)
		b.machine.Try(b.machine.Commit)
		b.pinState(pin, 4, 0)
		b.check(pin, old, 4, 0)
		b.check(pin, other, 4, 1)
		// A transaction afterwards is another one: it is counted in one place.
		b.machine.Try(b.machine.Begin)
		b.check(pin, wrong, 4, 0)
		b.machine.Try(b.machine.Abort)
		b.pinState(pin, 4, 0)
		if kind == 1 {
			b.machine.Try(b.machine.Begin)
			update(old)
			b.virtual(pin, class, "resetAndUnblock", "()V")
			b.machine.Try(b.machine.Abort)
			b.pinState(pin, 5, 0)
		}
	}
}

// TestTwoPINs updates two PINs in one transaction: both are new, or both old.
func TestTwoPINs(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-104")
	b := newBench(t, nil)
	old, other := b.bytes(1, 2, 3, 4), b.bytes(5, 6, 7, 8)
	pins := []vm.Ref{b.newPIN(3, 4, 1), b.newPIN(5, 8, 1)}
	for _, pin := range pins {
		b.virtual(pin, classPIN, "update", "([BSB)V", old, 0, 4)
	}
	for i, end := range []func(){b.machine.Abort, b.machine.Commit} {
		b.machine.Try(b.machine.Begin)
		for _, pin := range pins {
			b.virtual(pin, classPIN, "update", "([BSB)V", other, 0, 4)
		}
		b.machine.Try(end)
		for k, pin := range pins {
			b.pinState(pin, []int{3, 5}[k], 0)
			b.check(pin, []vm.Ref{old, other}[i], 4, 1)
			b.check(pin, []vm.Ref{other, old}[i], 4, 0)
			b.check(pin, []vm.Ref{old, other}[i], 4, 1)
		}
	}
}
