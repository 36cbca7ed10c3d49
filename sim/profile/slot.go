package profile

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/transport"
)

// DefaultLineHz is the clock that a reader supplies when nothing else is said: with
// F=512 and D=32 it makes 250,000 bit/s.
const DefaultLineHz = 4_000_000

// Slot is the reader that a card is in. The zero value supplies DefaultLineHz and
// negotiates what the card indicates.
type Slot struct {
	ClockHz uint64 // of the line; 0: DefaultLineHz
	Reader  transport.Reader
	Disturb transport.Disturber // nil: nothing disturbs the line
}

// Behind is a card behind its line, as the host program has it: an apdu.Terminal
// that is off until it is reset. Not for concurrent use.
type Behind struct {
	*transport.Terminal
	intent apdu.Direction // of the command under way
	data   bool           // it has some
	rate   transport.Rate
}

// String is protocol and rate, after a reset: "T=1, 250000 bit/s at 4000000 Hz".
func (b *Behind) String() string {
	bits := uint64(0)
	if etu := b.ETU(); etu > 0 {
		bits = b.rate.CPUHz / etu
	}
	return fmt.Sprintf("T=%d, %d bit/s at %d Hz", b.Protocol(), bits, b.rate.LineHz)
}

// BehindLine puts a card, whose answer to reset says the parameters, into a slot.
// observer hears the characters of the line and may be nil. Errors are those of
// transport.New. Spec: SPEC-PROFILES-015.
func BehindLine(card apdu.Terminal, chip *engine.Chip, k *clock.Clock, slot Slot, observer observe.Observer) (*Behind, error) {
	if slot.ClockHz == 0 {
		slot.ClockHz = DefaultLineHz
	}
	b := &Behind{rate: transport.Rate{CPUHz: chip.ClockHz, LineHz: slot.ClockHz}}
	var err error
	b.Terminal, err = transport.New(transport.Config{Card: card, Clock: k, Observer: observer,
		Rate: b.rate, Reader: slot.Reader, Options: transport.CardOptions{Direction: b.direction}, Disturb: slot.Disturb})
	return b, err
}

// Transmit implements apdu.Card: it carries the command over the line.
func (b *Behind) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	b.intent, b.data = apdu.ToCard, false
	if c, err := apdu.DecodeCommand(cmd); err == nil {
		if b.data = len(c.Data) > 0; !b.data && c.Ne > 0 {
			b.intent = apdu.FromCard
		}
	}
	return b.Terminal.Transmit(ctx, cmd, dst)
}

// insert puts the card into its slot and has the reader reset it.
func (c *Card) insert(parts *Parts) (err error) {
	if c.behind, err = BehindLine(c.Card, c.Chip, c.Clock, *parts.Slot, parts.Observer); err != nil {
		return err
	}
	_, err = c.behind.Reset(context.Background(), false)
	return err
}

// Line is the card behind its line; nil: it is in no slot.
func (c *Card) Line() *Behind { return c.behind }

// Transmit implements apdu.Card, over the line where there is one.
func (c *Card) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if c.behind != nil {
		return c.behind.Transmit(ctx, cmd, dst)
	}
	return c.Card.Transmit(ctx, cmd, dst)
}

// Reset implements apdu.Terminal, over the line where there is one.
func (c *Card) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if c.behind != nil {
		return c.behind.Reset(ctx, warm)
	}
	return c.Card.Reset(ctx, warm)
}

// PowerOff implements apdu.Terminal.
func (c *Card) PowerOff() error {
	if c.behind != nil {
		return c.behind.PowerOff()
	}
	return c.Card.PowerOff()
}
