package runtime

import (
	"encoding/hex"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

var classRegistryEntry = binding.Class("inkan/platform/RegistryEntry")

// bindRegistryEntry is the object behind GPRegistryEntry, one for each applet
// that was asked for. Its cell refers to the applet's AID object.
// Spec: SPEC-RUNTIME-085.
func bindRegistryEntry(t *binding.Table) {
	const name = "inkan/platform/RegistryEntry"
	t.State(name, 1, 0)
	t.Hidden(name, "", "org/globalplatform/GPRegistryEntry")
	t.BindAll(name, map[string]binding.Native{
		"getAID()Ljavacard/framework/AID;": func(c *vm.Call) {
			c.ReturnRef(c.Machine().RefCell(c.This(), classRegistryEntry, 0))
		},
		"getPrivileges([BS)S": func(c *vm.Call) {
			p := cardOf(c).platform.Privileges(entryOf(c))
			store(c, c.Ref(0), c.Short(1), p[:])
			c.ReturnShort(c.Short(1) + 3)
		},
		"isPrivileged(B)Z": func(c *vm.Call) {
			p, bit := cardOf(c).platform.Privileges(entryOf(c)), c.Byte(0)
			c.ReturnBool(bit >= 0 && bit < 24 && p[bit/8]&(0x80>>(bit%8)) != 0)
		},
		"getState()B":  func(c *vm.Call) { c.ReturnByte(int8(cardOf(c).platform.LifeCycle(entryOf(c)))) },
		"setState(B)Z": setEntryState,
		"isAssociated(Ljavacard/framework/AID;)Z": nothing,
		"registerService(S)V":                     func(c *vm.Call) { c.Throw(classISO, swConditions) },
		"deregisterService(S)V":                   func(c *vm.Call) { c.Throw(classISO, swConditions) },
	})
}

// entryOf is the applet of an entry; 6985 when it is gone.
func entryOf(c *vm.Call) *Applet {
	ref := c.Machine().RefCell(c.This(), classRegistryEntry, 0)
	for _, a := range cardOf(c).applets {
		if a.aid == ref {
			return a
		}
	}
	c.Throw(classISO, swConditions)
	return nil
}

func setEntryState(c *vm.Call) {
	card, a := cardOf(c), entryOf(c)
	by := card.owner(callerOf(c))
	c.ReturnBool(by != nil && card.platform.SetLifeCycle(by, a, byte(c.Byte(0))))
}

// privilegeGlobalRegistry is the bit that lets an applet see others' entries.
const privilegeGlobalRegistry = 0x000400

// getRegistryEntry gives an applet's own entry for null or its AID, and another
// one's if it has the privilege; else null.
func getRegistryEntry(c *vm.Call) {
	card, a := cardOf(c), self(c)
	if ref := c.Ref(0); ref != vm.Null {
		b := appletOf(c, ref)
		p := card.platform.Privileges(a)
		if b == nil || b != a && uint32(p[1])<<8&privilegeGlobalRegistry == 0 {
			return
		}
		a = b
	}
	name := "entry " + hex.EncodeToString(a.AID)
	ref, m := card.object(name, classRegistryEntry, nil), c.Machine()
	// An applet that is gone may have had the AID: its entry is this one's now.
	if m.RefCell(ref, classRegistryEntry, 0) != a.aid {
		m.SetRefCell(ref, classRegistryEntry, 0, a.aid)
	}
	c.ReturnRef(ref)
}
