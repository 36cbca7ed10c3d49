package runtime

import (
	"inkan/core/apdu"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// version is JCSystem.getVersion: 3.0.5.
const version = 0x0305

// Memory types of getAvailableMemory.
const (
	memoryPersistent        = 0
	memoryTransientReset    = 1
	memoryTransientDeselect = 2
)

// bindSystem is javacard.framework.JCSystem but for arrays.
// Spec: SPEC-RUNTIME-050, SPEC-RUNTIME-071, SPEC-RUNTIME-072.
func bindSystem(t *binding.Table) {
	t.BindAll("javacard/framework/JCSystem", map[string]binding.Native{
		"beginTransaction()V":     func(c *vm.Call) { c.Machine().Begin() },
		"commitTransaction()V":    func(c *vm.Call) { c.Machine().Commit() },
		"abortTransaction()V":     func(c *vm.Call) { c.Machine().Abort() },
		"getTransactionDepth()B":  func(c *vm.Call) { c.ReturnByte(int8(c.Machine().TransactionDepth())) },
		"getMaxCommitCapacity()S": func(c *vm.Call) { c.ReturnShort(short(c.Machine().MaxCommitCapacity())) },
		"getUnusedCommitCapacity()S": func(c *vm.Call) {
			c.ReturnShort(short(c.Machine().UnusedCommitCapacity()))
		},
		"getVersion()S":                func(c *vm.Call) { c.ReturnShort(version) },
		"isObjectDeletionSupported()Z": func(c *vm.Call) { c.ReturnBool(true) },
		"requestObjectDeletion()V":     func(c *vm.Call) { c.Machine().RequestObjectDeletion() },
		"getAvailableMemory(B)S":       func(c *vm.Call) { c.ReturnShort(short(available(c, c.Byte(0)))) },
		"getAvailableMemory([SSB)V":    availableShorts,
		"getAssignedChannel()B":        func(c *vm.Call) { c.ReturnByte(int8(cardOf(c).current)) },
		"getAID()Ljavacard/framework/AID;": func(c *vm.Call) {
			c.ReturnRef(cardOf(c).aidObject(c.Context()))
		},
		"getPreviousContextAID()Ljavacard/framework/AID;": func(c *vm.Call) {
			c.ReturnRef(cardOf(c).aidObject(c.Machine().PreviousContext()))
		},
		"lookupAID([BSB)Ljavacard/framework/AID;": func(c *vm.Call) {
			if a := cardOf(c).Applet(bytesAt(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))); a != nil {
				c.ReturnRef(a.aid)
			}
		},
		"isAppletActive(Ljavacard/framework/AID;)Z":                                                  func(c *vm.Call) { c.ReturnBool(isActive(c)) },
		"getAppletShareableInterfaceObject(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;": shareable,
	})
}

// short is a size as the API shows it: at most 32767.
func short(n int) int16 { return int16(max(0, min(n, 0x7FFF))) }

// available is what the applet can still make, in one object: the quota, what is
// kept for others, and free memory leave no more.
// Spec: SPEC-RUNTIME-172.
func available(c *vm.Call, memory int8) int {
	switch memory {
	case memoryPersistent, memoryTransientReset, memoryTransientDeselect:
		return c.Machine().AvailableBytes(vm.Event(memory))
	}
	c.Throw(classSystem, illegalValue)
	return 0
}

// availableShorts stores the size as two shorts, the high one first.
func availableShorts(c *vm.Call) {
	n := available(c, c.Byte(2))
	c.Range(c.Ref(0), c.Short(1), 2)
	c.Machine().WriteBytes(c.Ref(0), 2*int(c.Short(1)), []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func (c *Card) aidObject(ctx vm.Context) vm.Ref {
	if a := c.owner(ctx); ctx != vm.JCRE && a != nil {
		return a.aid
	}
	return vm.Null
}

// appletOf is the applet that an AID object of the caller's names, or nil.
func appletOf(c *vm.Call, ref vm.Ref) *Applet {
	m := c.Machine()
	if m.Owner(ref) != vm.JCRE {
		m.CheckAccess(c.Context(), ref)
	}
	return cardOf(c).Applet(aidOf(m, ref))
}

func isActive(c *vm.Call) bool {
	if c.Ref(0) == vm.Null {
		c.Throw(classNull, 0)
	}
	card, a := cardOf(c), appletOf(c, c.Ref(0))
	for i := range apdu.MaxChannel + 1 {
		if a != nil && card.channels[i].applet == a {
			return true
		}
	}
	return false
}

// shareable asks an applet for a shareable object. An exception that the server
// does not catch gives null, as does an object that is not the server's own.
// Spec: SPEC-RUNTIME-073.
func shareable(c *vm.Call) {
	card, m := cardOf(c), c.Machine()
	if c.Ref(0) == vm.Null {
		return
	}
	a := appletOf(c, c.Ref(0))
	if a == nil {
		return
	}
	client := card.aidObject(c.Context())
	running := card.running
	card.running = nil
	if running != nil && running.Context == a.Context {
		card.running = a
	}
	result, e := m.Invoke(vm.JCRE, a.Ref, classApplet, tokenGetShareable, vm.RefWord(client), vm.ShortWord(int16(c.Byte(1))))
	card.running = running
	if e != nil {
		if e.Trap != "" {
			m.Raise(e)
		}
		return
	}
	c.ReturnRef(vm.Ref(uint16(result)))
}
