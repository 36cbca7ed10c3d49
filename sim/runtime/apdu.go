package runtime

import (
	"inkan/core/apdu"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// bindAPDU is javacard.framework.APDU but for the class byte.
func bindAPDU(t *binding.Table) {
	t.BindAll("javacard/framework/APDU", map[string]binding.Native{
		"getBuffer()[B":            func(c *vm.Call) { c.ReturnRef(cardOf(c).io.buffer) },
		"getNAD()B":                nothing,
		"getCurrentState()B":       func(c *vm.Call) { c.ReturnByte(cardOf(c).io.state) },
		"setIncomingAndReceive()S": func(c *vm.Call) { c.ReturnShort(int16(cardOf(c).setIncomingAndReceive())) },
		"receiveBytes(S)S": func(c *vm.Call) {
			c.ReturnShort(int16(cardOf(c).receiveBytes(int(c.Short(0)))))
		},
		"setOutgoing()S":           func(c *vm.Call) { c.ReturnShort(int16(cardOf(c).setOutgoing())) },
		"setOutgoingNoChaining()S": func(c *vm.Call) { c.ReturnShort(int16(cardOf(c).setOutgoing())) },
		"setOutgoingLength(S)V":    func(c *vm.Call) { cardOf(c).setOutgoingLength(int(c.Short(0))) },
		"sendBytes(SS)V":           func(c *vm.Call) { cardOf(c).sendBytes(int(c.Short(0)), int(c.Short(1))) },
		"sendBytesLong([BSS)V": func(c *vm.Call) {
			card := cardOf(c)
			card.checkSend(int(c.Short(2)))
			c.Range(c.Ref(0), c.Short(1), c.Short(2))
			card.send(c.Ref(0), int(c.Short(1)), int(c.Short(2)))
		},
		"setOutgoingAndSend(SS)V": func(c *vm.Call) {
			card := cardOf(c)
			card.setOutgoing()
			card.setOutgoingLength(int(c.Short(1)))
			card.sendBytes(int(c.Short(0)), int(c.Short(1)))
		},
		"getIncomingLength()S": func(c *vm.Call) {
			cardOf(c).needReceived()
			c.ReturnShort(short(cardOf(c).io.incoming))
		},
		"getOffsetCdata()S": func(c *vm.Call) {
			cardOf(c).needReceived()
			c.ReturnShort(int16(cardOf(c).io.header()))
		},
		"getInBlockSize()S":  func(c *vm.Call) { c.ReturnShort(int16(cardOf(c).inBlock())) },
		"getOutBlockSize()S": func(c *vm.Call) { c.ReturnShort(cardOf(c).outBlock()) },
		"getProtocol()B":     func(c *vm.Call) { c.ReturnByte(int8(cardOf(c).protocol)) },
		"waitExtension()V":   func(c *vm.Call) { cardOf(c).work(1, 0) },
		"getCurrentAPDU()Ljavacard/framework/APDU;": func(c *vm.Call) {
			cardOf(c).needCurrent(c)
			c.ReturnRef(cardOf(c).io.object)
		},
		"getCurrentAPDUBuffer()[B": func(c *vm.Call) {
			cardOf(c).needCurrent(c)
			c.ReturnRef(cardOf(c).io.buffer)
		},
	})
}

func (c *Card) outBlock() int16 {
	if !c.blocks() {
		return 258
	}
	return maxBlock
}

// needReceived throws ILLEGAL_USE unless the command data is being received.
func (c *Card) needReceived() {
	if s := c.io.state; s != statePartialIncoming && s != stateFullIncoming {
		c.fault(apduIllegalUse)
	}
}

// needCurrent throws SecurityException unless the caller's context is that of
// the applet that processes the APDU. Spec: SPEC-RUNTIME-096.
func (c *Card) needCurrent(call *vm.Call) {
	if c.running == nil || !c.io.active || c.running.Context != call.Context() {
		call.Throw(classSecurity, 0)
	}
}

// bindClassByte is what APDU and APDUUtil say about class bytes.
// Spec: SPEC-RUNTIME-097.
func bindClassByte(t *binding.Table) {
	for method, f := range map[string]func(*vm.Call, apdu.Class){
		"isCommandChainingCLA": func(c *vm.Call, k apdu.Class) { c.ReturnBool(k.Chained()) },
		"isSecureMessagingCLA": func(c *vm.Call, k apdu.Class) {
			c.ReturnBool(k.SecureMessaging() != apdu.NoSecureMessaging)
		},
		"isISOInterindustryCLA": func(c *vm.Call, k apdu.Class) { c.ReturnBool(!k.Proprietary()) },
		"isValidCLA":            func(c *vm.Call, k apdu.Class) { c.ReturnBool(k.Valid()) },
	} {
		t.Bind("javacard/framework/APDU."+method+"()Z", func(c *vm.Call) { f(c, cardOf(c).classByte()) })
		t.Bind("javacardx/apdu/util/APDUUtil."+method+"(B)Z", func(c *vm.Call) { f(c, apdu.Class(c.Byte(0))) })
	}
	t.Bind("javacard/framework/APDU.getCLAChannel()B", func(c *vm.Call) {
		c.ReturnByte(int8(cardOf(c).classByte().Channel()))
	})
	t.Bind("javacardx/apdu/util/APDUUtil.getCLAChannel(B)B", func(c *vm.Call) {
		c.ReturnByte(int8(apdu.Class(c.Byte(0)).Channel()))
	})
}

// classByte is the class of the current command.
func (c *Card) classByte() apdu.Class {
	if !c.cfg.Options.ClassFromBuffer {
		return c.io.class
	}
	b := c.buffer(1)
	c.machine.ReadBytes(c.io.buffer, 0, b)
	return apdu.Class(b[0])
}
