package runtime

import (
	"errors"

	"inkan/sim/vm"
)

// DeleteApplets removes applet instances, all or none: each is told by
// AppletEvent.uninstall, then none may be selected nor reachable from what
// stays. unregistered is called for each in the NVM transaction that removes
// them. Their objects go behind that transaction, so that none is missing while
// an applet is still there. Spec: SPEC-RUNTIME-044, SPEC-RUNTIME-045,
// SPEC-RUNTIME-046, SPEC-RUNTIME-049.
func (c *Card) DeleteApplets(applets []*Applet, unregistered func(*Applet) error) error {
	if err := c.quit(applets); err != nil {
		return err
	}
	leave(applets, true)
	var refs []vm.Ref
	for _, a := range applets {
		refs = append(refs, a.Ref)
	}
	if c.machine.AnyReachable(refs) {
		leave(applets, false)
		return ErrReferenced
	}
	return c.forget(applets, false, unregistered)
}

// DeletePackage removes a package and, with them, the given applets of it, all
// or none, however many. Errors: ErrActive, *vm.InUseError.
// Spec: SPEC-RUNTIME-047, SPEC-RUNTIME-049, SPEC-RUNTIME-051.
func (c *Card) DeletePackage(p *vm.Package, applets []*Applet, unregistered func(*Applet) error) error {
	if err := c.quit(applets); err != nil {
		return err
	}
	leave(applets, true)
	for _, a := range c.applets {
		if a.Context == p.Context() && !a.leaving {
			leave(applets, false)
			return &vm.InUseError{Package: p.Info(), By: []string{"an applet"}}
		}
	}
	c.expectDeletion()
	var err error
	c.machine.WipeFreed(func() { err = c.machine.Unload(p) })
	if err != nil {
		leave(applets, false)
		c.machine.DeleteRecord(recordDeleting, nil)
		return err
	}
	return c.forget(applets, true, unregistered)
}

// quit tells applets that they go. One that is selected stays.
func (c *Card) quit(applets []*Applet) error {
	for _, a := range applets {
		for i := range c.channels {
			if c.channels[i].applet == a {
				return ErrActive
			}
		}
	}
	for _, a := range applets {
		if !c.implements(a, classAppletEvent) {
			continue
		}
		running := c.running
		c.running = a
		_, e := c.machine.InvokeInterface(vm.JCRE, a.Ref, classAppletEvent, tokenUninstall)
		c.running = running
		c.abortOpen()
		if e != nil && e.Trap != "" {
			c.status(e)
			return errors.New("runtime: uninstall: " + e.Error())
		}
	}
	return nil
}

// leave takes applets out of the collector's roots, or puts them back.
func leave(applets []*Applet, leaving bool) {
	for _, a := range applets {
		a.leaving = leaving
	}
}

// forget removes applets and then their objects. Of applets whose package is gone
// nothing can stay: when one transaction has no room for all, they go one by one, as at
// the next boot. Spec: SPEC-RUNTIME-051.
func (c *Card) forget(applets []*Applet, gone bool, unregistered func(*Applet) error) (err error) {
	m := c.machine
	records := func() {
		err = nil
		for _, a := range applets {
			m.DeleteRecord(recordApplet, a.AID)
			if unregistered != nil && err == nil {
				err = unregistered(a)
			}
		}
	}
	e := m.Try(func() {
		m.Begin()
		records()
		c.expectDeletion()
		m.Commit()
	})
	if e != nil {
		c.abortOpen()
	}
	if e != nil && gone {
		e = m.Try(records)
	}
	for _, a := range applets {
		if a.leaving = e == nil || gone; a.leaving {
			c.remove(a)
			unbound(m, a.Account)
		}
	}
	if e != nil {
		return memoryError(e)
	}
	m.WipeFreed(func() { m.Collect() })
	m.DeleteRecord(recordDeleting, nil)
	return err
}

// expectDeletion notes that objects are about to be deleted, for the next boot
// if the power goes before that is done. On a card that is full it does without.
func (c *Card) expectDeletion() { _ = c.machine.PutOwnRecord(recordDeleting, nil, nil) }

// endDeletion does what an interrupted deletion left to do: its objects go, and
// what they held is overwritten. Spec: SPEC-RUNTIME-045, SPEC-RUNTIME-049.
func (c *Card) endDeletion() {
	m := c.machine
	if _, ok := m.Record(recordDeleting, nil); !ok {
		return
	}
	m.Collect()
	m.WipeFree()
	m.DeleteRecord(recordDeleting, nil)
}
