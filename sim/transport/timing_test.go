package transport

import (
	"context"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"
)

func TestTimes(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-020", "SPEC-TRANSPORT-021", "SPEC-TRANSPORT-022")
	p := atr.Default()
	p.FI, p.DI, p.N = 9, 5, 3
	k := newTiming(Rate{33_000_000, 4_000_000}, p)
	for _, c := range []struct {
		what      string
		got, want uint64
	}{
		{"etu of 372 clocks", k.etu(1), 3069},
		{"WT", k.waiting(), 10 * 960 * 512 * 33 / 4},
		{"BWT", k.blockWaiting(), 11*3069 + 16*960*372*33/4},
		{"CWT", k.characterWaiting(), (11 + 8192) * 3069},
		{"guard of the reader", k.guard(0, true), 15 * 3069},
		{"guard of the card", k.guard(1, false), 12 * 3069},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d cycles, want %d", c.what, c.got, c.want)
		}
	}
	k.set(p.FI<<4 | p.DI)
	if k.etu(1) != 264 || k.etu(10) != 2640 {
		t.Errorf("etu of 32 clocks: %d, ten of them %d", k.etu(1), k.etu(10))
	}
	k.set(0x16) // 372/32
	if k.etu(1) != 96 || k.etu(100) != 9591 {
		t.Errorf("etu of 11.625 clocks: %d, a hundred of them %d", k.etu(1), k.etu(100))
	}
	k.p.N = 255
	if k.guard(0, true) != k.etu(12) || k.guard(1, true) != k.etu(11) || k.guard(1, false) != k.etu(11) {
		t.Error("N 255")
	}
}

// The time of a command is that of its characters and of the card's work, to the
// cycle, and the ledger says which is which.
func TestCommandTime(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-021", "SPEC-TRANSPORT-023")
	const etu, work = 372, 12_345
	for _, n := range []int{0, 1, 100} {
		for _, m := range []int{0, 1, 120} {
			cmd := []byte{0, 0xA4, 0, byte(m)}
			if n > 0 {
				cmd = append(append(cmd, byte(n)), make([]byte, n)...)
			}
			if m > 0 {
				cmd = append(cmd, byte(m))
			}
			for protocol := range byte(2) {
				a := answer(t, func(p *atr.Params) { p.Protocols, p.N, p.IFSC = []byte{protocol}, 255, 254 })
				s := build(t, a, func(c *Config) {
					c.Card.(*fake).work = work
					c.Reader.IFSD = 254
					c.Options.Direction = reads(n == 0 && m > 0)
				})
				s.send(t, cmd) // IFS, and the turn from the answer to reset
				before, start := s.clock.Ledger(), s.clock.Now()
				s.send(t, cmd)
				spent := s.clock.Ledger().Since(before)
				line := formulaT0(n, m)
				if protocol == 1 {
					line = 11*(len(cmd)+3) + 22 + 11*(m+2+3) + 22
				}
				if got := s.clock.Now() - start; got != uint64(line*etu+work) || spent[clock.Line] != uint64(line*etu) || spent[clock.Bytecode] != work {
					t.Errorf("T=%d, %d bytes to the card, %d from it: %d cycles (%v), want %d + %d", protocol, n, m, got, spent, line*etu, work)
				}
			}
		}
	}
}

func reads(all bool) apdu.DirectionFunc {
	return func(_ apdu.Class, ins, _, _ byte) apdu.Direction {
		if all || ins == 0xC0 {
			return apdu.FromCard
		}
		return apdu.ToCard
	}
}

// formulaT0 is the time, but for the work's, which begins 6 etu before the card may
// answer and takes longer than that. It is the time in etu from the end of the last
// character of the command before (10 etu) to the end of its own last one.
func formulaT0(n, m int) int {
	header := 12*4 + 16 // five characters, and the turn
	time := 16 - 10 + header - 6
	switch {
	case n == 0 && m > 0: // case 2
		return time + 12*(1+m) + 12 + 10
	case n == 0:
		return time + 12 + 10
	}
	time += 16 + 12*(n-1) + 16 + 12 // procedure byte, data, SW
	if m > 0 {
		time += 16 + header + 12*(1+m) + 12
	}
	return time + 10
}

// Guard times hold in every exchange, and waiting times as well, whatever the
// card's work takes: between characters, by the events on the line.
func TestGuardAndWaitingTimes(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-021", "SPEC-TRANSPORT-034", "SPEC-TRANSPORT-060")
	for _, protocol := range []byte{0, 1} {
		for _, n := range []byte{0, 5, 255} {
			for _, work := range []uint64{0, 5_000_000, 40_000_000} {
				a := answer(t, func(p *atr.Params) { p.Protocols, p.N, p.FI, p.DI = []byte{protocol}, n, 9, 4 })
				s := build(t, a, func(c *Config) { recorded(c); c.Card.(*fake).work = work })
				from := len(s.recorder.Events)
				s.send(t, unhex("00A4004004AABBCCDD40"))
				checkTimes(t, s, s.recorder.Events[from:], protocol, fmt.Sprintf("T=%d N=%d work %d", protocol, n, work))
			}
		}
	}
}

func checkTimes(t *testing.T, s *setup, events []any, protocol byte, what string) {
	k := &s.card.t
	turn, longest := k.etu(turnETU), k.waiting()
	if protocol == 1 {
		turn, longest = k.etu(blockGuardETU), k.blockWaiting()
	}
	var last *observe.LineByte
	for _, e := range events {
		b, ok := e.(observe.LineByte)
		if !ok {
			continue
		}
		if last != nil {
			gap, least := b.Cycle-last.Cycle, turn
			if b.Direction == last.Direction {
				least = k.guard(protocol, b.Direction == observe.ToCard)
			}
			if gap < least || gap > longest {
				t.Errorf("%s: %d cycles between characters, want %d to %d", what, gap, least, longest)
			}
		}
		last = &b
	}
}

// A card does the same cycles of work behind a line as without one.
func TestWorkIsTheSame(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-023")
	for _, protocol := range []byte{0, 1} {
		s := build(t, answer(t, func(p *atr.Params) { p.Protocols = []byte{protocol} }), func(c *Config) { c.Card.(*fake).work = 77_000_000 })
		before := s.clock.Ledger()
		s.send(t, unhex("00A40000"))
		if got := s.clock.Ledger().Since(before)[clock.Bytecode]; got != 77_000_000 {
			t.Errorf("T=%d: %d cycles of work", protocol, got)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, a := range [][]byte{answer(t, onT0), answer(t, onT1)} {
		s := build(t, a, func(c *Config) { c.Card.(*fake).work = 9_000_000 })
		ctx, dst := context.Background(), make([]byte, 0, 300)
		for _, cmd := range [][]byte{unhex("00A4000004AABBCCDD"), unhex("00B0008000"), unhex("00A4008004AABBCCDD80")} {
			run := func() {
				var err error
				if dst, err = s.Transmit(ctx, cmd, dst[:0]); err != nil {
					t.Fatal(err)
				}
			}
			if n := testing.AllocsPerRun(20, run); n != 0 {
				t.Errorf("T=%d %X: %v allocations", s.Protocol(), cmd, n)
			}
		}
	}
}
