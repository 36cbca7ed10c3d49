package transport

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
)

// fake is a card that works for as long as it is told and answers with data made
// of the command. It counts what it executes.
type fake struct {
	clock    *clock.Clock
	atr      []byte
	boot     uint64
	work     uint64 // cycles of a command
	on       bool
	executed int
	last     []byte // the command executed last
	fail     error
	protocol byte
	off      int
}

func (f *fake) Reset(context.Context, bool) ([]byte, error) {
	f.on = false
	if cut := clock.Guard(func() { f.clock.Advance(clock.Boot, f.boot) }); cut != nil {
		return nil, *cut
	}
	f.on = true
	return f.atr, nil
}

func (f *fake) PowerOff() error { f.on = false; f.off++; return nil }

func (f *fake) Interface(p byte) error { f.protocol = p; return nil }

// Transmit answers Ne bytes, or P2 if that is less, that depend on the command,
// and 9000.
func (f *fake) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if !f.on {
		return dst, errors.New("off")
	}
	f.executed++
	f.last = append(f.last[:0], cmd...)
	if f.fail != nil {
		return dst, f.fail
	}
	if cut := clock.Guard(func() { f.clock.Advance(clock.Bytecode, f.work) }); cut != nil {
		f.on = false
		return dst, *cut
	}
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return append(dst, 0x67, 0), nil
	}
	if f.protocol == 0 && c.Ne == 0 {
		c.Ne = 256 // T=0 does not say
	}
	return append(fakeData(dst, &c), 0x90, 0), nil
}

// fakeData are the response data of the fake: P1*256+P2 bytes, at most Ne, of a
// sequence that the command's data selects.
func fakeData(dst []byte, c *apdu.Command) []byte {
	x := byte(len(c.Data)) ^ c.INS
	for _, b := range c.Data {
		x = x*31 + b
	}
	for i := range min(c.Ne, int(c.P1)<<8|int(c.P2)) {
		dst = append(dst, x+byte(i)*7)
	}
	return dst
}

// want is the fake's response to a command that T=0 can carry as well: without Le
// P1 and P2 are 0.
func want(cmd []byte) []byte {
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return []byte{0x67, 0}
	}
	return append(fakeData(nil, &c), 0x90, 0)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// answer makes an answer to reset.
func answer(t testing.TB, change func(*atr.Params)) []byte {
	t.Helper()
	p := atr.Default()
	change(&p)
	b, err := atr.Build(p, []byte("inkan"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func onT0(*atr.Params) {}

func onT1(p *atr.Params) { p.Protocols, p.IFSC = []byte{1}, 254 }

// setup is a terminal with a fake in it, reset.
type setup struct {
	*Terminal
	fake     *fake
	clock    *clock.Clock
	recorder *observe.Recorder
}

// fataler is a testing.T or a rapid.T.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func build(t fataler, answer []byte, change func(*Config)) *setup {
	t.Helper()
	k := new(clock.Clock)
	f := &fake{clock: k, atr: answer}
	cfg := Config{Card: f, Clock: k}
	if change != nil {
		change(&cfg)
	}
	terminal, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &setup{Terminal: terminal, fake: f, clock: k}
	s.recorder, _ = cfg.Observer.(*observe.Recorder)
	got, err := s.Reset(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, answer) {
		t.Fatalf("ATR %X, want %X", got, answer)
	}
	return s
}

func (s *setup) send(t testing.TB, cmd []byte) []byte {
	t.Helper()
	got, err := s.Transmit(context.Background(), cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := s.clock.Ledger(); l.Sum() != s.clock.Now() {
		t.Fatalf("ledger %d, clock %d", l.Sum(), s.clock.Now())
	}
	return got
}

// lineBytes are the characters from one of the recorder's events on, each with its
// direction: "> 00A4 < 9000".
func (s *setup) lineBytes(from int) string {
	var out bytes.Buffer
	direction := observe.Direction(9)
	for _, e := range s.recorder.Events[from:] {
		b, ok := e.(observe.LineByte)
		if !ok {
			continue
		}
		if b.Direction != direction {
			if out.Len() > 0 {
				out.WriteByte(' ')
			}
			direction = b.Direction
			out.WriteString([]string{"> ", "< "}[direction])
		}
		out.WriteString(hex.EncodeToString([]byte{b.Value}))
	}
	return string(bytes.ToUpper(out.Bytes()))
}

func recorded(c *Config) { c.Observer = &observe.Recorder{} }
