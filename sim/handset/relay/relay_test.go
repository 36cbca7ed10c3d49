package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

// server has scripts, and keeps what was answered.
type server struct {
	scripts     []Script
	answers     map[uint32][][]byte
	interrupted []uint32
	waits       int                 // how often it wants to be asked later
	change      func(Script) Script // of what it gives; nil: nothing
	ahead       bool                // it gives the next script when it takes responses
	fetched     int
}

func (s *server) Fetch(_ context.Context, done uint32) (Script, error) {
	s.fetched++
	if s.waits > 0 {
		s.waits--
		return Script{Wait: time.Minute}, nil
	}
	out := Script{Last: true}
	if int(done) < len(s.scripts) {
		out = s.scripts[done]
	}
	if s.change != nil {
		out = s.change(out)
	}
	return out, nil
}

func (s *server) Return(_ context.Context, script uint32, responses [][]byte, interrupted bool) (next Script, err error) {
	if s.answers == nil {
		s.answers = map[uint32][][]byte{}
	}
	if before, ok := s.answers[script]; ok && !slices.EqualFunc(before, responses, bytes.Equal) {
		return next, fmt.Errorf("other responses to %d", script)
	}
	s.answers[script] = responses
	if interrupted {
		s.interrupted = append(s.interrupted, script)
	}
	if s.ahead && int(script) < len(s.scripts) {
		next = s.scripts[script]
		if s.change != nil {
			next = s.change(next)
		}
	}
	return next, nil
}

// card answers with the first data byte; FF is an error.
type card struct {
	seen   []byte
	took   time.Duration
	opened []gp.AID
	cutAt  int // the channel is lost with that command, from 1, which was carried out
}

func (c *card) open(_ context.Context, aid gp.AID) (apdu.Card, error) {
	c.opened = append(c.opened, aid)
	return c, nil
}

var domain, another = gp.MustAID("F000000001"), gp.MustAID("F000000002")

func (c *card) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c.seen = append(c.seen, cmd[5])
	c.took += time.Millisecond
	if len(c.seen) == c.cutAt {
		return dst, errors.New("lost")
	}
	if cmd[5] == 0xFF {
		return append(dst, 0x6A, 0x80), nil
	}
	return append(dst, cmd[5], 0x90, 0), nil
}

func command(b byte) []byte { return []byte{0x80, 0xE2, 0, 0, 1, b} }

func scripts(n, each int) (all []Script) {
	b := byte(0)
	for i := range n {
		s := Script{Sequence: uint32(i + 1), AID: domain}
		for range each {
			s.Commands = append(s.Commands, command(b))
			b++
		}
		all = append(all, s)
	}
	return all
}

func run(t testing.TB, s *server, c *card, p air.Parameters, seed uint64) *Run {
	t.Helper()
	link, err := air.NewLink(air.LTE, p, entropy.Seeded(seed, "relay"))
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Server: s, Open: c.open, Connect: func() (*air.Link, error) { return link, nil }, Elapsed: func() time.Duration { return c.took }}
}

// The script that comes with the thanks for the one before is not fetched.
func TestAhead(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-088", "SPEC-HANDSET-083")
	s, c := &server{scripts: scripts(3, 4), ahead: true}, new(card)
	r := run(t, s, c, air.Default(air.LTE), 1)
	if _, err := r.Do(t.Context()); err != nil || !r.Finished() {
		t.Fatal(err)
	}
	if !slices.Equal(c.seen, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) || s.fetched != 2 || len(s.answers) != 3 {
		t.Errorf("the card saw %x, %d fetched, %d answered", c.seen, s.fetched, len(s.answers))
	}
	link, err := r.Connect()
	if err != nil || r.Air != link.Time {
		t.Errorf("air %v of %v, %v", r.Air, link.Time, err)
	}
	wrong := &server{scripts: scripts(2, 1), ahead: true, change: func(s Script) Script {
		if s.Sequence == 2 {
			s.Sequence = 7
		}
		return s
	}}
	c = new(card)
	if _, err := run(t, wrong, c, air.Default(air.LTE), 1).Do(t.Context()); err == nil || len(c.seen) != 1 {
		t.Errorf("a script with another number than the next: %v, the card saw %x", err, c.seen)
	}
}

func TestRelay(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-080", "SPEC-HANDSET-085")
	s, c := &server{scripts: scripts(3, 4)}, new(card)
	r := run(t, s, c, air.Default(air.LTE), 1)
	s.waits = 1
	if wait, err := r.Do(t.Context()); err != nil || wait != time.Minute || r.Finished() {
		t.Fatal(wait, err)
	}
	if _, err := r.Do(t.Context()); err != nil || !r.Finished() {
		t.Fatal(err)
	}
	if !slices.Equal(c.opened, []gp.AID{domain}) {
		t.Errorf("channels to %v", c.opened)
	}
	if !slices.Equal(c.seen, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) || r.Commands != 12 {
		t.Errorf("the card saw %x", c.seen)
	}
	for i := range s.scripts {
		for j, response := range s.answers[uint32(i+1)] {
			if !bytes.Equal(response, []byte{byte(4*i + j), 0x90, 0}) {
				t.Errorf("response %d of script %d: %x", j, i+1, response)
			}
		}
	}
	link, err := r.Connect()
	if err != nil || r.Chip != 12*time.Millisecond || r.Air != link.Time || r.Air == 0 {
		t.Errorf("chip %v, air %v of %v, %v", r.Chip, r.Air, link.Time, err)
	}
	s.scripts = append(s.scripts, scripts(4, 1)[3])
	if _, err := r.Do(t.Context()); err != nil || len(c.seen) != 12 {
		t.Error("it goes on after its end")
	}
}

func TestFailedCommandEndsScript(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-082")
	s, c := &server{scripts: []Script{{Sequence: 1, AID: domain, Commands: [][]byte{command(1), command(0xFF), command(3)}}}}, new(card)
	if _, err := run(t, s, c, air.Default(air.LTE), 1).Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.seen, []byte{1, 0xFF}) || len(s.answers[1]) != 2 || !bytes.Equal(s.answers[1][1], []byte{0x6A, 0x80}) {
		t.Errorf("the card saw %x, the server %x", c.seen, s.answers[1])
	}
}

func TestRefusedScripts(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-083")
	for name, change := range map[string]func(Script) Script{
		"number": func(s Script) Script { s.Sequence++; return s },
		"again":  func(s Script) Script { s.Sequence = 0; return s },
		"empty":  func(s Script) Script { s.Commands = nil; return s },
		"many":   func(s Script) Script { s.Commands = make([][]byte, MaxCommands+1); return s },
		"long":   func(s Script) Script { s.Commands = [][]byte{make([]byte, MaxBytes+1)}; return s },
	} {
		s, c := &server{scripts: scripts(1, 2), change: change}, new(card)
		if _, err := run(t, s, c, air.Default(air.LTE), 1).Do(t.Context()); err == nil || len(c.seen) != 0 {
			t.Errorf("%s: %v, the card saw %x", name, err, c.seen)
		}
	}
}

// Whatever the connection loses, each command reaches the card once, in order.
func TestInterrupted(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-081", "SPEC-HANDSET-084")
	rapid.Check(t, func(t *rapid.T) {
		s, c := &server{scripts: scripts(rapid.IntRange(1, 5).Draw(t, "scripts"), rapid.IntRange(1, 5).Draw(t, "commands"))}, new(card)
		p := air.Default(air.WiFi)
		p.Loss, p.Tries = rapid.IntRange(0, 800).Draw(t, "loss"), 1
		link, err := air.NewLink(air.WiFi, p, entropy.Seeded(rapid.Uint64().Draw(t, "seed"), "relay"))
		if err != nil {
			t.Fatal(err)
		}
		r := &Run{Server: s, Open: c.open, Connect: func() (*air.Link, error) { return link, nil }}
		for range 10000 {
			_, err := r.Do(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, &fault.Error{Code: fault.Interrupted}) {
				f := (*fault.Error)(nil)
				if !errors.As(err, &f) || f.Code != fault.Interrupted {
					t.Fatal(err)
				}
			}
		}
		n := 0
		for _, script := range s.scripts {
			n += len(script.Commands)
		}
		if !r.Finished() || len(c.seen) != n {
			t.Fatalf("finished %v, the card saw %x", r.Finished(), c.seen)
		}
		for i, b := range c.seen {
			if int(b) != i {
				t.Fatalf("the card saw %x", c.seen)
			}
		}
	})
}

// A channel that is lost in a command: the server hears of it, and the command is not
// sent again; the next script opens a channel of its own.
func TestChannelLost(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-081", "SPEC-HANDSET-086")
	s, c := &server{scripts: scripts(3, 3)}, &card{cutAt: 2}
	s.scripts[1].AID, s.scripts[2].AID = gp.AID{}, another
	r := run(t, s, c, air.Default(air.LTE), 1)
	if _, err := r.Do(t.Context()); err != nil || !r.Finished() {
		t.Fatal(err)
	}
	if !slices.Equal(c.seen, []byte{0, 1, 3, 4, 5, 6, 7, 8}) || len(s.answers[1]) != 1 || !slices.Equal(s.interrupted, []uint32{1}) {
		t.Errorf("the card saw %x, the server %x, interrupted %v", c.seen, s.answers[1], s.interrupted)
	}
	if !slices.Equal(c.opened, []gp.AID{domain, domain, another}) {
		t.Errorf("channels to %v", c.opened)
	}
}

func TestNoConnection(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-084")
	s, c := &server{scripts: scripts(1, 1)}, new(card)
	r := run(t, s, c, air.Default(air.LTE), 1)
	there := r.Connect
	r.Connect = func() (*air.Link, error) { return nil, fault.New(fault.NoConnection, "") }
	if _, err := r.Do(t.Context()); !errors.Is(err, fault.New(fault.NoConnection, "")) {
		t.Error(err)
	}
	r.Connect = there
	if _, err := r.Do(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCard(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-085")
	c := new(card)
	link, err := air.NewLink(air.LTE, air.Default(air.LTE), entropy.Seeded(1, "relay"))
	if err != nil {
		t.Fatal(err)
	}
	r := &Card{Channel: c, Connect: func() (*air.Link, error) { return link, nil }, Elapsed: func() time.Duration { return c.took }}
	for i := range byte(3) {
		out, err := r.Transmit(t.Context(), command(i), []byte{7})
		if err != nil || !bytes.Equal(out, []byte{7, i, 0x90, 0}) {
			t.Errorf("%x, %v", out, err)
		}
	}
	if r.Commands != 3 || r.Chip != 3*time.Millisecond || r.Air != link.Time {
		t.Errorf("%+v", r)
	}
	link.Parameters.Loss = 1000
	out, err := r.Transmit(t.Context(), command(9), []byte{7})
	if f := (*fault.Error)(nil); !errors.As(err, &f) || f.Code != fault.Interrupted || len(out) != 1 || len(c.seen) != 3 {
		t.Errorf("%x, %v", out, err)
	}
}
