package os

import (
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/vm"
)

// limitsOf is the limits of memory in the parameters of an installation: C7 and C8
// are quotas, D7 and D8 reserved. Error: 6A80 for more reserved than the quota.
// Spec: SPEC-UICC-OS-130, SPEC-UICC-OS-132.
func limitsOf(y *gp.SystemParameters) (vm.Limits, error) {
	l := vm.Limits{NonVolatile: vm.Limit{Quota: y.NonVolatile.Bytes, Reserved: y.NonVolatileReserved.Bytes},
		Volatile: vm.Limit{Quota: y.Volatile.Bytes, Reserved: y.VolatileReserved.Bytes}}
	for _, k := range []vm.Limit{l.NonVolatile, l.Volatile} {
		if k.Quota > 0 && k.Reserved > k.Quota {
			return vm.Limits{}, iso7816.WrongData
		}
	}
	return l, nil
}

// free is the memory that is free and kept for nobody, in bytes.
func (c *Card) free() int { return c.Machine().UnreservedBytes(vm.Persistent) }

// affords tells whether what limits ask for is free: reserved RAM for arrays of
// either event, a quota of RAM for both together. Spec: SPEC-UICC-OS-055.
func (c *Card) affords(l vm.Limits) bool {
	free := int64(c.free())
	reset, deselect := int64(c.Machine().UnreservedBytes(vm.ClearOnReset)), int64(c.Machine().UnreservedBytes(vm.ClearOnDeselect))
	return int64(l.NonVolatile.Quota) <= free && int64(l.NonVolatile.Reserved) <= free &&
		int64(l.Volatile.Quota) <= reset+deselect && int64(l.Volatile.Reserved) <= min(reset, deselect)
}

// hasRoom tells whether the minimums for a load file are free: C6 for its code, of
// which a load takes no more than limit, C8 and C7 for data. Spec: SPEC-UICC-OS-055.
func (c *Card) hasRoom(y *gp.SystemParameters, limit int) bool {
	if y == nil {
		return true
	}
	return int64(y.NonVolatileCode.Bytes) <= int64(limit) &&
		c.affords(vm.Limits{NonVolatile: vm.Limit{Reserved: y.NonVolatile.Bytes}, Volatile: vm.Limit{Quota: y.Volatile.Bytes}}) &&
		int64(y.NonVolatile.Bytes)+int64(y.NonVolatileCode.Bytes) <= int64(c.free())
}

// account is whose memory a domain's keys and data objects take; 0: the card's own.
func (c *Card) account(id domainID) vm.Account {
	if id <= authorityID {
		return 0
	}
	e, _ := c.domainEntry(id)
	return e.account
}

// putWithin writes the entry of a new security domain, for whose entry, keys and data
// its limits hold from then on. Spec: SPEC-UICC-OS-131.
func (c *Card) putWithin(e *entry) error {
	if !c.affords(e.limits) {
		return iso7816.NotEnoughMemory
	}
	if e.account = c.Machine().FreeAccount(); e.account == 0 {
		if e.limits != (vm.Limits{}) {
			return iso7816.NotEnoughMemory
		}
		return c.put(e)
	}
	c.Machine().SetLimits(e.account, e.limits)
	err := c.put(e)
	if err != nil {
		c.unbound(e)
	}
	return err
}

// bound tells the machine the limits of all domains, at each boot.
// Spec: SPEC-UICC-OS-131.
func (c *Card) bound() {
	c.entries(func(e *entry) {
		if e.account != 0 {
			c.Machine().SetLimits(e.account, e.limits)
		}
	})
}

// unbound takes the limits of a domain that is gone back.
func (c *Card) unbound(e *entry) {
	if e.account != 0 {
		c.Machine().SetLimits(e.account, vm.Limits{})
	}
}
