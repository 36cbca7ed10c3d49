package runtime

import (
	"inkan/core/iso7816"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

var (
	classPersonalization = binding.Class("org/globalplatform/Personalization")
	classApplication     = binding.Class("org/globalplatform/Application")
)

// tokenProcessData is processData's token in both interfaces.
const tokenProcessData = 0

// outBytes is the length of the array that processData puts response data into:
// what a short response carries.
const outBytes = 256

// makeOut makes the array for response data, a global array: once for each boot.
func (c *Card) makeOut() {
	c.out = c.machine.NewTemporaryArray(vm.JCRE, vm.ByteArray, outBytes)
	c.machine.MarkGlobalArray(c.out)
}

// Personalizable tells whether an applet takes personalisation data: whether it
// or the object that it shares for that implements Personalization or
// Application of org.globalplatform. It may call the applet. For a Platform,
// within a command only. Spec: SPEC-RUNTIME-123.
func (c *Card) Personalizable(a *Applet) bool {
	_, iface := c.personalizable(a)
	return iface != nil
}

// personalizable is the object that takes personalisation data and the
// interface to call; nil: there is none. Spec: SPEC-RUNTIME-125.
func (c *Card) personalizable(a *Applet) (vm.Ref, *vm.APIClass) {
	if iface := c.dataInterface(a.Ref); iface != nil {
		return a.Ref, iface
	}
	running := c.running
	c.running = a
	result, e := c.machine.Invoke(vm.JCRE, a.Ref, classApplet, tokenGetShareable, vm.RefWord(vm.Null), vm.ShortWord(0))
	c.running = running
	c.abortOpen()
	ref := vm.Ref(uint16(result))
	if e != nil {
		if e.Trap != "" {
			c.status(e)
		}
		return vm.Null, nil
	}
	if ref == vm.Null || c.machine.Owner(ref) != a.Context {
		return vm.Null, nil
	}
	return ref, c.dataInterface(ref)
}

// dataInterface is which of the two an object implements; Personalization goes
// first.
func (c *Card) dataInterface(ref vm.Ref) *vm.APIClass {
	class := c.machine.ClassOf(ref)
	for _, iface := range []*vm.APIClass{classPersonalization, classApplication} {
		if class.Is(c.machine.Class(iface)) {
			return iface
		}
	}
	return nil
}

// Personalize passes a command to an applet's processData and appends the
// response data to dst. command is the plain one: class byte without secure
// messaging, INS, P1, P2, Lc and data, no Le. For a Platform, within a command
// only. Status words: that of an ISOException; 6985 when the applet takes no
// data; 6700 when the command is longer than the APDU buffer; 6F00 for another
// exception, a transaction left open and a length that is none.
// Spec: SPEC-RUNTIME-124, SPEC-RUNTIME-126, SPEC-RUNTIME-127, SPEC-RUNTIME-130.
func (c *Card) Personalize(dst []byte, a *Applet, command []byte) ([]byte, iso7816.SW) {
	if len(command) > c.cfg.BufferBytes {
		return dst, iso7816.WrongLength
	}
	target, iface := c.personalizable(a)
	if iface == nil {
		return dst, iso7816.ConditionsNotSatisfied
	}
	m, out := c.machine, c.out
	if c.cfg.Options.OneBuffer {
		out = c.io.buffer
	}
	args := []vm.Word{vm.RefWord(c.io.buffer), vm.ShortWord(0), vm.ShortWord(int16(len(command)))}
	if iface == classPersonalization {
		args = append(args, vm.RefWord(out), vm.ShortWord(0))
	}
	m.FillNonAtomic(c.io.buffer, 0, c.cfg.BufferBytes, 0)
	m.WriteBytes(c.io.buffer, 0, command)
	c.work(0, len(command))
	running := c.running
	c.running = a
	n, e := m.InvokeInterface(vm.JCRE, target, iface, tokenProcessData, args...)
	c.running = running
	if iface == classApplication {
		n = 0
	}
	dst, sw := c.processed(dst, out, n, e)
	if c.state == on {
		m.FillNonAtomic(c.out, 0, outBytes, 0)
		m.FillNonAtomic(c.io.buffer, 0, c.cfg.BufferBytes, 0)
	}
	return dst, sw
}

// processed is the answer to what processData returned or threw.
func (c *Card) processed(dst []byte, out vm.Ref, n int32, e *vm.Exception) ([]byte, iso7816.SW) {
	left := c.machine.TransactionDepth() > 0
	c.abortOpen()
	switch {
	case e != nil:
		return dst, c.status(e)
	case left:
		return dst, iso7816.NoPreciseDiagnosis
	case n < 0 || n > min(outBytes, int32(c.machine.ArrayLength(out))):
		c.trap("processData returned a length outside its array")
		return dst, iso7816.NoPreciseDiagnosis
	}
	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	c.machine.ReadBytes(out, 0, dst[at:])
	c.work(0, int(n))
	return dst, iso7816.OK
}
