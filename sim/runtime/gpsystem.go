package runtime

import (
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// Life cycles that GPSystem names.
const (
	cardLocked     = 0x7F
	cardTerminated = 0xFF
)

// swConditions is thrown where GlobalPlatform says that the use is not allowed.
const swConditions = 0x6985

// self is the applet that calls; it throws ISOException 6985 before it is
// registered.
func self(c *vm.Call) *Applet {
	if a := cardOf(c).owner(c.Context()); a != nil {
		return a
	}
	c.Throw(classISO, swConditions)
	return nil
}

// bindGlobalPlatform is org.globalplatform.GPSystem. Spec: SPEC-RUNTIME-081.
func bindGlobalPlatform(t *binding.Table) {
	t.BindAll("org/globalplatform/GPSystem", map[string]binding.Native{
		"<init>()V":               nothing,
		"getCardContentState()B":  func(c *vm.Call) { c.ReturnByte(int8(cardOf(c).platform.LifeCycle(self(c)))) },
		"getCardState()B":         func(c *vm.Call) { c.ReturnByte(int8(cardOf(c).platform.CardState())) },
		"setCardContentState(B)Z": func(c *vm.Call) { c.ReturnBool(setState(c, self(c), byte(c.Byte(0)))) },
		"lockCard()Z": func(c *vm.Call) {
			c.ReturnBool(cardOf(c).platform.SetCardState(self(c), cardLocked))
		},
		"terminateCard()Z": func(c *vm.Call) {
			c.ReturnBool(cardOf(c).platform.SetCardState(self(c), cardTerminated))
		},
		"setATRHistBytes([BSB)Z": func(c *vm.Call) {
			b := bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))
			c.ReturnBool(len(b) <= 15 && cardOf(c).platform.SetHistoricalBytes(self(c), b))
		},
		"getSecureChannel()Lorg/globalplatform/SecureChannel;": func(c *vm.Call) {
			c.ReturnRef(cardOf(c).object("secure channel", classSecureChannel, nil))
		},
		"getCVM(B)Lorg/globalplatform/CVM;": func(c *vm.Call) {
			if id := byte(c.Byte(0)); cardOf(c).platform.CVM(id) != nil {
				c.ReturnRef(cvmObject(cardOf(c), id))
			}
		},
		"getRegistryEntry(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;": getRegistryEntry,
		"getService(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;":        getService,
	})
}

func setState(c *vm.Call, a *Applet, state byte) bool {
	return cardOf(c).platform.SetLifeCycle(self(c), a, state)
}
