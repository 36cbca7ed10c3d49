package transport

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// scripted is an end that sends its next piece of bytes whenever it has received
// as many characters as that piece waits for.
type scripted struct {
	port
	pieces []piece
	heard  []byte
	turn   uint64
}

type piece struct {
	after int // characters to receive before it
	bytes []byte
}

func newScripted(start uint64, pieces ...piece) *scripted {
	s := &scripted{pieces: pieces, turn: 372 * blockGuardETU}
	s.deadline, s.spacing, s.last = Never, 372*12, start
	s.proceed()
	return s
}

func (s *scripted) proceed() {
	if !s.sending() && len(s.pieces) > 0 && len(s.heard) >= s.pieces[0].after {
		s.begin(s.pieces[0].bytes, s.turn)
		s.pieces, s.heard = s.pieces[1:], nil
	}
}

func (s *scripted) Act(now uint64) (byte, bool) {
	b := s.emit(now)
	s.proceed()
	return b, true
}

func (s *scripted) Receive(c Character) {
	s.last = c.Start
	s.heard = append(s.heard, c.Value)
	s.proceed()
}

// against runs a reader against a scripted card, which answers the reset first.
func against(answer []byte, cmd []byte, o Reader, pieces ...piece) (response []byte, err error, steps int) {
	k := new(clock.Clock)
	card := newScripted(0, append([]piece{{0, answer}}, pieces...)...)
	reader := NewReaderEnd(Rate{}, o, 0)
	rates := timing{f: 372, d: 1, cpu: 1, line: 1}
	l := line{clock: k, reader: &rates, card: &rates}
	for ; ; steps++ {
		if ok, err := reader.Connected(); err != nil {
			return nil, err, steps
		} else if ok {
			break
		}
		l.step(reader, card, Never-1)
	}
	if err := reader.Start(cmd); err != nil {
		return nil, err, steps
	}
	for ; ; steps++ {
		response, ended, err := reader.Outcome()
		if ended {
			return response, err, steps
		}
		if !l.step(reader, card, Never-1) {
			return nil, errors.New("the reader waits for nothing"), steps
		}
	}
}

func TestBrokenT0(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-032", "SPEC-TRANSPORT-035", "SPEC-TRANSPORT-036")
	raw := answer(t, onT0)
	for _, c := range []struct {
		name, cmd string
		pieces    []piece
		want      error
		response  string
	}{
		{"a procedure byte that is none", "00B0000004", []piece{{5, unhex("12")}}, ErrProtocol, ""},
		{"data announced for a command without", "00A40000", []piece{{5, unhex("A4")}}, ErrProtocol, ""},
		{"more data than asked for", "00B0000002", []piece{{5, unhex("B00102B003")}}, ErrProtocol, ""},
		{"data asked for twice", "00D6000001AA", []piece{{5, unhex("D6")}, {1, unhex("D6")}}, ErrProtocol, ""},
		{"61xx for ever", "00A4000001AA04", []piece{{5, unhex("A4")}, {1, unhex("6104")}, {5, unhex("6104")}}, ErrProtocol, ""},
		{"half a status word", "00A40000", []piece{{5, unhex("90")}}, ErrMute, ""},
		{"half the data", "00B0000004", []piece{{5, unhex("B00102")}}, ErrMute, ""},
		{"NULL bytes", "00A40000", []piece{{5, unhex("60606060606060")}}, ErrEndless, ""},
		{"NULL bytes in patience", "00A40000", []piece{{5, unhex("6060609000")}}, nil, "9000"},
		{"refused before all data", "00D6000003AABBCC", []piece{{5, unhex("29")}, {1, unhex("6700")}}, nil, "6700"},
		{"mixed procedure bytes", "00D6000003AABBCC", []piece{{5, unhex("29")}, {1, unhex("60D6")}, {2, unhex("9000")}}, nil, "9000"},
		{"data byte by byte", "00B0000003", []piece{{5, unhex("4F01604F02B0036283")}}, nil, "0102036283"},
	} {
		got, err, _ := against(raw, unhex(c.cmd), Reader{MaxWaits: 5}, c.pieces...)
		if !errors.Is(err, c.want) || c.want == nil && !bytes.Equal(got, unhex(c.response)) {
			t.Errorf("%s: %X, %v; want %s, %v", c.name, got, err, c.response, c.want)
		}
	}
	if _, err, _ := against(raw, unhex("006400"), Reader{}); err == nil {
		t.Error("three bytes are a command")
	}
	if _, err, _ := against(raw, unhex("00640000"), Reader{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("INS 64: %v", err)
	}
}

// The published exchanges of TPDUs, byte by byte.
func TestPublishedT0(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-033")
	type tpdu struct{ TPDU, Answer vectors.Hex }
	type exchange struct {
		vectors.Header
		Command   vectors.Hex
		Exchanges []tpdu
		Response  vectors.Hex
		Card      bool
		Options   string
	}
	for _, v := range vectors.Load[exchange](t, "apdu-t0.json") {
		if v.Fail != "" {
			continue
		}
		o := Reader{T0: apdu.T0Options{GetResponseAfterOK: v.Options == "ok", GetResponseAfterWarning: v.Options == "warning"}}
		var pieces []piece
		for _, e := range v.Exchanges {
			out := e.Answer
			ins := []byte{e.TPDU[1]}
			switch n := len(e.Answer) - 2; {
			case n > 0 && n == int(e.TPDU[4]):
				out = append(ins, out...)
			case n > 0: // fewer than P3 go byte by byte
				out = nil
				for _, b := range e.Answer[:n] {
					out = append(out, ^e.TPDU[1], b)
				}
				out = append(out, e.Answer[n:]...)
			}
			if n := len(e.TPDU) - 5; n > 0 {
				pieces = append(pieces, piece{5, ins}, piece{n, out})
			} else {
				pieces = append(pieces, piece{5, out})
			}
		}
		got, err, _ := against(answer(t, onT0), v.Command, o, pieces...)
		if err != nil || !bytes.Equal(got, v.Response) {
			t.Errorf("%s: %X, %v; want %X", v.Name, got, err, v.Response)
		}
	}
}

func TestBrokenT1(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-042", "SPEC-TRANSPORT-051", "SPEC-TRANSPORT-052", "SPEC-TRANSPORT-058")
	raw := answer(t, onT1)
	ok := unhex("000002900092")
	for _, c := range []struct {
		name   string
		pieces []piece
		want   error
	}{
		{"wrong number, then the right one", []piece{{8, unhex("0040029000D2")}, {4, ok}}, nil},
		{"wrong number for ever", []piece{{8, unhex("0040029000D2")}, {4, unhex("0040029000D2")}, {4, unhex("0040029000D2")}, {4, unhex("0040029000D2")}, {4, unhex("00E000E0")}}, ErrResynchronised},
		{"answers to nothing", []piece{{8, unhex("00E30101E3")}, {4, unhex("00E101FE1E")}, {4, ok}}, nil},
		{"the card asks to resynchronise", []piece{{8, unhex("00C000C0")}, {4, ok}}, nil},
		{"the card changes its size", []piece{{8, unhex("00C10140" + "80")}, {5, ok}}, nil},
		{"sizes for ever", []piece{{8, unhex("00C1014080")}, {5, unhex("00C1014080")}, {5, unhex("00C1014080")}, {5, unhex("00C1014080")}, {4, unhex("00E000E0")}}, ErrResynchronised},
		{"NAD of somebody else", []piece{{8, unhex("110002900083")}, {4, ok}}, nil},
		{"a character too many", []piece{{8, append(bytes.Clone(ok), 0)}, {4, ok}}, nil},
		{"LEN 255", []piece{{8, unhex("0000FF")}, {4, ok}}, nil},
		{"abort", []piece{{8, unhex("00C200C2")}, {4, unhex("00800080")}}, ErrAborted},
		{"noise for ever", []piece{{8, bytes.Repeat([]byte{0x55}, 900)}}, ErrMute},
	} {
		got, err, _ := against(raw, unhex("00A40000"), Reader{IFSD: 32}, c.pieces...)
		if !errors.Is(err, c.want) || c.want == nil && !bytes.Equal(got, unhex("9000")) {
			t.Errorf("%s: %X, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// FuzzReader has a card send anything; the reader ends, in bounded time.
func FuzzReader(f *testing.F) {
	t0, t1 := answer(f, onT0), answer(f, onT1)
	f.Add(t0, unhex("00B0000004"), []byte{5, 7}, unhex("B0010203049000"))
	f.Add(t1, unhex("00A40000"), []byte{5, 5, 8, 6}, unhex("00E101FE1E000002900092"))
	f.Add(t1, unhex("00A4000004AABBCCDD00"), []byte{5, 5, 13, 5, 5, 6}, unhex("00E101FE1E00C30101C3000002900092"))
	f.Add(unhex("3B9795801F428031A073BE2115"+"8A"), unhex("00B0000004"), []byte{4, 4, 5, 7}, unhex("FF10957AB0010203049000"))
	f.Fuzz(func(t *testing.T, answer, cmd, cuts, data []byte) {
		if len(data) > 4000 || len(cmd) > 4000 {
			return
		}
		var pieces []piece
		for i := 0; i+1 < len(cuts) && len(data) > 0; i += 2 {
			n := min(int(cuts[i+1]), len(data))
			pieces = append(pieces, piece{int(cuts[i]), data[:n]})
			data = data[n:]
		}
		_, _, steps := against(answer, cmd, Reader{}, pieces...)
		// Each byte of the card's may be a request that is granted, and each
		// reader's TPDU or block is at most 260 characters.
		if steps > 10_000+600*(len(answer)+4000+len(cmd)) {
			t.Fatalf("%d steps", steps)
		}
	})
}

// TestCardTakesAnything and FuzzCard have a reader send anything to a card.
func TestCardTakesAnything(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-071", "SPEC-TRANSPORT-042")
	for _, a := range [][]byte{answer(t, onT0), answer(t, onT1)} {
		for _, b := range []string{"", "FF", "FF10", "FF11957B", "FF00FF", "00", "00A4000000", "FFFFFFFFFFFF", "00C000C0", "00E30101E3", "00820082", "00C200C2", "00C30101C3",
			"00200100" + "21", "000000", "00000000", "00A0000000A0", "00C101FF3F", "FF01FE00000400A40000A0", "FF017E"} {
			takes(t, a, unhex(b), 12)
		}
	}
}

func FuzzCard(f *testing.F) {
	t0, t1 := answer(f, onT0), answer(f, onT1)
	f.Add(t0, unhex("00B0000004"), uint16(12))
	f.Add(t0, unhex("00D6000004AABBCCDD00C0000004"), uint16(40))
	f.Add(t1, unhex("00C101FE3E00000400A40000A0"), uint16(30))
	f.Add(t1, unhex("002001002100C000C000400100"+"41"), uint16(300))
	f.Add(t0, unhex("FF10957A00A4000000"), uint16(12))
	f.Fuzz(func(t *testing.T, answer, data []byte, pace uint16) { takes(t, answer, data, pace) })
}

// takes sends data to a card, one character each pace etu or when the card is
// silent, and demands that it always comes to rest.
func takes(t *testing.T, answer, data []byte, pace uint16) {
	if len(data) > 2000 {
		return
	}
	k := new(clock.Clock)
	f := &fake{clock: k, on: true, work: 10_000}
	card, err := NewCardEnd(answer, Rate{}, CardOptions{CommandBytes: 600, ResponseBytes: 300, EnvelopeBytes: 300}, 400, func(cmd, dst []byte) ([]byte, error) {
		return f.Transmit(t.Context(), cmd, dst)
	})
	if err != nil {
		return
	}
	reader := &scripted{turn: 0}
	reader.deadline = Never
	rates := timing{f: 372, d: 1, cpu: 1, line: 1}
	l := line{clock: k, reader: &rates, card: &rates}
	for i := 0; ; {
		steps := 0
		for l.step(reader, card, k.Now()+372*uint64(pace)) {
			if steps++; steps > 70_000 {
				t.Fatal("the card does not come to rest")
			}
		}
		if i == len(data) {
			break
		}
		l.carry(data[i], observe.ToCard, card)
		i++
	}
	for steps := 0; l.step(reader, card, Never-1); steps++ {
		if steps > 70_000 {
			t.Fatal("the card does not come to rest")
		}
	}
	if k.Ledger().Sum() != k.Now() {
		t.Fatal(fmt.Sprint("ledger and clock differ"))
	}
}
