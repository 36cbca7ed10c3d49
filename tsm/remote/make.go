package remote

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// maxLow is how many packets in succession a card may say that it has had: the counter
// is raised by twice as much each time.
const maxLow = 22

// fits fails for commands that are too long for the bearer, which nobody can send.
// Spec: SPEC-SCRIPTS-004.
func (r *Run) fits(f *flight) error {
	for i := f.from; i < f.to; i++ {
		n, most := r.size(i), r.domain.channelData()
		if f.kind == packet {
			n, most = r.domain.Format.CommandBytes(r.sized(i)), r.domain.room()
		}
		if n > most {
			return fmt.Errorf("remote: command %d takes %d bytes: %d fit", i, n, most)
		}
	}
	return nil
}

// make makes the script on its way.
func (r *Run) make(ctx context.Context, m hsm.Module, counter *uint64) (Script, error) {
	s := Script{Form: tsmp.FormCommands, AID: r.domain.AID.Append(nil)}
	var err error
	switch r.flight.kind {
	case packet:
		s.Form = tsmp.FormPackets
		s.Items, err = r.packet(ctx, m, counter)
	case greeting:
		s.Items, err = r.greet(ctx, m)
	default:
		s.Items, err = r.protected(ctx, m)
	}
	return s, err
}

// packetKeys are those of the packet on its way.
func (r *Run) packetKeys() hsm.KeyRef {
	if n := r.flight.put; n > 0 {
		return r.commands[n-1].Put.Keys
	}
	return r.keys(forPackets)
}

// packet makes the packet on its way, with a counter that is raised first.
// Spec: SPEC-SCRIPTS-011, SPEC-SCRIPTS-016.
func (r *Run) packet(ctx context.Context, m hsm.Module, counter *uint64) ([][]byte, error) {
	if r.flight.counter == 0 {
		step := uint64(1)
		if r.low > 1 {
			step <<= r.low - 1
		}
		if r.low > maxLow || *counter > scp80.MaxCounter-step {
			r.end(Outcome{State: Lost, Index: r.next, Packet: scp80.StatusCounterLow})
			return nil, nil
		}
		*counter += step
		r.flight.counter = *counter
	}
	p, err := m.Packets(ctx, r.packetKeys(), r.domain.SPI)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	commands, err := r.plain(ctx, p)
	if err != nil {
		return nil, err
	}
	script, err := r.domain.Format.Append(nil, commands)
	defer clear(script)
	if err != nil {
		return nil, err
	}
	sealed, err := p.Seal(nil, r.domain.TAR, r.flight.counter, script)
	return [][]byte{sealed}, err
}

// indexes are the commands of the script on its way, the naming one first.
func (f *flight) indexes() (list []int) {
	if f.named > 0 {
		list = append(list, f.named-1)
	}
	for i := f.from; i < f.to; i++ {
		list = append(list, i)
	}
	return list
}

// plain are the plain commands of the script on its way.
func (r *Run) plain(ctx context.Context, k hsm.KeySealer) ([]apdu.Command, error) {
	if r.flight.audit {
		q, err := r.question(r.flight.from)
		return []apdu.Command{q}, err
	}
	var list []apdu.Command
	for _, i := range r.flight.indexes() {
		c, err := r.command(ctx, k, i)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// command is a plain command, the keys that it puts enciphered.
func (r *Run) command(ctx context.Context, k hsm.KeySealer, i int) (apdu.Command, error) {
	put := r.commands[i].Put
	if put == nil {
		return r.steps[i].apdu, nil
	}
	c, err := k.PutKey(ctx, put.Keys, put.Replaced)
	if err != nil {
		return apdu.Command{}, fmt.Errorf("remote: command %d: %w", i, err)
	}
	return c.APDU(nil)
}
