package runtime

import (
	"bytes"
	"errors"
	"fmt"

	"inkan/core/iso7816"
	"inkan/sim/vm"
)

// Errors of installation and deletion, as the platform's commands answer them.
var (
	ErrNoPackage  = fmt.Errorf("runtime: no such package: %w", iso7816.ReferencedDataNotFound)
	ErrNoModule   = fmt.Errorf("runtime: the package has no such applet: %w", iso7816.ReferencedDataNotFound)
	ErrNoApplet   = fmt.Errorf("runtime: no such applet: %w", iso7816.ReferencedDataNotFound)
	ErrAIDInUse   = fmt.Errorf("runtime: the AID is in use: %w", iso7816.ConditionsNotSatisfied)
	ErrNoRegister = fmt.Errorf("runtime: install did not register an applet: %w", iso7816.ConditionsNotSatisfied)
	ErrActive     = fmt.Errorf("runtime: the applet is selected: %w", iso7816.ConditionsNotSatisfied)
	ErrReferenced = fmt.Errorf("runtime: other objects refer to it: %w", iso7816.ConditionsNotSatisfied)
	ErrMemory     = fmt.Errorf("runtime: no memory: %w", iso7816.NotEnoughMemory)
)

// InstallError is an exception that left an applet's install method.
type InstallError struct{ Exception *vm.Exception }

// Error names the exception.
func (e *InstallError) Error() string { return "runtime: install threw " + e.Exception.Error() }

// Is matches the status word that a card answers it with: the exception's for
// an ISOException, 6A84 when there was no memory for an object, else 6F00.
func (e *InstallError) Is(target error) bool { return target == e.Status() }

// Status is the status word to answer. Spec: SPEC-RUNTIME-043.
func (e *InstallError) Status() iso7816.SW {
	x := e.Exception
	switch {
	case x.Class == nil:
	case x.Class.Name() == classISO.Name && x.Reason != 0:
		return iso7816.SW(uint16(x.Reason))
	case x.Class.Name() == classSystem.Name && (x.Reason == noResource || x.Reason == noTransientSpace):
		return iso7816.NotEnoughMemory
	}
	return iso7816.NoPreciseDiagnosis
}

// Install creates an instance of a module's applet. parameters is what install
// finds in its array: in GlobalPlatform's form LV instance AID, LV privileges,
// LV application data. registered is called with the new applet before it
// becomes permanent, in the same NVM transaction; its error undoes the
// installation. After an error nothing of the instance is left.
// Spec: SPEC-RUNTIME-040, SPEC-RUNTIME-041, SPEC-RUNTIME-042, SPEC-RUNTIME-043.
func (c *Card) Install(packageAID, module, instance, parameters []byte, registered func(*Applet) error) (*Applet, error) {
	return c.InstallWithin(vm.Limits{}, packageAID, module, instance, parameters, registered)
}

// InstallWithin is Install of an applet that has limits of memory, from its install
// method on until it is deleted. ErrMemory when what is to be kept for it is not free.
// Spec: SPEC-RUNTIME-170, SPEC-RUNTIME-171.
func (c *Card) InstallWithin(limits vm.Limits, packageAID, module, instance, parameters []byte, registered func(*Applet) error) (a *Applet, err error) {
	m := c.machine
	p := m.PackageByAID(packageAID)
	if p == nil {
		return nil, ErrNoPackage
	}
	method := p.Install(module)
	switch {
	case method == nil:
		return nil, ErrNoModule
	case c.Applet(instance) != nil || c.platform.Resident(instance) != nil && equalName(c.platform.Resident(instance), instance):
		return nil, ErrAIDInUse
	case len(parameters) > c.cfg.BufferBytes || len(parameters) > 255:
		return nil, fmt.Errorf("runtime: install parameters of %d bytes: %w", len(parameters), iso7816.WrongLength)
	}
	account := m.FreeAccount()
	if account == 0 && limits != (vm.Limits{}) {
		return nil, fmt.Errorf("runtime: no account for another applet: %w", ErrMemory)
	}
	if err := c.beginInstall(p); err != nil {
		return nil, err
	}
	c.pending = &Applet{AID: bytes.Clone(instance), PackageAID: bytes.Clone(packageAID), ModuleAID: bytes.Clone(module),
		Context: p.Context(), Account: account, Limits: limits, number: c.nextNumber()}
	running := c.running
	defer func() {
		c.pending, c.running = nil, running
		c.clearBuffer()
		if err != nil && c.state != mute {
			c.undoInstall()
			unbound(m, account)
		}
	}()
	c.running = nil
	if keeps(m, limits) != nil {
		return nil, ErrMemory
	}
	c.pending.bound(m)
	m.WriteBytes(c.io.buffer, 0, parameters)
	selected := m.Selected()
	m.Select(p.Context())
	_, e := m.InvokeStaticFor(account, p.Context(), method, vm.RefWord(c.io.buffer), vm.ShortWord(0), vm.ShortWord(int16(int8(len(parameters)))))
	if m.TransactionDepth() > 0 {
		m.Try(m.Abort)
	}
	m.ClearOnDeselect(p.Context())
	m.Select(selected)
	if e != nil {
		c.status(e)
		return nil, &InstallError{e}
	}
	if c.pending.Ref == vm.Null || !m.Exists(c.pending.Ref) {
		return nil, ErrNoRegister
	}
	return c.commit(c.pending, registered)
}

// beginInstall notes that an installation is under way, with the package's
// static fields as they are: an error or a power cut takes the card back.
func (c *Card) beginInstall(p *vm.Package) error {
	info := p.Info()
	note := append(append([]byte{byte(len(info.AID))}, info.AID...), c.machine.StaticImage(p)...)
	if c.machine.PutRecord(recordInstalling, nil, note) != nil {
		return ErrMemory
	}
	return nil
}

// undoInstall removes what an installation left: the static fields are as they
// were before, and the objects that it made go.
func (c *Card) undoInstall() {
	m := c.machine
	note, ok := m.Record(recordInstalling, nil)
	if !ok {
		return
	}
	if n := int(note[0]); n < len(note) {
		if p := m.PackageByAID(note[1 : 1+n]); p != nil {
			m.RestoreStaticImage(p, note[1+n:])
		}
	}
	m.Collect()
	m.DeleteRecord(recordInstalling, nil)
}

func equalName(r Resident, aid []byte) bool { return bytes.Equal(r.Name(), aid) }

// commit makes an installed applet permanent: one transaction.
func (c *Card) commit(a *Applet, registered func(*Applet) error) (*Applet, error) {
	m := c.machine
	var err error
	e := m.Try(func() {
		a.aid = newAID(m, vm.JCRE, a.AID)
		m.MarkEntryPoint(a.aid, false)
		m.Begin()
		if m.PutRecord(recordApplet, a.AID, a.encode()) != nil {
			err = ErrMemory
		} else if registered != nil {
			err = registered(a)
		}
		if err != nil {
			m.Abort()
			return
		}
		m.DeleteRecord(recordInstalling, nil)
		m.Commit()
	})
	if e != nil || err != nil {
		if m.TransactionDepth() > 0 {
			m.Try(m.Abort)
		}
		return nil, errors.Join(err, memoryError(e))
	}
	c.insert(a)
	return a, nil
}

func memoryError(e *vm.Exception) error {
	if e == nil {
		return nil
	}
	return fmt.Errorf("%w (%w)", ErrMemory, e)
}

// register is Applet.register: the pending applet's instance is known from here
// on, and is the card's once install returns. Spec: SPEC-RUNTIME-042.
func (c *Card) register(this vm.Ref, call *vm.Call, aid []byte) {
	p := c.pending
	if p == nil || p.Ref != vm.Null || p.Context != call.Context() {
		call.Throw(classSystem, illegalAID)
	}
	if aid != nil {
		if c.Applet(aid) != nil || len(aid) < 5 || len(aid) > 16 {
			call.Throw(classSystem, illegalAID)
		}
		if !bytes.Equal(aid, p.AID) {
			call.Throw(classSystem, illegalAID) // GlobalPlatform: the AID of INSTALL and no other
		}
	}
	p.Ref = this
}
