package omapi

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

// Channel is a channel to one application of the card: an apdu.Card whose commands
// are those of the basic channel. Not for concurrent use.
type Channel struct {
	session  *Session
	number   int
	aid      gp.AID // that was asked for
	actual   gp.AID // that was selected
	p2       byte
	card     *gp.OnChannel
	access   Access
	response []byte
	closed   bool
}

var _ apdu.Card = (*Channel)(nil)

// Number is the channel's number on the card.
func (c *Channel) Number() int { return c.number }

// Basic tells whether it is the basic channel.
func (c *Channel) Basic() bool { return c.number == 0 }

// Application is the AID of the selected application, as far as it is known.
func (c *Channel) Application() gp.AID { return c.actual }

// SelectResponse is the answer to the last SELECT, with its status word.
func (c *Channel) SelectResponse() []byte { return append([]byte(nil), c.response...) }

// Closed tells whether the channel is closed, or its card was reset since.
func (c *Channel) Closed() bool { return c.closed || c.session.Closed() }

// Format prints the channel, whatever the verb: never a command.
func (c *Channel) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "channel %d to %v", c.number, c.actual) }

// Transmit implements apdu.Card: the command goes out with the channel's class byte,
// what 61xx announces is fetched, and 6Cxx repeated. A command that is not allowed is
// not sent. Errors are fault.Errors: Closed, WrongArgument, Forbidden, AccessDenied,
// SIMSilent. Spec: SPEC-HANDSET-042, SPEC-HANDSET-043, SPEC-HANDSET-050.
func (c *Channel) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if c.Closed() {
		return dst, fault.New(fault.Closed, "channel")
	}
	command, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, fault.Wrap(fault.WrongArgument, "command", err)
	}
	if err := c.permit(&command); err != nil {
		return dst, err
	}
	k := apdu.Completer{Card: c.card}
	out, err := k.Transmit(ctx, cmd, dst)
	if f := (*fault.Error)(nil); err != nil && !errors.As(err, &f) && ctx.Err() == nil {
		err = fault.Wrap(fault.SIMSilent, "answer", err)
	}
	return out, err
}

// permit refuses what the handset keeps for itself and what the rules do not allow.
func (c *Channel) permit(command *apdu.Command) error {
	class := command.Class()
	if !class.Valid() || !iso7816.ValidINS(command.INS) {
		return fault.New(fault.WrongArgument, fmt.Sprintf("class %02X, instruction %02X", command.CLA, command.INS))
	}
	plain, err := class.WithChannel(0)
	if err != nil {
		return fault.Wrap(fault.WrongArgument, "class", err)
	}
	if _, err := class.WithChannel(c.number); err != nil {
		return fault.Wrap(fault.WrongArgument, "class", err)
	}
	if !class.Proprietary() {
		switch {
		case command.INS == iso7816.INSManageChannel:
			return fault.New(fault.Forbidden, "MANAGE CHANNEL")
		case command.INS == iso7816.INSSelect && command.P1 == 0x04:
			return fault.New(fault.Forbidden, "SELECT by DF name")
		}
	}
	if !c.access.Permits([4]byte{byte(plain), command.INS, command.P1, command.P2}) {
		return fault.New(fault.AccessDenied, fmt.Sprintf("INS %02X of %v", command.INS, c.actual))
	}
	return nil
}

// SelectNext selects the next application whose AID begins as that which the channel
// was opened with; false: there is none, and the one before stays selected. One that
// the rules refuse closes the channel. Spec: SPEC-HANDSET-056.
func (c *Channel) SelectNext(ctx context.Context) (bool, error) {
	if c.Closed() {
		return false, fault.New(fault.Closed, "channel")
	}
	if c.aid.IsZero() {
		return false, fault.New(fault.WrongArgument, "the channel was opened without an AID")
	}
	const next = 0x02
	err := c.choose(ctx, next)
	f := (*fault.Error)(nil)
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &f) && f.Code == fault.NoApplication && f.Cause != nil:
		return false, nil
	}
	c.drop(ctx)
	return false, err
}

// Close closes the channel; the basic one goes back to the application that the card
// selects by itself. Closing twice does nothing.
func (c *Channel) Close(ctx context.Context) error {
	if c.closed {
		return nil
	}
	r := c.session.reader
	r.settle()
	c.closed = true
	if c.session.powers != r.powers {
		return nil
	}
	if c.number != 0 {
		r.held--
		return r.release(ctx, c.number)
	}
	r.basic = nil
	_, err := r.send(ctx, r.element, apdu.Command{INS: iso7816.INSSelect, P1: 0x04, Ne: apdu.MaxShortNe})
	return err
}

// drop closes a channel of which something failed: that failure is the one to tell.
func (c *Channel) drop(ctx context.Context) {
	if err := c.Close(ctx); err != nil {
		c.closed = true
	}
}
