package runtime

import (
	"fmt"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

var classCVM = binding.Class("inkan/platform/CVM")

// privilegeCVM is the bit of CVM management in the first byte.
const privilegeCVM = 0x02

// CVM results.
const (
	cvmSuccess = 0
	cvmFailure = -1
)

func cvmObject(c *Card, id byte) vm.Ref {
	return c.object(fmt.Sprintf("CVM %02X", id), classCVM, func(ref vm.Ref) {
		c.machine.SetDataCell(ref, classCVM, 0, uint16(id))
	})
}

// bindCVM is the object behind CVM: its cell is the identifier. Methods that
// change it need the caller's privilege. Spec: SPEC-RUNTIME-086.
func bindCVM(t *binding.Table) {
	const name = "inkan/platform/CVM"
	t.State(name, 0, 1)
	t.Hidden(name, "", "org/globalplatform/CVM")
	t.BindAll(name, map[string]binding.Native{
		"isActive()Z":          func(c *vm.Call) { c.ReturnBool(cvmOf(c).IsActive()) },
		"isSubmitted()Z":       func(c *vm.Call) { c.ReturnBool(cvmOf(c).IsSubmitted()) },
		"isVerified()Z":        func(c *vm.Call) { c.ReturnBool(cvmOf(c).IsVerified()) },
		"isBlocked()Z":         func(c *vm.Call) { c.ReturnBool(cvmOf(c).IsBlocked()) },
		"getTriesRemaining()B": func(c *vm.Call) { c.ReturnByte(int8(cvmOf(c).TriesRemaining())) },
		"resetState()Z":        func(c *vm.Call) { c.ReturnBool(cvmOf(c).Reset()) },
		"blockState()Z":        func(c *vm.Call) { c.ReturnBool(managesCVM(c) && cvmOf(c).Block()) },
		"resetAndUnblockState()Z": func(c *vm.Call) {
			c.ReturnBool(managesCVM(c) && cvmOf(c).ResetAndUnblock())
		},
		"setTryLimit(B)Z": func(c *vm.Call) { c.ReturnBool(managesCVM(c) && cvmOf(c).SetTryLimit(byte(c.Byte(0)))) },
		"update([BSBB)Z": func(c *vm.Call) {
			b := bytesOf(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))
			c.ReturnBool(managesCVM(c) && cvmOf(c).Update(b, byte(c.Byte(3))))
		},
		"verify([BSBB)S": func(c *vm.Call) {
			b := bytesOf(c, c.Ref(0), c.Short(1), int16(c.Byte(2)))
			c.ReturnShort(cvmFailure)
			if cvmOf(c).Verify(b, byte(c.Byte(3))) {
				c.ReturnShort(cvmSuccess)
			}
		},
	})
}

func cvmOf(c *vm.Call) CVM {
	id := byte(c.Machine().DataCell(c.This(), classCVM, 0))
	v := cardOf(c).platform.CVM(id)
	if v == nil {
		c.Throw(classISO, swConditions)
	}
	return v
}

func managesCVM(c *vm.Call) bool {
	card := cardOf(c)
	a := card.owner(callerOf(c))
	return a != nil && card.platform.Privileges(a)[0]&privilegeCVM != 0
}
