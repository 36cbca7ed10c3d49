package apdu

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/wire"
	"inkan/spec/req"
)

// play is a card that expects given commands and gives given answers.
type play struct {
	t     *testing.T
	steps [][2]string
	fail  error
}

func (p *play) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if len(p.steps) == 0 {
		if p.fail != nil {
			return dst, p.fail
		}
		p.t.Errorf("one command too many: % X", cmd)
		return append(dst, 0x6F, 0), nil
	}
	if string(cmd) != p.steps[0][0] {
		p.t.Errorf("got % X, want % X", cmd, p.steps[0][0])
	}
	dst = append(dst, p.steps[0][1]...)
	p.steps = p.steps[1:]
	return dst, nil
}

func TestCompleter(t *testing.T) {
	req.Covers(t, "SPEC-APDU-070", "SPEC-APDU-071", "SPEC-APDU-072")
	for name, c := range map[string]struct {
		chain     int
		cmd, want string
		steps     [][2]string
	}{
		"plain": {0, "\x00\xA4\x04\x00", "\x90\x00", [][2]string{{"\x00\xA4\x04\x00", "\x90\x00"}}},
		"61": {0, "\x01\xA4\x04\x00\x01\xA0\x00", "abc\x63\x10", [][2]string{
			{"\x01\xA4\x04\x00\x01\xA0\x00", "\x61\x02"}, {"\x01\xC0\x00\x00\x02", "ab\x61\x01"}, {"\x01\xC0\x00\x00\x01", "c\x63\x10"}}},
		"61 without Le": {0, "\x00\xA4\x04\x00\x01\xA0", "\x61\x02", [][2]string{{"\x00\xA4\x04\x00\x01\xA0", "\x61\x02"}}},
		"61 beyond Ne": {0, "\x00\xCB\x00\x00\x01\xA0\x03", "abc\x61\x07", [][2]string{
			{"\x00\xCB\x00\x00\x01\xA0\x03", "\x61\x0A"}, {"\x00\xC0\x00\x00\x03", "abc\x61\x07"}}},
		"6C":       {0, "\x00\xB0\x00\x00\x00", "ab\x90\x00", [][2]string{{"\x00\xB0\x00\x00\x00", "\x6C\x02"}, {"\x00\xB0\x00\x00\x02", "ab\x90\x00"}}},
		"6C twice": {0, "\x00\xB0\x00\x00\x00", "\x6C\x01", [][2]string{{"\x00\xB0\x00\x00\x00", "\x6C\x02"}, {"\x00\xB0\x00\x00\x02", "\x6C\x01"}}},
		"6C more":  {0, "\x00\xB0\x00\x00\x02", "\x6C\x03", [][2]string{{"\x00\xB0\x00\x00\x02", "\x6C\x03"}}},
		"unasked":  {0, "\x80\x50\x00\x00\x01\xAA", "xyz\x90\x00", [][2]string{{"\x80\x50\x00\x00\x01\xAA", "xyz\x90\x00"}}},
		"chain": {2, "\x00\xDB\x3F\xFF\x03abc\x00", "x\x90\x00", [][2]string{
			{"\x10\xDB\x3F\xFF\x02ab", "\x90\x00"}, {"\x00\xDB\x3F\xFF\x01c\x00", "x\x90\x00"}}},
		"chain refused": {2, "\x00\xDB\x3F\xFF\x03abc", "\x68\x84", [][2]string{{"\x10\xDB\x3F\xFF\x02ab", "\x68\x84"}}},
	} {
		p := &play{t: t, steps: c.steps}
		k := Completer{Card: p, ChainAt: c.chain}
		got, err := k.Transmit(t.Context(), []byte(c.cmd), []byte("x"))
		if err != nil || string(got) != "x"+c.want || len(p.steps) > 0 {
			t.Errorf("%s: % X %v, %d steps left", name, got, err, len(p.steps))
		}
	}
}

func TestCompleterFails(t *testing.T) {
	req.Covers(t, "SPEC-APDU-073")
	down := errors.New("reader gone")
	sel := []byte("\x00\xA4\x04\x00\x01\xA0\x00")
	for name, steps := range map[string][][2]string{
		"endless":  {{string(sel), "\x61\x02"}, {"\x00\xC0\x00\x00\x02", "\x61\x02"}},
		"too much": {{string(sel), "\x61\x02"}, {"\x00\xC0\x00\x00\x02", "abc\x90\x00"}},
		"no SW":    {{string(sel), "\x61"}},
	} {
		k := Completer{Card: &play{t: t, steps: steps}}
		var d *wire.DecodeError
		if got, err := k.Transmit(t.Context(), sel, []byte("x")); !errors.As(err, &d) || string(got) != "x" {
			t.Errorf("%s: % X %v", name, got, err)
		}
	}
	k := Completer{Card: &play{t: t, fail: down, steps: [][2]string{{string(sel), "\x61\x02"}}}}
	if got, err := k.Transmit(t.Context(), sel, []byte("x")); err != down || string(got) != "x" {
		t.Errorf("transport: % X %v", got, err)
	}
	if _, err := k.Transmit(t.Context(), sel[:3], nil); err == nil {
		t.Error("three bytes accepted")
	}
}

// keeper keeps what it was sent, as a slice of the sender's.
type keeper struct {
	sent [][]byte
	fail error
}

func (k *keeper) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	k.sent = append(k.sent, cmd[:cap(cmd)])
	return append(dst, 0x90, 0), k.fail
}

// TestCompleterWipes has commands with data and Le, each longer than the one
// before, in one piece and in a chain, answered and not.
func TestCompleterWipes(t *testing.T) {
	req.Covers(t, "SPEC-APDU-074")
	for _, fail := range []error{nil, errors.New("reader gone")} {
		for _, chainAt := range []int{0, 20} {
			card := &keeper{fail: fail}
			k := Completer{Card: card, ChainAt: chainAt}
			for _, n := range []int{1, 3, 11, 27, 59, 123, 250} {
				cmd := Command{CLA: 0x80, INS: 0xD8, Data: bytes.Repeat([]byte{0xAB}, n), Ne: 256}
				raw, err := cmd.Append(nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := k.Transmit(t.Context(), raw, nil); err != fail {
					t.Fatal(err)
				}
			}
			if len(card.sent) < 7 {
				t.Errorf("%d commands", len(card.sent))
			}
			for i, b := range card.sent {
				if bytes.Contains(b, []byte{0xAB}) {
					t.Errorf("command %d, chain at %d, error %v: data stayed", i, chainAt, fail)
				}
			}
		}
	}
}

// The decorated card answers like the card itself, whatever length it has.
func TestCompleterOverT0(t *testing.T) {
	req.Covers(t, "SPEC-APDU-070")
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		data := bytes.Repeat([]byte{7}, n)
		card := cardFunc(func(Command) Response { return Response{Data: data, SW: iso7816.OK} })
		t0 := NewT0Card(nil, make([]byte, 600), nil)
		sim := &T0Simulation{Card: card, T0: t0}
		k := Completer{Card: tpduCard{sim}}
		cmd := Command{INS: 0xCB, Data: []byte{1}, Ne: 600, Extended: true}
		raw, _ := cmd.Append(nil)
		got, err := k.Transmit(t.Context(), raw, nil)
		if err != nil || len(got) != n+2 {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
}

// tpduCard maps each APDU to one TPDU, as a simple reader does.
type tpduCard struct{ pipe TPDUPipe }

func (c tpduCard) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	d, err := DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	t := TPDU{d.CLA, d.INS, d.P1, d.P2, byte(len(d.Data)), d.Data}
	if len(d.Data) == 0 {
		t.P3 = byte(d.Ne)
	}
	return c.pipe.Exchange(ctx, t, dst)
}
