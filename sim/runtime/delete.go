package runtime

import (
	"errors"

	"inkan/sim/vm"
)

// DeleteApplets removes applet instances, all or none: each is told by
// AppletEvent.uninstall, then none may be selected nor reachable from what
// stays. unregistered is called for each in the NVM transaction that removes
// them. Spec: SPEC-RUNTIME-044, SPEC-RUNTIME-045, SPEC-RUNTIME-046.
func (c *Card) DeleteApplets(applets []*Applet, unregistered func(*Applet) error) error {
	if err := c.quit(applets); err != nil {
		return err
	}
	leave(applets, true)
	c.machine.Collect()
	for _, a := range applets {
		if c.machine.Exists(a.Ref) {
			leave(applets, false)
			return ErrReferenced
		}
	}
	return c.forget(applets, unregistered)
}

// DeletePackage removes a package and, with them, the given applets of it, all
// or none. Errors: ErrActive, *vm.InUseError.
// Spec: SPEC-RUNTIME-047.
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
	if err := c.machine.Unload(p); err != nil {
		leave(applets, false)
		return err
	}
	return c.forget(applets, unregistered)
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

func (c *Card) forget(applets []*Applet, unregistered func(*Applet) error) (err error) {
	m := c.machine
	e := m.Try(func() {
		m.Begin()
		for _, a := range applets {
			m.DeleteRecord(recordApplet, a.AID)
			if unregistered != nil && err == nil {
				err = unregistered(a)
			}
		}
		m.Commit()
	})
	for _, a := range applets {
		c.remove(a)
	}
	if e != nil {
		c.abortOpen()
		return memoryError(e)
	}
	m.RequestObjectDeletion()
	return err
}
