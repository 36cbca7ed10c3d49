// Package relay carries scripts of commands from a server to an application of the
// SIM, over a connection of the handset and a channel of it, and the responses back: a
// bulk download without short messages. What commands say stays between server and
// card.
//
// It must not know what a command does, nor who the server is. It implements
// spec/HANDSET.md, section "Relay".
package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/apdu"
	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
)

// Limits of a script.
const (
	MaxCommands = 256
	MaxBytes    = 65536
)

// Script is commands for the card, one after the other.
type Script struct {
	Sequence uint32 // from 1, one more each time
	Commands [][]byte
	Last     bool // no other script follows; Commands may be empty
}

// Server is where scripts come from.
type Server interface {
	// Script takes the responses to the script of a number, 0 and none at first, and
	// gives the next one. The same call gives the same script.
	Script(ctx context.Context, answered uint32, responses [][]byte) (Script, error)
}

// Run is one download: it goes on where it was interrupted. Not for concurrent use.
type Run struct {
	Server Server
	// Card is the channel to the application.
	Card apdu.Card
	// Connect is the connection of the moment.
	Connect func() (*air.Link, error)
	// Elapsed is the card's own time so far; nil: not counted.
	Elapsed func() time.Duration

	Scripts, Commands int // that were carried out
	Air, Chip         time.Duration

	answered  uint32
	responses [][]byte
	script    *Script // whose commands are not all sent
	finished  bool
}

// Finished tells whether the last script was answered.
func (r *Run) Finished() bool { return r.finished }

// Do carries scripts out until the last one. A connection that ends in the middle is
// fault.Interrupted or NoConnection: Do, called again, goes on without sending any
// command twice. A command whose answer is neither success nor a warning ends its
// script, and the server hears of it. Other errors are the channel's and the server's.
// Spec: SPEC-HANDSET-080 to SPEC-HANDSET-084.
func (r *Run) Do(ctx context.Context) error {
	for !r.finished {
		if r.script == nil {
			if err := r.next(ctx); err != nil {
				return err
			}
		}
		if err := r.carryOut(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next sends responses up and gets a script down.
func (r *Run) next(ctx context.Context) error {
	link, err := r.Connect()
	if err != nil {
		return err
	}
	if err := r.transfer(link, air.Up, r.responses); err != nil {
		return err
	}
	script, err := r.Server.Script(ctx, r.answered, r.responses)
	if err != nil {
		return err
	}
	if err := check(&script, r.answered); err != nil {
		return err
	}
	if err := r.transfer(link, air.Down, script.Commands); err != nil {
		return err
	}
	r.script, r.responses = &script, nil
	return nil
}

func check(s *Script, answered uint32) error {
	size := 0
	for _, c := range s.Commands {
		size += len(c)
	}
	switch {
	case s.Sequence != answered+1:
		return fmt.Errorf("relay: script %d after %d", s.Sequence, answered)
	case len(s.Commands) > MaxCommands || size > MaxBytes:
		return fmt.Errorf("relay: script of %d commands, %d bytes: want up to %d, %d", len(s.Commands), size, MaxCommands, MaxBytes)
	case len(s.Commands) == 0 && !s.Last:
		return errors.New("relay: a script without commands that is not the last")
	}
	return nil
}

// frameBytes is what a message and each of its parts have around the content.
const frameBytes = 4

func (r *Run) transfer(link *air.Link, d air.Direction, parts [][]byte) error {
	size := frameBytes
	for _, p := range parts {
		size += frameBytes + len(p)
	}
	took, err := link.Transfer(d, size)
	r.Air += took
	if err != nil {
		return fault.Wrap(fault.Interrupted, d.String(), err)
	}
	return nil
}

// carryOut sends the commands that were not sent yet.
func (r *Run) carryOut(ctx context.Context) error {
	for len(r.responses) < len(r.script.Commands) {
		before := r.chip()
		out, err := r.Card.Transmit(ctx, r.script.Commands[len(r.responses)], nil)
		r.Chip += r.chip() - before
		if err != nil {
			return err
		}
		response, err := apdu.DecodeResponse(out)
		if err != nil {
			return err
		}
		r.Commands++
		r.responses = append(r.responses, out)
		if !response.SW.Normal() && !response.SW.Warning() {
			break
		}
	}
	r.Scripts++
	r.answered = r.script.Sequence
	r.finished, r.script = r.script.Last && len(r.script.Commands) == 0, nil
	return nil
}

func (r *Run) chip() time.Duration {
	if r.Elapsed == nil {
		return 0
	}
	return r.Elapsed()
}

// Card is the same for one command after the other: an apdu.Card at the server, whose
// commands go down and whose responses come up. It counts the time.
type Card struct {
	Channel apdu.Card
	Connect func() (*air.Link, error)
	Elapsed func() time.Duration // of the card; nil: not counted

	Commands  int
	Air, Chip time.Duration
}

// Transmit implements apdu.Card. A connection that ends is fault.Interrupted or
// NoConnection: the command may have been carried out. Spec: SPEC-HANDSET-085.
func (c *Card) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	r := Run{Card: c.Channel, Connect: c.Connect, Elapsed: c.Elapsed}
	defer func() { c.Air, c.Chip = c.Air+r.Air, c.Chip+r.Chip }()
	link, err := c.Connect()
	if err != nil {
		return dst, err
	}
	if err := r.transfer(link, air.Down, [][]byte{cmd}); err != nil {
		return dst, err
	}
	before := r.chip()
	out, err := c.Channel.Transmit(ctx, cmd, dst)
	r.Chip += r.chip() - before
	if err != nil {
		return dst, err
	}
	c.Commands++
	if err := r.transfer(link, air.Up, [][]byte{out[len(dst):]}); err != nil {
		return dst, err
	}
	return out, nil
}
