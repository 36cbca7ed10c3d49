package runtime

import (
	"bytes"
	"testing"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
	"inkan/spec/req"
)

func TestAID(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-061")
	b := newBench(t, nil)
	aid := []byte{0xA0, 0, 0, 0, 3, 1, 2}
	var ref, own vm.Ref
	b.machine.Try(func() {
		ref, own = newAID(b.machine, vm.JCRE, aid), newAID(b.machine, b.ctx, aid[:5])
		b.machine.MarkEntryPoint(ref, false)
	})
	array, out := b.bytes(aid...), b.bytes(make([]byte, 8)...)
	for _, c := range []struct {
		name, descriptor string
		want             any
		args             []any
	}{
		{"equals", "([BSB)Z", 1, []any{array, 0, 7}},
		{"equals", "([BSB)Z", 0, []any{array, 0, 6}},
		{"equals", "([BSB)Z", 0, []any{vm.Null, 0, 6}},
		{"equals", "([BSB)Z", "ArrayIndexOutOfBoundsException", []any{array, 0, 8}},
		{"partialEquals", "([BSB)Z", 1, []any{array, 0, 5}},
		{"partialEquals", "([BSB)Z", 0, []any{array, 1, 5}},
		{"equals", "(Ljava/lang/Object;)Z", 1, []any{ref}},
		{"equals", "(Ljava/lang/Object;)Z", 0, []any{own}},
		{"RIDEquals", "(Ljavacard/framework/AID;)Z", 1, []any{own}},
		{"RIDEquals", "(Ljavacard/framework/AID;)Z", 0, []any{vm.Null}},
		{"getBytes", "([BS)B", 7, []any{out, 1}},
		{"getBytes", "([BS)B", "ArrayIndexOutOfBoundsException", []any{out, 2}},
		{"getPartialBytes", "(S[BSB)B", 2, []any{5, out, 0, 0}},
		{"getPartialBytes", "(S[BSB)B", "ArrayIndexOutOfBoundsException", []any{5, out, 0, 3}},
	} {
		got, e := b.virtual(ref, classAID, c.name, c.descriptor, c.args...)
		b.want(c.name+c.descriptor, got, e, c.want)
	}
	if got := b.read(out); !bytes.Equal(got, []byte{1, 2, 0, 0, 0, 3, 1, 2}) {
		t.Errorf("bytes: %X", got)
	}
}

func TestExceptions(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-060")
	b := newBench(t, nil)
	for _, name := range []string{"ISOException", "PINException", "APDUException", "SystemException", "TransactionException",
		"UserException", "CardException", "CardRuntimeException"} {
		b.expect("javacard/framework/"+name+".throwIt(S)V", name+" 6A82", 0x6A82)
	}
	_, first := b.call("javacard/framework/ISOException.throwIt(S)V", 1)
	_, second := b.call("javacard/framework/ISOException.throwIt(S)V", 2)
	if first.Ref != second.Ref || b.machine.Owner(first.Ref) != vm.JCRE {
		t.Error("throwIt does not throw the card's one instance")
	}
	got, e := b.virtual(second.Ref, classCardRuntime, "getReason", "()S")
	b.want("getReason", got, e, 2)
}

// TestGlobalPlatform reaches the platform through GPSystem.
func TestGlobalPlatform(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-081", "SPEC-RUNTIME-085", "SPEC-RUNTIME-086")
	b := newBench(t, nil)
	const class = "org/globalplatform/GPSystem."
	b.expect(class+"getCardContentState()B", "ISOException 6985") // no applet in this context
	aid := []byte{0xA0, 0, 0, 0, 9}
	a := &Applet{AID: aid, Context: b.ctx, number: 1}
	b.machine.Try(func() { a.aid = newAID(b.machine, vm.JCRE, aid) })
	a.Ref = b.bytes(0)
	b.insert(a)
	b.platform.lifeCycle[string(aid)] = 7
	b.platform.state = 0x0F
	b.platform.privileges = [3]byte{0x04, 0x00, 0x80}
	b.platform.cvm = &countingCVM{}
	b.expect(class+"getCardContentState()B", 7)
	b.expect(class+"setCardContentState(B)Z", 1, 0x0F)
	b.expect(class+"getCardContentState()B", 15)
	b.expect(class+"getCardState()B", 15)
	b.expect(class+"lockCard()Z", 1)
	b.expect(class+"getCardState()B", 127)
	b.expect(class+"getCVM(B)Lorg/globalplatform/CVM;", 0, 1)
	entry, e := b.call(class+"getRegistryEntry(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;", vm.Null)
	if e != nil || entry == 0 {
		t.Fatal(e)
	}
	iface := binding.Class("org/globalplatform/GPRegistryEntry")
	out := b.bytes(0, 0, 0, 0)
	got, e := b.virtual(vm.Ref(entry), iface, "getPrivileges", "([BS)S", out, 1)
	b.want("getPrivileges", got, e, 4)
	if !bytes.Equal(b.read(out), []byte{0, 4, 0, 0x80}) {
		t.Errorf("privileges: %X", b.read(out))
	}
	got, e = b.virtual(vm.Ref(entry), iface, "isPrivileged", "(B)Z", 5)
	b.want("isPrivileged", got, e, 1)
	got, e = b.virtual(vm.Ref(entry), iface, "isPrivileged", "(B)Z", 6)
	b.want("isPrivileged", got, e, 0)
	got, e = b.virtual(vm.Ref(entry), iface, "getAID", "()Ljavacard/framework/AID;")
	b.want("getAID", got, e, int(a.aid))
	cvm, _ := b.call(class+"getCVM(B)Lorg/globalplatform/CVM;", 0x11)
	face := binding.Class("org/globalplatform/CVM")
	got, e = b.virtual(vm.Ref(uint16(cvm)), face, "verify", "([BSBB)S", b.bytes(1), 0, 1, 3)
	b.want("verify", got, e, -1)
	got, e = b.virtual(vm.Ref(uint16(cvm)), face, "blockState", "()Z")
	b.want("blockState without the privilege", got, e, 0)
	b.platform.privileges[0] = privilegeCVM
	got, e = b.virtual(vm.Ref(uint16(cvm)), face, "blockState", "()Z")
	b.want("blockState", got, e, 1)
}

// countingCVM is a CVM that is always wrong and can be blocked.
type countingCVM struct{ CVM }

func (*countingCVM) Verify([]byte, byte) bool { return false }
func (*countingCVM) Block() bool              { return true }
