package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// deafWhile is a disturber that loses the card's characters while a condition
// holds.
func deafWhile(condition func() bool) Disturber {
	return func(_ uint64, to observe.Direction, _ byte) Disturbance {
		return Disturbance{Lost: to == observe.FromCard && condition()}
	}
}

// A reader that hears nothing from a card at work gives up after three repetitions
// and three attempts to resynchronise, and takes its power away, in the middle of
// the work.
func TestReaderGivesUpOnWork(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-058", "SPEC-TRANSPORT-061", "SPEC-TRANSPORT-062", "SPEC-TRANSPORT-063")
	s := build(t, answer(t, onT1), func(c *Config) { recorded(c); c.Reader.IFSD = 32; c.Card.(*fake).work = 1 << 40 })
	s.SetDisturber(deafWhile(func() bool { return true }))
	from, start := len(s.recorder.Events), s.clock.Now()
	_, err := s.Transmit(context.Background(), unhex("00A40000"), nil)
	var cut clock.PowerCut
	if !errors.Is(err, ErrMute) || !errors.As(err, &cut) || cut.Cycle != s.clock.Now() || s.fake.on {
		t.Errorf("%v at %d; power %v", err, s.clock.Now(), s.fake.on)
	}
	bwt := s.card.t.blockWaiting()
	if spent := s.clock.Now() - start; spent < 7*bwt || spent > 8*bwt {
		t.Errorf("gave up after %d cycles, BWT is %d", spent, bwt)
	}
	wanted := "> 00000400A40000A0 < 00C30101C3 > 00820082 < 00C30101C3 > 00820082 < 00C30101C3 > 00820082 < 00C30101C3 > 00C000C000C000C000C000C0"
	if line := s.lineBytes(from); line != wanted {
		t.Errorf("line\n     %s\nwant %s", line, wanted)
	}
	s.SetDisturber(nil)
	s.fake.work = 0
	if _, err := s.Reset(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	s.send(t, unhex("00A40000"))
}

// A card that is asked to resynchronise while it works does so when the work is
// done; its response is dropped, and the next command gets its own.
func TestResynchronisedAtWork(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-056", "SPEC-TRANSPORT-061", "SPEC-TRANSPORT-059")
	s := build(t, answer(t, onT1), func(c *Config) { c.Reader.IFSD = 32 })
	working := true
	bwt := s.card.t.blockWaiting()
	s.fake.work = 5*bwt - bwt/2
	s.SetDisturber(deafWhile(func() bool { return working && s.card.blocks.state == atWork }))
	if _, err := s.Transmit(context.Background(), unhex("00B0000400"), nil); err != ErrResynchronised || s.fake.executed != 1 {
		t.Fatalf("%v, executed %d times", err, s.fake.executed)
	}
	working, s.fake.work = false, 0
	for range 3 {
		if got := s.send(t, unhex("00CA000300")); !bytes.Equal(got, want(unhex("00CA000300"))) {
			t.Errorf("%X", got)
		}
	}
	if s.fake.executed != 4 {
		t.Errorf("executed %d times", s.fake.executed)
	}
}

// A multiple of BWT that the card asks for is waited for.
func TestManyExtensions(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-060")
	for _, factor := range []byte{1, 3, 255} {
		s := build(t, answer(t, onT1), func(c *Config) { recorded(c); c.Reader.IFSD = 32; c.Options.WTX = factor })
		bwt := s.card.t.blockWaiting()
		s.fake.work = 20 * bwt
		from := len(s.recorder.Events)
		s.send(t, unhex("00A40000"))
		requests := strings.Count(s.lineBytes(from), fmt.Sprintf("00C301%02X", factor))
		// In sixteenths of BWT: the first after 15, the others after 15 times the
		// factor and the time of the response, which is less than one.
		least, most := 1+(320-15)/(15*int(factor)+1), 2+(320-15)/(15*int(factor))
		if requests < least || requests > most {
			t.Errorf("factor %d: %d requests, want %d to %d", factor, requests, least, most)
		}
	}
}

// More extensions, or NULL bytes, than the reader has patience for.
func TestEndless(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-036", "SPEC-TRANSPORT-063")
	for _, a := range [][]byte{answer(t, onT0), answer(t, onT1)} {
		s := build(t, a, func(c *Config) { c.Card.(*fake).work = 1 << 50; c.Reader.MaxWaits = 4 })
		if _, err := s.Transmit(context.Background(), unhex("00A40000"), nil); !errors.Is(err, ErrEndless) || s.fake.on {
			t.Errorf("T=%d: %v, power %v", s.Protocol(), err, s.fake.on)
		}
	}
}

// Number of NULL bytes: one for each 15/16 of WT that the work takes.
func TestNulls(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-034")
	s := build(t, answer(t, func(p *atr.Params) { p.WI = 2 }), recorded)
	interval := s.card.t.waiting() / 16 * 15
	for _, nulls := range []uint64{0, 1, 7} {
		// The NULL's own time stops the work: 10 etu of each interval.
		s.fake.work = nulls*(interval-s.card.t.etu(characterETU)) + interval/2
		from := len(s.recorder.Events)
		s.send(t, unhex("00A40000"))
		if got := bytes.Count([]byte(s.lineBytes(from)), []byte("60")); got != int(nulls) {
			t.Errorf("%d NULL bytes, want %d: %s", got, nulls, s.lineBytes(from))
		}
	}
}

func TestContextEndsAnExchange(t *testing.T) {
	s := build(t, answer(t, onT1), nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Transmit(ctx, unhex("00A40000"), nil); !errors.Is(err, context.Canceled) || s.fake.on {
		t.Errorf("%v, power %v", err, s.fake.on)
	}
}
