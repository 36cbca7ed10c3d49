package transport

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/atr"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// Power cut at cycles all over an exchange, reset included: the card is off with
// the cut as the error, at that cycle; nothing was executed twice; the next reset
// and command are as on a new card.
func TestPowerCuts(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-070", "SPEC-TRANSPORT-023")
	cmd := unhex("00A4001404AABBCCDD14")
	for _, protocol := range []byte{0, 1} {
		raw := answer(t, func(p *atr.Params) { p.Protocols, p.FI, p.DI = []byte{protocol}, 9, 5 })
		whole := build(t, raw, func(c *Config) { c.Card.(*fake).work = 8_000_000 })
		reset := whole.clock.Now()
		whole.send(t, cmd)
		total := whole.clock.Now()
		outcomes := map[string]int{}
		for _, step := range []struct{ from, to, by uint64 }{{1, reset, 509}, {reset + 1, total + 5, (total - reset) / 1500}} {
			for cycle := step.from; cycle < step.to; cycle += step.by {
				outcomes[cutAt(t, raw, cmd, cycle)]++
			}
		}
		for _, o := range []string{"reset cut", "command cut", "executed and cut"} {
			if outcomes[o] == 0 {
				t.Errorf("T=%d: no cut of the kind %q: %v", protocol, o, outcomes)
			}
		}
	}
}

// cutAt cuts power at a cycle of a reset and a command, and says where it hit.
func cutAt(t *testing.T, raw, cmd []byte, cycle uint64) string {
	k := new(clock.Clock)
	f := &fake{clock: k, atr: raw, work: 8_000_000}
	s, err := New(Config{Card: f, Clock: k})
	if err != nil {
		t.Fatal(err)
	}
	k.CutAt(cycle)
	outcome := "reset cut"
	if _, err = s.Reset(context.Background(), false); err == nil {
		outcome = "command cut"
		if _, err = s.Transmit(context.Background(), cmd, nil); f.executed > 0 {
			outcome = "executed and cut"
		}
	}
	if err == nil {
		k.CutAt(0)
		outcome = "done"
	} else {
		var cut clock.PowerCut
		if !errors.As(err, &cut) || cut.Cycle != cycle || k.Now() != cycle || f.on {
			t.Fatalf("cut at %d: %v at %d, power %v", cycle, err, k.Now(), f.on)
		}
		if _, err := s.Transmit(context.Background(), cmd, nil); err != ErrOff {
			t.Fatalf("after a cut: %v", err)
		}
	}
	if f.executed > 1 || k.Ledger().Sum() != k.Now() {
		t.Fatalf("cut at %d: executed %d times, ledger %v at %d", cycle, f.executed, k.Ledger(), k.Now())
	}
	f.work = 0
	if _, err := s.Reset(context.Background(), true); err != nil {
		t.Fatalf("reset after a cut at %d: %v", cycle, err)
	}
	if got, err := s.Transmit(context.Background(), cmd, nil); err != nil || !bytes.Equal(got, want(cmd)) {
		t.Fatalf("after a cut at %d: %X, %v", cycle, got, err)
	}
	return outcome
}

func TestPowerOff(t *testing.T) {
	s := build(t, answer(t, onT0), nil)
	if err := s.PowerOff(); err != nil || s.fake.on {
		t.Errorf("%v, power %v", err, s.fake.on)
	}
	if _, err := s.Transmit(context.Background(), unhex("00A40000"), nil); err != ErrOff {
		t.Error(err)
	}
}
