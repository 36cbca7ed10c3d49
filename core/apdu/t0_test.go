package apdu

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type t0Vector struct {
	vectors.Header
	Options   string      `json:"options"`
	Command   vectors.Hex `json:"command"`
	Exchanges []struct {
		TPDU   vectors.Hex `json:"tpdu"`
		Answer vectors.Hex `json:"answer"`
	} `json:"exchanges"`
	Response vectors.Hex `json:"response"`
	Card     bool        `json:"card"` // our card side gives the same answers
}

func (v *t0Vector) options() T0Options {
	return T0Options{GetResponseAfterOK: v.Options == "ok", GetResponseAfterWarning: v.Options == "warning"}
}

func tpduBytes(t TPDU) []byte {
	h := t.Header()
	return append(h[:], t.Data...)
}

// script is a pipe that plays a vector and checks what is sent to it.
type script struct {
	t *testing.T
	v *t0Vector
	n int
}

func (s *script) Exchange(_ context.Context, t TPDU, dst []byte) ([]byte, error) {
	if s.n == len(s.v.Exchanges) {
		return dst, errors.New("one TPDU too many: " + string(tpduBytes(t)))
	}
	e := s.v.Exchanges[s.n]
	s.n++
	if got := tpduBytes(t); !bytes.Equal(got, e.TPDU) {
		s.t.Errorf("TPDU %d: % X, want % X", s.n, got, []byte(e.TPDU))
	}
	return append(dst, e.Answer...), nil
}

func TestT0HostVectors(t *testing.T) {
	for _, v := range vectors.Load[t0Vector](t, "apdu-t0.json") {
		t.Run(v.Name, func(t *testing.T) {
			s := &script{t: t, v: &v}
			host := T0Terminal{Pipe: s, Options: v.options()}
			got, err := host.Transmit(t.Context(), v.Command, []byte("x"))
			if v.Fail != "" {
				var d *wire.DecodeError
				if !errors.As(err, &d) || d.Format != "R-TPDU" || len(got) != 1 {
					t.Errorf("% X, %v", got, err)
				}
				return
			}
			if err != nil || !bytes.Equal(got[1:], v.Response) || s.n != len(v.Exchanges) {
				t.Errorf("% X after %d TPDUs, %v", got, s.n, err)
			}
		})
	}
}

// cardFunc is an application: any function of a command.
type cardFunc func(c Command) Response

func (f cardFunc) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := DecodeCommand(cmd)
	if err != nil {
		return Response{SW: iso7816.WrongLength}.Append(dst), nil
	}
	return f(c).Append(dst), nil
}

func TestT0CardVectors(t *testing.T) {
	for _, v := range vectors.Load[t0Vector](t, "apdu-t0.json") {
		if !v.Card {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			calls := 0
			card := cardFunc(func(Command) Response {
				calls++
				r, _ := DecodeResponse(v.Response)
				return r
			})
			sim := &T0Simulation{Card: card, T0: NewT0Card(nil, make([]byte, 256), nil)}
			for i, e := range v.Exchanges {
				tpdu := TPDU{e.TPDU[0], e.TPDU[1], e.TPDU[2], e.TPDU[3], e.TPDU[4], e.TPDU[5:]}
				got, err := sim.Exchange(t.Context(), tpdu, nil)
				if err != nil || !bytes.Equal(got, e.Answer) {
					t.Errorf("TPDU %d: % X, want % X, %v", i+1, got, []byte(e.Answer), err)
				}
			}
			if calls != 1 {
				t.Errorf("the application was called %d times", calls)
			}
		})
	}
}

// Any command, through both sides of T=0, reaches the application once and
// brings back what a direct call would.
func TestT0Transparent(t *testing.T) {
	req.Covers(t, "SPEC-APDU-030", "SPEC-APDU-031", "SPEC-APDU-032", "SPEC-APDU-034", "SPEC-APDU-040",
		"SPEC-APDU-041", "SPEC-APDU-042", "SPEC-APDU-045", "SPEC-APDU-046")
	rapid.Check(t, func(t *rapid.T) {
		c := genT0Command(t)
		raw, err := c.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		want := Response{SW: rapid.SampledFrom([]iso7816.SW{0x9000, 0x6282, 0x6310, 0x63C2, 0x6A82, 0x9110}).Draw(t, "SW")}
		if !(want.SW.SW1() == 0x6A) && c.Ne > 0 {
			n := rapid.OneOf(rapid.IntRange(0, c.Ne), rapid.Just(c.Ne), rapid.SampledFrom([]int{1, 255, 256, 257, 512})).Draw(t, "length")
			want.Data = bytes.Repeat([]byte{0x5A, 1, 2}, n)[:min(n, c.Ne)]
		}
		calls := 0
		card := cardFunc(func(got Command) Response {
			calls++
			if got.CLA != c.CLA || got.INS != c.INS || got.P1 != c.P1 || got.P2 != c.P2 || !bytes.Equal(got.Data, c.Data) {
				t.Fatalf("the application got %+v", got)
			}
			return want
		})
		read := DefaultDirection
		if len(c.Data) == 0 && c.Ne > 0 {
			read = func(Class, byte, byte, byte) Direction { return FromCard }
		} else if len(c.Data) == 0 || len(c.Data) <= 255 {
			read = func(Class, byte, byte, byte) Direction { return ToCard }
		}
		t0 := NewT0Card(read, make([]byte, MaxExtendedNe), make([]byte, 1200))
		t0.ExtendedNe = c.Ne > MaxShortNe
		host := T0Terminal{Pipe: &T0Simulation{Card: card, T0: t0}}
		got, err := host.Transmit(t.Context(), raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Append(nil)) {
			t.Fatalf("%s: got %d bytes SW % X, want %d bytes", c.Case(), len(got), got[len(got)-2:], len(want.Data)+2)
		}
		if calls != 1 || t0.Pending() {
			t.Fatalf("%d calls, pending %t", calls, t0.Pending())
		}
	})
}

func genT0Command(t *rapid.T) Command {
	c := genCommand(t)
	for !iso7816.ValidINS(c.INS) || c.INS == iso7816.INSGetResponse || c.INS == iso7816.INSEnvelope {
		c.INS = rapid.Byte().Draw(t, "another INS")
	}
	if c.Ne > 2000 {
		c.Ne = 2000
	}
	return c
}

func TestT0CardRules(t *testing.T) {
	req.Covers(t, "SPEC-APDU-033", "SPEC-APDU-042", "SPEC-APDU-043", "SPEC-APDU-044", "SPEC-APDU-047")
	buf := make([]byte, 8)
	secret := []byte{1, 2, 3, 4, 5}
	card := cardFunc(func(c Command) Response {
		switch {
		case c.P1 == 1:
			return Response{Data: make([]byte, 9), SW: iso7816.OK}
		case c.P1 == 2:
			return Response{SW: iso7816.SW(0x6100) | iso7816.SW(len(c.Data))} // shows what arrived
		}
		return Response{Data: secret, SW: iso7816.OK}
	})
	sim := &T0Simulation{Card: card, T0: NewT0Card(nil, buf, nil)}
	send := func(want string, b ...byte) {
		t.Helper()
		got, err := sim.Exchange(t.Context(), TPDU{b[0], b[1], b[2], b[3], b[4], b[5:]}, nil)
		if string(got) != want || err != nil {
			t.Errorf("% X: % X %v, want % X", b, got, err, want)
		}
	}
	send("\x6D\x00", 0, 0xC0, 0, 0, 5) // nothing waits
	send("\x61\x05", 0, 0xA4, 4, 0, 1, 0xA0)
	send("\x6A\x86", 0, 0xC0, 1, 0, 5)
	send("\x01\x02\x61\x03", 0, 0xC0, 0, 0, 2) // the response is still there
	send("\x6C\x03", 0, 0xC0, 0, 0, 0)
	send("\x6C\x03", 0, 0xC0, 0, 0, 4)
	send("\x03\x04\x05\x90\x00", 0x80, 0xC0, 0, 0, 3) // any class of the channel
	send("\x6D\x00", 0, 0xC0, 0, 0, 1)
	send("\x61\x05", 0, 0xA4, 4, 0, 1, 0xA0)
	send("\x6D\x00", 1, 0xC0, 0, 0, 5) // another channel's
	send("\x6D\x00", 0, 0xC0, 0, 0, 5) // and gone
	send("\x61\x05", 0, 0xA4, 4, 0, 1, 0xA0)
	send("\x61\x00", 0, 0xA4, 2, 0, 0) // another command
	send("\x6D\x00", 0, 0xC0, 0, 0, 5)
	if !bytes.Equal(buf, make([]byte, 8)) {
		t.Errorf("not wiped: % X", buf)
	}
	send("\x61\x08", 0x84, 0xCA, 2, 0xE0, 8, 1, 2, 3, 4, 5, 6, 7, 8) // GET DATA with its C-MAC
	send("\x61\x08", 0xE0, 0xCA, 2, 0xE0, 8, 1, 2, 3, 4, 5, 6, 7, 8) // the same on channel 4
	send("\x6F\x00", 0, 0xA4, 1, 0, 0)                               // longer than the buffer
	send("\x6D\x00", 0, 0x6A, 0, 0, 0)                               // no instruction
	send("\x67\x00", 0, 0xA4, 0, 0, 3, 1)                            // data missing
	send("\x67\x00", 0, 0xB0, 0, 0, 1, 1)                            // data with a reading instruction
	send("\x61\x00", 0, 0x20, 2, 0, 0)                               // VERIFY without data
	send("\x6C\x05", 0, 0xB0, 0, 0, 0)                               // READ BINARY
	send("\x6C\x05", 0, 0xB0, 0, 1, 0)                               // another header is another command
	send("\x01\x02\x61\x03", 0, 0xB0, 0, 0, 2)                       // not the P3 that was asked for: read anew
	send("\x61\x05", 0x80, 0xF2, 0x40, 2, 1, 0)                      // GET STATUS takes data
	send("\x6C\x05", 0x80, 0xF2, 0x00, 0, 0x10)                      // STATUS does not
	send("\x6C\x05", 0x80, 0x12, 0x00, 0, 0x10)                      // FETCH
	send("\x6C\x05", 0x00, 0x70, 0x00, 0, 0x10)                      // MANAGE CHANNEL open
	send("\x61\x05", 0x00, 0x70, 0x80, 1, 0x00)                      // MANAGE CHANNEL close
	send("\x61\x05", 0x00, 0xC2, 0x00, 0, 1, 0x00)                   // without a buffer ENVELOPE is the application's
	sim.T0.Reset()
	if sim.T0.Pending() {
		t.Error("pending after Reset")
	}
}

// Only the very same header is served from what waits after 6Cxx.
func TestT0CardRepeats(t *testing.T) {
	req.Covers(t, "SPEC-APDU-040", "SPEC-APDU-046")
	for i := range 4 {
		calls := byte(0)
		card := cardFunc(func(Command) Response {
			calls++
			return Response{Data: []byte{calls}, SW: iso7816.OK}
		})
		read := func(Class, byte, byte, byte) Direction { return FromCard }
		sim := &T0Simulation{Card: card, T0: NewT0Card(read, make([]byte, 8), nil)}
		exchange := func(h [5]byte) string {
			got, err := sim.Exchange(t.Context(), TPDU{h[0], h[1], h[2], h[3], h[4], nil}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return string(got)
		}
		h := [5]byte{0x00, 0xB0, 0, 0, 2}
		first := exchange(h)
		h[4] = 1
		if got := exchange(h); first != "\x6C\x01" || got != "\x01\x90\x00" || calls != 1 {
			t.Errorf("% X, % X after %d calls", first, got, calls)
		}
		h[4] = 2
		exchange(h)
		h[4] = 1
		h[i] += 2
		if got := exchange(h); got != "\x03\x90\x00" {
			t.Errorf("byte %d of the header changed: % X", i, got)
		}
	}
}

func TestT0Envelope(t *testing.T) {
	req.Covers(t, "SPEC-APDU-031", "SPEC-APDU-045")
	var got Command
	card := cardFunc(func(c Command) Response {
		got = c
		got.Data = bytes.Clone(c.Data)
		return Response{SW: iso7816.OK}
	})
	env := make([]byte, 16)
	sim := &T0Simulation{Card: card, T0: NewT0Card(nil, make([]byte, 8), env)}
	send := func(want string, b ...byte) {
		t.Helper()
		got, err := sim.Exchange(t.Context(), TPDU{b[0], b[1], b[2], b[3], b[4], b[5:]}, nil)
		if string(got) != want || err != nil {
			t.Errorf("% X: % X %v, want % X", b, got, err, want)
		}
	}
	send("\x90\x00", 0, 0xC2, 0, 0, 6, 0x80, 0xE2, 0x80, 0, 0, 0)
	send("\x90\x00", 0, 0xC2, 0, 0, 3, 2, 0xAA, 0xBB)
	send("\x90\x00", 0, 0xC2, 0, 0, 0)
	if got.INS != 0xE2 || !bytes.Equal(got.Data, []byte{0xAA, 0xBB}) || !got.Extended {
		t.Errorf("the application got %+v", got)
	}
	if !bytes.Equal(env, make([]byte, 16)) {
		t.Errorf("not wiped: % X", env)
	}
	send("\x67\x00", 0, 0xC2, 0, 0, 0) // an end without a beginning
	send("\x90\x00", 0, 0xC2, 0, 0, 2, 0x80, 0xE2)
	send("\x67\x00", 0, 0xC2, 0, 0, 0) // no APDU
	send("\x67\x00", append([]byte{0, 0xC2, 0, 0, 17}, make([]byte, 17)...)...)
	send("\x90\x00", 0, 0xC2, 0, 0, 2, 0x80, 0xE2)
	send("\x90\x00", 0, 0xA4, 0, 0, 0) // another command ends the sequence
	send("\x67\x00", 0, 0xC2, 0, 0, 0)
	if (&T0Host{}).Begin(&Command{Data: make([]byte, 256)}, nil, T0Options{NoEnvelope: true}) == nil {
		t.Error("256 bytes accepted without ENVELOPE")
	}
	if (&T0Host{}).Begin(&Command{INS: 0x6C}, nil, T0Options{}) == nil {
		t.Error("INS 6C accepted")
	}
}

// A card that breaks T=0 gives an error, and never an endless exchange.
func TestT0HostRefuses(t *testing.T) {
	req.Covers(t, "SPEC-APDU-036")
	for name, c := range map[string]struct {
		cmd     Command
		answers []string
	}{
		"data for case 3":                {Command{Data: []byte{1}}, []string{"\x00\x90\x00"}},
		"data for case 1":                {Command{}, []string{"\x00\x90\x00"}},
		"more than P3":                   {Command{Ne: 2}, []string{"\x00\x00\x00\x90\x00"}},
		"61xx again and again":           {Command{Data: []byte{1}, Ne: 9}, []string{"\x61\x05", "\x61\x05"}},
		"more than GET RESPONSE asked":   {Command{Data: []byte{1}, Ne: 9}, []string{"\x61\x01", "\x00\x00\x90\x00"}},
		"an answer when nothing is sent": {Command{}, []string{"\x90\x00", "\x90\x00"}},
	} {
		var h T0Host
		if err := h.Begin(&c.cmd, nil, T0Options{}); err != nil {
			t.Fatal(err)
		}
		for i, a := range c.answers {
			r, _ := DecodeResponse([]byte(a))
			_, err := h.Receive(r)
			var d *wire.DecodeError
			if last := i == len(c.answers)-1; last != errors.As(err, &d) || last && d.Format != "R-TPDU" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	h := T0Host{}
	h.Begin(&Command{Ne: 10}, nil, T0Options{})
	h.Receive(Response{SW: 0x6C05})
	h.Receive(Response{SW: 0x6C06})
	if _, more := h.Next(); more || h.SW() != 0x6C06 {
		t.Errorf("a second 6Cxx: more %t, SW %04X", more, uint16(h.SW()))
	}
	h.Begin(&Command{Ne: 4}, nil, T0Options{})
	h.Receive(Response{SW: 0x6C05})
	if _, more := h.Next(); more || h.SW() != 0x6C05 {
		t.Errorf("6Cxx for more than Ne: more %t, SW %04X", more, uint16(h.SW()))
	}
}

func TestT0AllocatesNothing(t *testing.T) {
	ctx := t.Context()
	answer := make([]byte, 0, 300)
	data := make([]byte, 38)
	card := rawCard(func(cmd, dst []byte) []byte { return Response{Data: data, SW: iso7816.OK}.Append(dst) })
	host := T0Terminal{Pipe: &T0Simulation{Card: card, T0: NewT0Card(nil, make([]byte, 256), nil)}}
	whole := Completer{Card: card}
	sel := []byte("\x00\xA4\x04\x00\x07\xA0\x00\x00\x01\x51\x00\x00\x00")
	n := testing.AllocsPerRun(100, func() {
		answer, _ = host.Transmit(ctx, sel, answer[:0])
		answer, _ = whole.Transmit(ctx, sel, answer[:0])
	})
	if n != 0 || len(answer) != 40 {
		t.Errorf("%v allocations, %d bytes", n, len(answer))
	}
}

type rawCard func(cmd, dst []byte) []byte

func (f rawCard) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	return f(cmd, dst), nil
}

// FuzzT0Card sends any TPDUs: no panic, no more data than P3, no more calls
// than TPDUs, and after a reset nothing waits.
func FuzzT0Card(f *testing.F) {
	f.Add([]byte("\x00\xA4\x04\x00\x01\xA0\x00\xC0\x00\x00\x05"), byte(5))
	f.Add([]byte("\x00\xB0\x00\x00\x00\x00\xB0\x00\x00\x05"), byte(5))
	f.Add([]byte("\x00\xC2\x00\x00\x05\x00\xA4\x00\x00\x01\x00\xC2\x00\x00\x00"), byte(0))
	f.Fuzz(func(t *testing.T, in []byte, length byte) {
		t0 := NewT0Card(nil, make([]byte, 300), make([]byte, 64))
		for len(in) >= 5 {
			tpdu := TPDU{in[0], in[1], in[2], in[3], in[4], nil}
			n := min(t0.Incoming(tpdu.Header()), len(in)-5)
			tpdu.Data, in = in[5:5+n], in[5+n:]
			cmd, dispatch, answer := t0.Receive(tpdu)
			if dispatch {
				if _, err := cmd.Append(nil); err != nil {
					t.Fatal(err)
				}
				answer = t0.Respond(Response{Data: make([]byte, int(length)*2), SW: iso7816.OK})
			}
			if !answer.SW.Valid() || len(answer.Data) > tpdu.Ne() || len(tpdu.Data) > 0 && len(answer.Data) > 0 {
				t.Fatalf("% X: %d bytes, SW %04X", tpdu.Header(), len(answer.Data), uint16(answer.SW))
			}
		}
		t0.Reset()
		if t0.Pending() {
			t.Fatal("pending after Reset")
		}
	})
}

// FuzzT0Host plays any card: the exchange ends, and no more than Ne bytes come
// back, or the host reports the fault.
func FuzzT0Host(f *testing.F) {
	f.Add([]byte("\x00\xA4\x04\x00\x01\xA0\x00"), []byte("\x00\x61\x05\x05\x90\x00"), byte(0))
	f.Add([]byte("\x00\xB0\x00\x00\x00"), []byte("\x00\x6C\x05\x05\x90\x00"), byte(3))
	f.Fuzz(func(t *testing.T, raw, answers []byte, opt byte) {
		cmd, err := DecodeCommand(raw)
		if err != nil {
			return
		}
		var h T0Host
		if h.Begin(&cmd, raw, T0Options{GetResponseAfterOK: opt&1 != 0, GetResponseAfterWarning: opt&2 != 0}) != nil {
			return
		}
		got := 0
		for range len(raw) + cmd.Ne*2 + 8 {
			tpdu, more := h.Next()
			if !more {
				if got > cmd.Ne {
					t.Fatalf("%d bytes, Ne %d", got, cmd.Ne)
				}
				return
			}
			if len(tpdu.Data) > 0 && len(tpdu.Data) != int(tpdu.P3) {
				t.Fatalf("P3 %02X with %d bytes", tpdu.P3, len(tpdu.Data))
			}
			r := Response{SW: iso7816.OK}
			if len(answers) >= 3 {
				r = Response{Data: make([]byte, answers[0]), SW: iso7816.SW(answers[1])<<8 | iso7816.SW(answers[2])}
				answers = answers[3:]
			}
			data, err := h.Receive(r)
			if err != nil {
				return
			}
			got += len(data)
		}
		t.Fatal("the exchange does not end")
	})
}
