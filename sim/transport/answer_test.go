package transport

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"
)

func TestAnswerOfParameters(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-006")
	rapid.Check(t, func(t *rapid.T) {
		p := atr.Default()
		p.FI, p.DI = byte(rapid.IntRange(0, 15).Draw(t, "FI")), byte(rapid.IntRange(0, 15).Draw(t, "DI"))
		p.N, p.WI = rapid.Byte().Draw(t, "N"), rapid.Byte().Draw(t, "WI")
		p.Protocols = rapid.SampledFrom([][]byte{{0}, {1}, {0, 1}, {1, 0}}).Draw(t, "protocols")
		if p.Specific = rapid.Bool().Draw(t, "specific"); p.Specific {
			p.Protocol, p.Implicit = p.Protocols[0], rapid.Bool().Draw(t, "implicit")
		}
		if slices.Contains(p.Protocols, 1) {
			p.IFSC, p.CRC = rapid.Byte().Draw(t, "IFSC"), rapid.Bool().Draw(t, "CRC")
			p.BWI, p.CWI = byte(rapid.IntRange(0, 15).Draw(t, "BWI")), byte(rapid.IntRange(0, 15).Draw(t, "CWI"))
		}
		if rapid.Bool().Draw(t, "supply") {
			p.Supply = atr.Some(rapid.Byte().Draw(t, "classes"))
		}
		historical := rapid.SliceOfN(rapid.Byte(), 0, 15).Draw(t, "historical")
		a, err := atr.New(p, historical)
		if (err == nil) != (p.Check() == nil) {
			t.Fatalf("New: %v, Check: %v", err, p.Check())
		}
		if err != nil {
			return
		}
		raw, err := a.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := atr.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Params()
		if diff := cmp.Diff(p, got); err != nil || diff != "" || !bytes.Equal(b.Historical, historical) {
			t.Fatalf("%X: %v, %s", raw, err, diff)
		}
	})
}

// selection is a reset with PPS or without.
type selection struct {
	name   string
	card   func(*atr.Params)
	reader Reader
	fixed  bool
	line   string // after the answer to reset
	etu    uint64 // in clocks
	t      byte
}

func TestSelection(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-010", "SPEC-TRANSPORT-012", "SPEC-TRANSPORT-013", "SPEC-TRANSPORT-014")
	fast := func(p *atr.Params) { p.FI, p.DI = 9, 5 }
	both := func(p *atr.Params) { p.FI, p.DI, p.Protocols = 9, 6, []byte{0, 1} }
	for _, c := range []selection{
		{"first offer, default rate", onT0, Reader{}, false, "", 372, 0},
		{"indicated rate", fast, Reader{}, false, " > FF10957A < FF10957A", 32, 0},
		{"rate refused", fast, Reader{}, true, " > FF10957A < FF00FF", 372, 0},
		{"default rate kept", fast, Reader{KeepRate: true}, false, "", 372, 0},
		{"second offer", both, Reader{Protocol: WantT1, KeepRate: true}, false, " > FF01FE < FF01FE", 372, 1},
		{"second offer, indicated rate", both, Reader{Protocol: WantT1}, false, " > FF119678 < FF119678", 16, 1},
		{"protocol not offered", fast, Reader{Protocol: WantT1}, false, " > FF10957A < FF10957A", 32, 0},
		{"specific mode", func(p *atr.Params) { both(p); p.Specific, p.Protocol = true, 1 }, Reader{}, false, "", 16, 1},
		{"specific mode, implicit rate", func(p *atr.Params) { both(p); p.Specific, p.Implicit = true, true }, Reader{}, false, "", 372, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := answer(t, c.card)
			s := build(t, raw, func(cfg *Config) { recorded(cfg); cfg.Reader = c.reader; cfg.Options.FixedRate = c.fixed })
			if line := s.lineBytes(len(raw)); line != c.line[min(len(c.line), 1):] {
				t.Errorf("line %s, want %s", line, c.line)
			}
			if s.Protocol() != c.t || s.fake.protocol != c.t {
				t.Errorf("T=%d, the card is told T=%d, want T=%d", s.Protocol(), s.fake.protocol, c.t)
			}
			for range 2 {
				if got := s.send(t, unhex("00B0000400")); !bytes.Equal(got, unhex("B0B7BEC59000")) {
					t.Errorf("response %X", got)
				}
			}
			if s.ETU() != c.etu {
				t.Errorf("an etu of %d clocks, want %d", s.ETU(), c.etu)
			}
		})
	}
}

// A reset fails on an answer that is damaged, late, missing or unusable, and on a
// PPS that goes wrong; the card is then without power.
func TestResetFails(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-010", "SPEC-TRANSPORT-011", "SPEC-TRANSPORT-013", "SPEC-TRANSPORT-015")
	good := answer(t, func(p *atr.Params) { p.FI, p.DI = 9, 5 })
	n := uint64(len(good))
	blocks := answer(t, func(p *atr.Params) { p.FI, p.DI, p.Protocols = 9, 5, []byte{1} })
	for _, c := range []struct {
		name    string
		answer  []byte
		disturb pattern
		boot    uint64
		want    error
	}{
		{"no answer", good, pattern{0: {Lost: true}, 1: {Lost: true}, 2: {Lost: true}, 3: {Lost: true}, 4: {Lost: true}, 5: {Lost: true}, 6: {Lost: true}, 7: {Lost: true}}, 0, ErrATR},
		{"a character missing", good, pattern{3: {Lost: true}}, 0, ErrATR},
		{"parity error of a card without T=0", blocks, pattern{3: {Parity: true}}, 0, ErrParity},
		{"parity error four times", good, pattern{3: {Parity: true}, 4: {Parity: true}, 5: {Parity: true}, 6: {Parity: true}}, 0, ErrParity},
		{"wrong TS", good, pattern{0: {Flip: 0x05}}, 0, ErrATR},
		{"reserved FI", good, pattern{2: {Flip: 0xE1}}, 0, ErrATR},
		{"late", good, nil, 40_001, ErrATR},
		{"PPS check wrong", good, pattern{n + 3: {Flip: 0x03}}, 0, ErrPPS},
		{"PPS answer missing", good, pattern{n + 7: {Lost: true}}, 0, ErrPPS},
		{"PPS answer different", good, pattern{n + 6: {Flip: 0x03}, n + 7: {Flip: 0x03}}, 0, ErrPPS},
		{"PPS for a protocol not offered", good, pattern{n + 1: {Flip: 0x03}, n + 3: {Flip: 0x03}}, 0, ErrPPS},
	} {
		k := new(clock.Clock)
		f := &fake{clock: k, atr: c.answer, boot: c.boot}
		s, err := New(Config{Card: f, Clock: k, Disturb: c.disturb.disturb, Reader: Reader{StrictAnswer: true}, Observer: &observe.Recorder{}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reset(context.Background(), true); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if f.on {
			t.Errorf("%s: the card still has power", c.name)
		}
		if _, err := s.Transmit(context.Background(), unhex("00A40000"), nil); err != ErrOff {
			t.Errorf("%s: then %v", c.name, err)
		}
		s.SetDisturber(nil)
		if f.boot = 0; c.boot == 0 {
			if _, err := s.Reset(context.Background(), false); err != nil {
				t.Errorf("%s: the next reset: %v", c.name, err)
			}
		}
	}
}

// Up to three repetitions of a character are no reason to refuse an answer.
func TestAnswerRepeated(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-024")
	build(t, answer(t, onT0), func(c *Config) {
		c.Disturb = pattern{2: {Parity: true}, 3: {Flip: 1}, 4: {Parity: true}}.disturb
	})
}

func TestNewRefuses(t *testing.T) {
	k := new(clock.Clock)
	for _, c := range []Config{{}, {Card: &fake{}}, {Card: &fake{}, Clock: k, Rate: Rate{CPUHz: 1}}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v makes a terminal", c)
		}
	}
	s, _ := New(Config{Card: &fake{clock: k, atr: []byte{0x3B, 0x01}}, Clock: k})
	if _, err := s.Reset(context.Background(), false); err == nil || s.ETU() != 0 || s.Protocol() != 0 {
		t.Errorf("a card with half an answer: %v", err)
	}
	if _, err := s.Transmit(context.Background(), nil, nil); err != ErrOff {
		t.Error(err)
	}
}
