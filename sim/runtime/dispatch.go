package runtime

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/vm"
)

// Weights of the card's own work, in calls of an API method (CPU.NativeCall).
const (
	dispatchCalls = 4 // receiving a command, finding its channel and applet
	selectCalls   = 2 // each application that a SELECT looks at
)

// work charges the card's own dispatching.
func (c *Card) work(calls, bytes int) {
	p := &c.cfg.Chip.CPU
	c.clock.Advance(clock.Dispatch, uint64(calls)*p.NativeCall+uint64(bytes)*p.NativeByte)
}

// dispatch answers a command in c.response. Spec: SPEC-RUNTIME-020.
func (c *Card) dispatch(raw []byte) {
	c.current = 0
	c.work(dispatchCalls, len(raw))
	sw := c.finish(c.route(raw))
	c.work(0, len(c.response))
	c.response = append(c.response, sw.SW1(), sw.SW2())
	c.endCommand()
}

// endCommand is what the platform does between commands. Spec: SPEC-RUNTIME-031.
func (c *Card) endCommand() {
	c.abortOpen()
	c.clearBuffer()
	c.selects = selecting{}
	c.running = nil
	if c.state == on {
		c.machine.CollectIfRequested()
	}
}

func (c *Card) route(raw []byte) iso7816.SW {
	var err error
	if c.command, err = apdu.DecodeCommand(raw); err != nil {
		return iso7816.WrongLength
	}
	cmd := &c.command
	class := cmd.Class()
	if !class.Valid() && cmd.CLA == 0xFF {
		return iso7816.CLANotSupported
	}
	c.current = class.Channel()
	if !c.channels[c.current].open {
		c.current = 0
		return c.cfg.Options.ClosedChannel
	}
	if !class.Proprietary() && cmd.INS == iso7816.INSManageChannel && class.SecureMessaging() == apdu.NoSecureMessaging {
		return c.manageChannel(cmd)
	}
	if sw, done := c.claimed(cmd, raw); done {
		return sw
	}
	if sw, done := c.selectCommand(cmd, raw); done {
		return sw
	}
	ch := &c.channels[c.current]
	switch {
	case ch.applet != nil:
		return c.process(ch.applet, cmd, raw)
	case ch.resident != nil:
		return c.processResident(ch.resident, cmd, raw)
	}
	return iso7816.AppletSelectFailed
}

// process lets an applet process a command. Spec: SPEC-RUNTIME-021,
// SPEC-RUNTIME-022, SPEC-RUNTIME-030.
func (c *Card) process(a *Applet, cmd *apdu.Command, raw []byte) iso7816.SW {
	if cmd.Extended && !c.implements(a, classExtended) {
		return iso7816.WrongLength
	}
	c.running = a
	c.receive(cmd, raw)
	_, e := c.machine.Invoke(vm.JCRE, a.Ref, classApplet, tokenProcess, vm.RefWord(c.io.object))
	c.io.active = false
	if e != nil {
		return c.status(e)
	}
	if c.machine.TransactionDepth() > 0 {
		return iso7816.NoPreciseDiagnosis
	}
	return iso7816.OK
}

// status is the answer to an exception that the applet did not catch.
// Spec: SPEC-RUNTIME-023, SPEC-RUNTIME-024.
func (c *Card) status(e *vm.Exception) iso7816.SW {
	if e.Trap != "" {
		c.state = mute
		c.channels = [apdu.MaxChannel + 1]channel{}
		return iso7816.NoPreciseDiagnosis
	}
	if e.Class.Is(c.machine.Class(classISO)) {
		sw := iso7816.SW(uint16(e.Reason))
		if sw == 0 { // no reason: no exception
			return iso7816.OK
		}
		return sw
	}
	c.trap("uncaught " + e.Error())
	return iso7816.NoPreciseDiagnosis
}

func (c *Card) trap(cause string) {
	if o := c.cfg.Observer; o != nil {
		o.Trap(&observe.Trap{Cycle: c.clock.Now(), Where: "runtime", Cause: cause, SW: uint16(iso7816.NoPreciseDiagnosis)})
	}
}

// abortOpen undoes a transaction that an applet left open.
func (c *Card) abortOpen() {
	if c.state == on && c.machine.TransactionDepth() > 0 {
		c.machine.Try(c.machine.Abort)
	}
}

// implements tells whether an applet's class implements an interface.
func (c *Card) implements(a *Applet, iface *vm.APIClass) bool {
	return c.machine.ClassOf(a.Ref).Is(c.machine.Class(iface))
}
