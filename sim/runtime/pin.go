package runtime

import (
	"crypto/subtle"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// State of an OwnerPIN: references to the value (a byte array of the maximum
// size, in NVM) and to an array in RAM, CLEAR_ON_RESET: validated flag, number
// of the transaction that holds an update(4). Data cells: try limit, two
// counters of tries, length of the value with marks: that it is set, and which
// counter is valid.
const (
	pinValue, pinFlag           = 0, 1
	pinLimit, pinTries, pinSize = 0, 1, 3 // the second counter is at 2
	pinIsSet                    = 0x100
	pinSecond                   = 0x400
	pinFlagBytes                = 5
	pinIllegalValue             = 1 // reasons of PINException
	pinIllegalState             = 2
)

// ownPIN is the class that OwnerPINBuilder hands out for OwnerPINx.
var (
	classPIN  = binding.Class("javacard/framework/OwnerPIN")
	classPINx = binding.Class("inkan/platform/OwnerPINx")
)

// bindPIN is OwnerPIN, OwnerPINBuilder and the two interfaces that it can give.
// Spec: SPEC-RUNTIME-100, SPEC-RUNTIME-101, SPEC-RUNTIME-102,
// SPEC-RUNTIME-103, SPEC-RUNTIME-104, SPEC-RUNTIME-105.
func bindPIN(t *binding.Table) {
	const name, other = "javacard/framework/OwnerPIN", "inkan/platform/OwnerPINx"
	t.State(name, 2, 4)
	t.State(other, 2, 4)
	t.Hidden(other, "", "javacard/framework/OwnerPINxWithPredecrement")
	t.Bind(name+".<init>(BB)V", func(c *vm.Call) { pin{c, classPIN, c.This()}.init(c.Byte(0), c.Byte(1)) })
	t.Bind(name+".getValidatedFlag()Z", func(c *vm.Call) { c.ReturnBool(pin{c, classPIN, c.This()}.validated()) })
	t.Bind(name+".setValidatedFlag(Z)V", func(c *vm.Call) { pin{c, classPIN, c.This()}.setValidated(c.Bool(0)) })
	t.Bind(name+".resetAndUnblock()V", func(c *vm.Call) { pin{c, classPIN, c.This()}.unblock() })
	bindCommonPIN(t, name, classPIN)
	bindCommonPIN(t, other, classPINx)
	bindPINx(t, other)
	t.Bind("javacard/framework/OwnerPINBuilder.buildOwnerPIN(BBB)Ljavacard/framework/PIN;", buildPIN)
}

func bindCommonPIN(t *binding.Table, name string, class *vm.APIClass) {
	t.BindAll(name, map[string]binding.Native{
		"check([BSB)Z":         func(c *vm.Call) { pin{c, class, c.This()}.check(true) },
		"getTriesRemaining()B": func(c *vm.Call) { c.ReturnByte(int8(pin{c, class, c.This()}.tries())) },
		"isValidated()Z":       func(c *vm.Call) { c.ReturnBool(pin{c, class, c.This()}.validated()) },
		"reset()V": func(c *vm.Call) {
			if p := (pin{c, class, c.This()}); p.validated() {
				p.unblock()
			}
		},
		"update([BSB)V": func(c *vm.Call) { pin{c, class, c.This()}.update() },
	})
}

func bindPINx(t *binding.Table, name string) {
	of := func(c *vm.Call) pin { return pin{c, classPINx, c.This()} }
	t.BindAll(name, map[string]binding.Native{
		"getTryLimit()B": func(c *vm.Call) { c.ReturnByte(int8(of(c).cell(pinLimit))) },
		"setTryLimit(B)V": func(c *vm.Call) {
			if c.Byte(0) < 1 {
				c.Throw(classPINFault, pinIllegalValue)
			}
			c.Machine().SetDataCell(c.This(), classPINx, pinLimit, uint16(c.Byte(0)))
			of(c).unblock()
		},
		"setTriesRemaining(B)V": func(c *vm.Call) {
			if n := c.Byte(0); n < 0 || uint16(n) > of(c).cell(pinLimit) {
				c.Throw(classPINFault, pinIllegalValue)
			}
			of(c).setTries(uint16(c.Byte(0)))
		},
		"decrementTriesRemaining()B": func(c *vm.Call) {
			p := of(c)
			p.setValidated(false)
			if p.tries() > 0 {
				p.count()
			}
			c.ReturnByte(int8(p.tries()))
		},
	})
}

// buildPIN makes a PIN of the kind asked for. One with predecrement counts in
// decrementTriesRemaining and not in check.
func buildPIN(c *vm.Call) {
	class := classPIN
	switch c.Byte(2) {
	case 1:
	case 2, 3:
		class = classPINx
	default:
		c.Throw(classSystem, illegalValue)
	}
	ref := c.Machine().NewInstance(c.Context(), class)
	p := pin{c, class, ref}
	p.init(c.Byte(0), c.Byte(1))
	if c.Byte(2) == 3 {
		c.Machine().SetDataCell(ref, class, pinSize, pinPredecrement)
	}
	c.ReturnRef(ref)
}

const pinPredecrement = 0x200

// pin is an OwnerPIN's state.
type pin struct {
	c     *vm.Call
	class *vm.APIClass
	ref   vm.Ref
}

func (p pin) cell(i int) uint16 { return p.c.Machine().DataCell(p.ref, p.class, i) }

func (p pin) init(limit, size int8) {
	if limit < 1 || size < 1 {
		p.c.Throw(classPINFault, pinIllegalValue)
	}
	m, owner := p.c.Machine(), p.c.Context()
	m.SetRefCell(p.ref, p.class, pinValue, m.NewArray(owner, vm.ByteArray, int16(size)))
	m.SetRefCell(p.ref, p.class, pinFlag, m.NewTransientArray(owner, vm.ByteArray, pinFlagBytes, vm.ClearOnReset))
	m.SetDataCell(p.ref, p.class, pinLimit, uint16(limit))
	m.SetDataCell(p.ref, p.class, pinTries, uint16(limit))
}

func (p pin) validated() bool {
	var b [1]byte
	p.c.Machine().ReadBytes(p.c.Machine().RefCell(p.ref, p.class, pinFlag), 0, b[:])
	return b[0] != 0
}

func (p pin) setValidated(v bool) {
	b := [1]byte{}
	if v {
		b[0] = 1
	}
	p.c.Machine().WriteBytes(p.c.Machine().RefCell(p.ref, p.class, pinFlag), 0, b[:])
}

func (p pin) unblock() {
	p.setValidated(false)
	p.setTries(p.cell(pinLimit))
}

// check compares. The counter is written down before the parameters are even
// looked at, and every comparison costs what the maximum size costs.
func (p pin) check(bool) {
	c, m := p.c, p.c.Machine()
	size, before := p.cell(pinSize), p.shadow()
	p.setValidated(false)
	if p.tries() == 0 {
		return
	}
	if size&pinPredecrement == 0 {
		p.count()
	}
	n := int16(c.Byte(2))
	c.Range(c.Ref(0), c.Short(1), n)
	array := m.RefCell(p.ref, p.class, pinValue)
	room := int(m.ArrayLength(array))
	b := c.Machine().Host().(*binding.Host).Card.(*Card).buffer(2*room + 1)
	value, given := b[:room], b[room:2*room]
	clear(given)
	m.ReadBytes(array, 0, value)
	m.ReadBytes(c.Ref(0), int(c.Short(1)), given[:min(int(n), room)])
	binding.Work(c, room)
	right := subtle.ConstantTimeCompare(value[:size&0xFF], given[:size&0xFF]) & subtle.ConstantTimeEq(int32(size&(pinIsSet|0xFF)), int32(n)|pinIsSet)
	clear(b)
	if right == 1 {
		p.setValidated(true)
		p.restore(before)
		c.ReturnBool(true)
	}
}

// update sets a new value, as part of an open transaction.
func (p pin) update() {
	c, m := p.c, p.c.Machine()
	n := c.Byte(2)
	c.Range(c.Ref(0), c.Short(1), int16(n))
	array := m.RefCell(p.ref, p.class, pinValue)
	room := m.ArrayLength(array)
	if int16(n) > room {
		c.Throw(classPINFault, pinIllegalValue)
	}
	own := m.TransactionDepth() == 0
	b := cardOf(c).buffer(int(room))
	clear(b)
	m.ReadBytes(c.Ref(0), int(c.Short(1)), b[:n])
	binding.Work(c, int(room))
	marks := p.renew()
	if own {
		m.Begin()
	}
	m.WriteSecret(array, 0, b)
	clear(b)
	m.SetDataCell(p.ref, p.class, pinSize, uint16(n)|pinIsSet|marks)
	if own {
		m.Commit()
	} else {
		p.renewed()
	}
	p.setValidated(false)
}
