package runtime

import (
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

func nothing(*vm.Call) {}

// bindLang is java.lang: exceptions there carry no reason.
func bindLang(t *binding.Table) {
	t.Bind("java/lang/Object.<init>()V", nothing)
	t.Bind("java/lang/Object.equals(Ljava/lang/Object;)Z", func(c *vm.Call) { c.ReturnBool(c.This() == c.Ref(0)) })
	for _, name := range []string{"Throwable", "Exception", "RuntimeException", "IndexOutOfBoundsException",
		"ArrayIndexOutOfBoundsException", "NegativeArraySizeException", "NullPointerException", "ClassCastException",
		"ArithmeticException", "SecurityException", "ArrayStoreException"} {
		t.Bind("java/lang/"+name+".<init>()V", nothing)
	}
	t.Bind("java/io/IOException.<init>()V", nothing)
	t.Bind("java/rmi/RemoteException.<init>()V", nothing)
}

// bindExceptions is the exceptions with a reason. throwIt throws the card's
// own instance; a constructor makes the caller's. Spec: SPEC-RUNTIME-060.
func bindExceptions(t *binding.Table) {
	for _, base := range []string{"CardException", "CardRuntimeException"} {
		name := "javacard/framework/" + base
		class := binding.Class(name)
		t.State(name, 0, 1)
		t.Bind(name+".getReason()S", func(c *vm.Call) { c.ReturnShort(int16(c.Machine().DataCell(c.This(), class, 0))) })
		t.Bind(name+".setReason(S)V", func(c *vm.Call) { c.Machine().SetDataCell(c.This(), class, 0, uint16(c.Short(0))) })
		bindReason(t, name, class)
	}
	for _, name := range []string{"javacard/framework/ISOException", "javacard/framework/PINException",
		"javacard/framework/APDUException", "javacard/framework/SystemException", "javacard/framework/TransactionException",
		"javacardx/framework/util/UtilException", "javacardx/framework/tlv/TLVException"} {
		bindReason(t, name, classCardRuntime)
	}
	bindReason(t, "javacard/framework/UserException", classCardFault)
	t.Bind("javacard/framework/UserException.<init>()V", nothing)
}

// bindReason binds the constructor and throwIt of a class whose reason is in
// the state of base.
func bindReason(t *binding.Table, name string, base *vm.APIClass) {
	class := binding.Class(name)
	t.Bind(name+".<init>(S)V", func(c *vm.Call) {
		c.Machine().SetDataCell(c.This(), base, 0, uint16(c.Short(0)))
	})
	t.Bind(name+".throwIt(S)V", func(c *vm.Call) { c.Throw(class, c.Short(0)) })
}
