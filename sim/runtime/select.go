package runtime

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/sim/vm"
)

// Virtual method tokens of Applet, and of MultiSelectable and AppletEvent.
const (
	tokenDeselect      = 4
	tokenGetShareable  = 5
	tokenSelect        = 6
	tokenProcess       = 7
	tokenMultiSelect   = 0
	tokenMultiDeselect = 1
	tokenUninstall     = 0
)

// selectCommand handles SELECT by name. done is false when the command is not
// one, or when no application matches: then it goes to the one that is
// selected. Spec: SPEC-RUNTIME-025, SPEC-RUNTIME-026, SPEC-RUNTIME-027.
func (c *Card) selectCommand(cmd *apdu.Command, raw []byte) (sw iso7816.SW, done bool) {
	class := cmd.Class()
	if class.Proprietary() || class.SecureMessaging() != apdu.NoSecureMessaging || cmd.INS != iso7816.INSSelect ||
		cmd.P1 != 0x04 || cmd.P2&0xF3 != 0x00 && cmd.P2&0xF3 != 0x02 || len(cmd.Data) > 16 {
		return 0, false
	}
	ch := &c.channels[c.current]
	a, r := c.find(cmd.Data, cmd.P2&0x03 == 0x02)
	switch {
	case a != nil:
		return c.selectApplet(a, cmd, raw), true
	case r != nil:
		c.deselect(c.current)
		ch.resident = r
		c.machine.Select(vm.JCRE)
		e := c.machine.Try(func() {
			if s, ok := r.(CommandSelector); ok {
				c.response, sw = s.SelectCommand(c.response, cmd, c.current)
				return
			}
			c.response, sw = r.Select(c.response, c.current)
		})
		if e != nil {
			sw = c.status(e)
		}
		return sw, true
	}
	return 0, false
}

// find is the application that a name means: the first whose AID begins with
// it, or the next one behind the selected. An equal AID comes first; residents
// come before applets where neither is equal.
func (c *Card) find(name []byte, next bool) (*Applet, Resident) {
	if next {
		return c.findNext(name), nil
	}
	for _, a := range c.applets {
		c.work(selectCalls, 0)
		if bytes.Equal(a.AID, name) && c.platform.MaySelect(a) {
			return a, nil
		}
	}
	if r := c.platform.Resident(name); r != nil {
		return nil, r
	}
	if c.cfg.Options.NoPartialSelect || len(name) < 5 {
		return nil, nil
	}
	for _, a := range c.applets {
		if bytes.HasPrefix(a.AID, name) && c.platform.MaySelect(a) {
			return a, nil
		}
	}
	return nil, nil
}

func (c *Card) findNext(name []byte) *Applet {
	if c.cfg.Options.NoPartialSelect {
		return nil
	}
	behind := c.channels[c.current].applet == nil
	for _, a := range c.applets {
		c.work(selectCalls, 0)
		if behind && bytes.HasPrefix(a.AID, name) && c.platform.MaySelect(a) {
			return a
		}
		if a == c.channels[c.current].applet {
			behind = true
		}
	}
	return nil
}

// selectApplet makes an applet the selected one of the current channel and lets
// it process the SELECT. Spec: SPEC-RUNTIME-028.
func (c *Card) selectApplet(a *Applet, cmd *apdu.Command, raw []byte) iso7816.SW {
	again := c.channels[c.current].applet == a
	if c.activeElsewhere(a) && !c.implements(a, classMulti) {
		return iso7816.AppletSelectFailed
	}
	c.deselect(c.current)
	if !c.callSelect(a) {
		return iso7816.AppletSelectFailed
	}
	c.channels[c.current].applet = a
	c.selects = selecting{process: true, again: again}
	return c.process(a, cmd, raw)
}

// activeElsewhere tells whether an applet of the same context is selected on
// another channel.
func (c *Card) activeElsewhere(a *Applet) bool {
	for i := range c.channels {
		if b := c.channels[i].applet; i != c.current && b != nil && b.Context == a.Context {
			return true
		}
	}
	return false
}

// callSelect asks an applet whether it wants to be selected. A transaction that
// it leaves open is undone. A refusal is no deselection: what the applet wrote
// to its CLEAR_ON_DESELECT arrays stays. Spec: SPEC-RUNTIME-029.
func (c *Card) callSelect(a *Applet) bool {
	c.machine.Select(a.Context)
	c.running = a
	c.selects = selecting{}
	var result int32
	var e *vm.Exception
	if c.activeElsewhere(a) {
		result, e = c.machine.InvokeInterface(vm.JCRE, a.Ref, classMulti, tokenMultiSelect, vm.ShortWord(1))
	} else {
		result, e = c.machine.Invoke(vm.JCRE, a.Ref, classApplet, tokenSelect)
	}
	open := c.machine.TransactionDepth() > 0
	c.abortOpen()
	if e == nil && result != 0 && !open {
		return true
	}
	if e != nil {
		c.status(e)
	}
	c.machine.Select(vm.JCRE)
	return false
}

// deselect ends the selection on a channel: the applet is told, whatever it
// throws is ignored, and its CLEAR_ON_DESELECT arrays are cleared.
// Spec: SPEC-RUNTIME-032.
func (c *Card) deselect(number int) {
	ch := &c.channels[number]
	a, r := ch.applet, ch.resident
	ch.applet, ch.resident = nil, nil
	if r != nil {
		r.Deselect(number)
	}
	if a == nil {
		return
	}
	c.machine.Select(a.Context)
	c.running = a
	elsewhere := c.activeElsewhere(a)
	var e *vm.Exception
	if elsewhere {
		_, e = c.machine.InvokeInterface(vm.JCRE, a.Ref, classMulti, tokenMultiDeselect, vm.ShortWord(1))
	} else {
		_, e = c.machine.Invoke(vm.JCRE, a.Ref, classApplet, tokenDeselect)
	}
	if e != nil && e.Trap != "" {
		c.status(e)
	}
	c.abortOpen()
	c.running = nil
	c.platform.Deselected(a, number)
	if !elsewhere {
		c.machine.ClearOnDeselect(a.Context)
	}
}

// selectDefault selects the platform's default application after a reset, with
// no command to process. Spec: SPEC-RUNTIME-014.
func (c *Card) selectDefault() {
	aid, resident := c.platform.Default()
	if aid != nil {
		for _, a := range c.applets {
			if bytes.Equal(a.AID, aid) && c.platform.MaySelect(a) && c.callSelect(a) {
				c.channels[0].applet = a
				return
			}
		}
	}
	c.channels[0].resident = resident
}

// manageChannel opens and closes logical channels (ISO/IEC 7816-4:2020
// §11.1.2, Java Card 3.0.5 RE §4.4). Spec: SPEC-RUNTIME-033, SPEC-RUNTIME-034.
func (c *Card) manageChannel(cmd *apdu.Command) iso7816.SW {
	switch {
	case c.cfg.Channels == 0:
		return iso7816.LogicalChannelNotSupported
	case cmd.P1 == 0x00:
		return c.openChannel(cmd)
	case cmd.P1 == 0x80:
		number := int(cmd.P2)
		if number == 0 || number > apdu.MaxChannel {
			return iso7816.FunctionNotSupported
		}
		if !c.channels[number].open {
			return iso7816.WarningStateUnchanged
		}
		c.deselect(number)
		c.channels[number].open = false
		return iso7816.OK
	}
	return iso7816.IncorrectP1P2
}

func (c *Card) openChannel(cmd *apdu.Command) iso7816.SW {
	number := int(cmd.P2)
	if number > c.cfg.Channels {
		return iso7816.FunctionNotSupported
	}
	if number == 0 {
		if cmd.Ne < 1 {
			return iso7816.WithAvailable(1)
		}
		for number = 1; number <= c.cfg.Channels && c.channels[number].open; number++ {
		}
		if number > c.cfg.Channels {
			return iso7816.FunctionNotSupported
		}
		c.response = append(c.response, byte(number))
	}
	if c.channels[number].open {
		return iso7816.IncorrectP1P2
	}
	from := c.current
	sw := c.inherit(number)
	if o, ok := c.platform.(Overlay); ok && sw.Normal() {
		o.Opened(from, number)
	}
	if !sw.Normal() {
		c.response = c.response[:0]
	}
	return sw
}

// inherit opens a channel with the application that is selected on the one the
// command came by; on the basic channel, with the default one.
func (c *Card) inherit(number int) iso7816.SW {
	from := c.channels[c.current]
	if c.current == 0 {
		from = channel{}
		aid, resident := c.platform.Default()
		from.resident = resident
		for _, a := range c.applets {
			if aid != nil && bytes.Equal(a.AID, aid) && c.platform.MaySelect(a) {
				from.applet = a
			}
		}
	}
	c.channels[number] = channel{open: true}
	if from.applet == nil {
		c.channels[number].resident = from.resident
		return iso7816.OK
	}
	c.current = number
	if !c.platform.MaySelect(from.applet) || c.activeElsewhere(from.applet) && !c.implements(from.applet, classMulti) || !c.callSelect(from.applet) {
		c.channels[number] = channel{}
		return iso7816.AppletSelectFailed
	}
	c.channels[number].applet = from.applet
	return iso7816.OK
}
