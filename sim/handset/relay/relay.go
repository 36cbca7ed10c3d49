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
	"inkan/core/gp"
	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
)

// Limits of a script.
const (
	MaxCommands = 256
	MaxBytes    = 65536
)

// Script is commands for an application of the card, one after the other; or, without
// commands, a time to wait, or the end.
type Script struct {
	Sequence uint32 // one more than that of the last one done
	AID      gp.AID // of the application; zero: the one of the script before
	Commands [][]byte
	Wait     time.Duration // with no commands: ask again then
	Last     bool          // with no commands: nothing more comes
}

// Server is where scripts come from. The same call may come again, and is answered
// the same.
type Server interface {
	// Fetch gives the script after the last one done, 0 at first.
	Fetch(ctx context.Context, done uint32) (Script, error)
	// Return brings the responses to a script, until one failed. interrupted: the
	// channel was lost after them, and what the next command did is not known. next is the
	// script that Fetch would give, or the end; without either it has to be asked.
	Return(ctx context.Context, script uint32, responses [][]byte, interrupted bool) (next Script, err error)
}

// Run is one download: it goes on where it was interrupted. Not for concurrent use.
type Run struct {
	Server Server
	// Open opens a channel to an application; it is asked once for each that scripts
	// name one after the other, and again when a channel was lost.
	Open func(ctx context.Context, aid gp.AID) (apdu.Card, error)
	// Connect is the connection of the moment.
	Connect func() (*air.Link, error)
	// Elapsed is the card's own time so far; nil: not counted.
	Elapsed func() time.Duration

	Scripts, Commands int // that were carried out
	Air, Chip         time.Duration

	done      uint32
	script    *Script // whose responses the server does not have
	responses [][]byte
	carried   bool // all that can be sent of the script was
	lost      bool // the channel went away in the middle of it
	card      apdu.Card
	aid       gp.AID
	finished  bool
}

// Finished tells whether the server said that nothing more comes.
func (r *Run) Finished() bool { return r.finished }

// Do carries scripts out until nothing more comes, or the server wants to be asked
// later: wait is when. A connection that ends in the middle is fault.Interrupted or
// NoConnection: Do, called again, goes on. No command is ever sent twice: of a
// channel that is lost in the middle of a command the server hears so. A command whose
// answer is neither success nor a warning ends its script. Other errors are the
// server's, Open's and the context's.
// Spec: SPEC-HANDSET-080 to SPEC-HANDSET-084, SPEC-HANDSET-086.
func (r *Run) Do(ctx context.Context) (wait time.Duration, err error) {
	for !r.finished {
		if r.script == nil {
			s, err := r.fetch(ctx)
			if err != nil {
				return 0, err
			}
			switch {
			case s.Last:
				r.finished = true
				return 0, nil
			case s.Wait > 0:
				return s.Wait, nil
			}
			r.begin(&s)
		}
		if !r.carried {
			if err := r.carryOut(ctx); err != nil {
				return 0, err
			}
		}
		if err := r.report(ctx); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// fetch gets a script down.
func (r *Run) fetch(ctx context.Context) (s Script, err error) {
	link, err := r.Connect()
	if err != nil {
		return s, err
	}
	if err := r.transfer(link, air.Up, nil); err != nil {
		return s, err
	}
	if s, err = r.Server.Fetch(ctx, r.done); err != nil {
		return s, err
	}
	if err := check(&s, r.done, r.aid); err != nil {
		return s, err
	}
	return s, r.transfer(link, air.Down, s.Commands)
}

func check(s *Script, done uint32, open gp.AID) error {
	size := 0
	for _, c := range s.Commands {
		size += len(c)
	}
	empty := len(s.Commands) == 0
	switch {
	case empty != (s.Last || s.Wait > 0) || s.Last && s.Wait > 0 || s.Wait < 0:
		return errors.New("relay: want commands, a time to wait, or the end")
	case empty:
		return nil
	case s.Sequence != done+1:
		return fmt.Errorf("relay: script %d after %d", s.Sequence, done)
	case len(s.Commands) > MaxCommands || size > MaxBytes:
		return fmt.Errorf("relay: script of %d commands, %d bytes: want up to %d, %d", len(s.Commands), size, MaxCommands, MaxBytes)
	case s.AID.IsZero() && open.IsZero():
		return errors.New("relay: the first script names no application")
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

// carryOut opens the channel, if it is another one, and sends the commands.
func (r *Run) carryOut(ctx context.Context) error {
	if aid := r.script.AID; r.card == nil || !aid.IsZero() && aid != r.aid {
		if aid.IsZero() {
			aid = r.aid
		}
		card, err := r.Open(ctx, aid)
		if err != nil {
			return err
		}
		r.card, r.aid = card, aid
	}
	for _, c := range r.script.Commands {
		before := r.chip()
		out, err := r.card.Transmit(ctx, c, nil)
		r.Chip += r.chip() - before
		if err != nil {
			r.lost, r.card = true, nil
			break
		}
		response, err := apdu.DecodeResponse(out)
		if err != nil {
			r.lost, r.card = true, nil
			break
		}
		r.Commands++
		r.responses = append(r.responses, out)
		if !response.SW.Normal() && !response.SW.Warning() {
			break
		}
	}
	r.carried = true
	return ctx.Err()
}

// report sends the responses up, and takes the next script with it that is there, or the
// end. Spec: SPEC-HANDSET-088, SPEC-HANDSET-089.
func (r *Run) report(ctx context.Context) error {
	link, err := r.Connect()
	if err != nil {
		return err
	}
	if err := r.transfer(link, air.Up, r.responses); err != nil {
		return err
	}
	next, err := r.Server.Return(ctx, r.script.Sequence, r.responses, r.lost)
	if err != nil {
		return err
	}
	r.Scripts++
	r.done, r.script, r.responses = r.script.Sequence, nil, nil
	if err := r.transfer(link, air.Down, next.Commands); err != nil || len(next.Commands) == 0 {
		r.finished = next.Last
		return err
	}
	if err := check(&next, r.done, r.aid); err != nil {
		return err
	}
	r.begin(&next)
	return nil
}

// begin takes a script up.
func (r *Run) begin(s *Script) { r.script, r.responses, r.carried, r.lost = s, nil, false, false }

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
	r := Run{Connect: c.Connect, Elapsed: c.Elapsed}
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
