package runtime

import (
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// swFunctionNotSupported is what Applet.install of the base class throws.
const swFunctionNotSupported = 0x6A81

// bindApplet is javacard.framework.Applet.
func bindApplet(t *binding.Table) {
	t.BindAll("javacard/framework/Applet", map[string]binding.Native{
		"<init>()V":      nothing,
		"install([BSB)V": func(c *vm.Call) { c.Throw(classISO, swFunctionNotSupported) },
		"register()V":    func(c *vm.Call) { cardOf(c).register(c.This(), c, nil) },
		"register([BSB)V": func(c *vm.Call) {
			cardOf(c).register(c.This(), c, bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2))))
		},
		"selectingApplet()Z":   func(c *vm.Call) { c.ReturnBool(cardOf(c).selects.process) },
		"reSelectingApplet()Z": func(c *vm.Call) { c.ReturnBool(cardOf(c).selects.again) },
		"select()Z":            func(c *vm.Call) { c.ReturnBool(true) },
		"deselect()V":          nothing,
		"getShareableInterfaceObject(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;": nothing,
	})
}
