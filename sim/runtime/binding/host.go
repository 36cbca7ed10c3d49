package binding

import (
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/vm"
)

// Host is what the natives of one card share; vm.Config.Host points to it.
type Host struct {
	Engines *engine.Engines // the card's chip and crypto engines
	Card    any             // the runtime's state of the card

	call, bytes uint64 // cycles of a call, of each byte
}

// NewHost makes the host of a card with the chip's costs of plain work.
func NewHost(e *engine.Engines, card any) *Host {
	h := &Host{Engines: e, Card: card}
	if e != nil && e.Chip != nil {
		h.call, h.bytes = e.Chip.CPU.NativeCall, e.Chip.CPU.NativeByte
	}
	return h
}

// Of is the host of the card that a native runs on.
func Of(c *vm.Call) *Host { return c.Machine().Host().(*Host) }

// Engines are the crypto engines of the card that a native runs on.
func Engines(c *vm.Call) *engine.Engines { return Of(c).Engines }

// Work charges the plain work of an API method on n bytes that it moves,
// compares or pads, cause Native. It must not depend on a secret.
func Work(c *vm.Call, n int) {
	if h := Of(c); n > 0 {
		c.Machine().Clock().Advance(clock.Native, uint64(n)*h.bytes)
	}
}
