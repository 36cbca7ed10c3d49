package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/spec/req"
)

// pattern is disturbances by index of the character.
type pattern map[uint64]Disturbance

func (p pattern) disturb(index uint64, _ observe.Direction, _ byte) Disturbance { return p[index] }

// evenMasks change an even number of bits, so that parity does not show it; no
// exclusive or of some of them is 0, so that LRC does.
var evenMasks = []byte{0x03, 0x05, 0x09, 0x11, 0x21, 0x41, 0x81}

// drawCommand draws a command that both protocols carry, with its response.
func drawCommand(t *rapid.T, label string) []byte {
	n := rapid.IntRange(0, 300).Draw(t, label+" response")
	data := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, label+" data")
	cmd := []byte{0x00, 0xB0, byte(n >> 8), byte(n)}
	if len(data) > 0 {
		cmd[1] = 0xD6
		cmd = append(append(cmd, byte(len(data))), data...)
	}
	if n > 0 {
		cmd = append(cmd, 0)
	} else if len(data) == 0 {
		cmd[1] = 0xA4
	}
	return cmd
}

// exchanges sends commands over a disturbed line. Each is either executed once and
// answered rightly, or ends in an error of the line and was executed at most once.
func exchanges(t *rapid.T, s *setup, disturbed pattern) (failed int) {
	for i := range 3 {
		cmd := drawCommand(t, fmt.Sprint("command ", i))
		if i == 1 {
			s.SetDisturber(disturbed.disturb)
			s.line.index = 0
		}
		before := s.fake.executed
		got, err := s.Transmit(context.Background(), cmd, nil)
		ran := s.fake.executed - before
		if ran > 1 {
			t.Fatalf("command %d was executed %d times", i, ran)
		}
		if l := s.clock.Ledger(); l.Sum() != s.clock.Now() {
			t.Fatalf("ledger %d, clock %d", l.Sum(), s.clock.Now())
		}
		if err == nil {
			if ran != 1 || !bytes.Equal(got, want(cmd)) {
				t.Fatalf("command %d: %d executions, answered %X, want %X", i, ran, got, want(cmd))
			}
			continue
		}
		if failed++; i == 0 && err != ErrAborted {
			t.Fatalf("undisturbed: %v", err)
		}
		if errors.Is(err, ErrResynchronised) || errors.Is(err, ErrAborted) {
			continue
		}
		if !errors.Is(err, ErrMute) && !errors.Is(err, ErrProtocol) && !errors.Is(err, ErrParity) {
			t.Fatalf("command %d: %v", i, err)
		}
		if _, err := s.Transmit(context.Background(), cmd, nil); err != ErrOff {
			t.Fatalf("after an error: %v", err)
		}
		s.SetDisturber(nil)
		if _, err := s.Reset(context.Background(), false); err != nil {
			t.Fatalf("reset: %v", err)
		}
		if got, err := s.Transmit(context.Background(), cmd, nil); err != ErrAborted && (err != nil || !bytes.Equal(got, want(cmd))) {
			t.Fatalf("after reset: %X, %v", got, err)
		}
	}
	return failed
}

// Whatever happens to up to seven characters that check and parity can detect, no
// command is executed twice or answered wrongly over T=1.
func TestT1Disturbed(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-043", "SPEC-TRANSPORT-051", "SPEC-TRANSPORT-052", "SPEC-TRANSPORT-053", "SPEC-TRANSPORT-058", "SPEC-TRANSPORT-059")
	rapid.Check(t, func(t *rapid.T) {
		a := answerParams(t)
		s := buildT1(t, a)
		disturbed := pattern{}
		kinds := rapid.SampledFrom([]int{1, 2}).Draw(t, "kinds") // see divergence 4
		spread := rapid.SampledFrom([]int{5, 30, 120}).Draw(t, "spread")
		for i := range rapid.IntRange(0, 7).Draw(t, "errors") {
			at := uint64(rapid.IntRange(0, spread).Draw(t, "at"))
			switch kind := rapid.IntRange(0, 1).Draw(t, "kind") * kinds; kind {
			case 0:
				disturbed[at] = Disturbance{Parity: true}
			case 1:
				disturbed[at] = Disturbance{Flip: evenMasks[i]}
			default:
				disturbed[at] = Disturbance{Lost: true}
			}
		}
		exchanges(t, s, disturbed)
	})
}

// A few errors cost time, and nothing else: one or two are always survived.
func TestT1TwoErrorsAreSurvived(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-058")
	rapid.Check(t, func(t *rapid.T) {
		s := buildT1(t, answerParams(t))
		if s.cfg.Options.CommandBytes != 0 || s.cfg.Reader.MaxResponse < 1000 {
			t.Skip("a chain may be aborted")
		}
		disturbed := pattern{}
		for range rapid.IntRange(1, 2).Draw(t, "errors") {
			disturbed[uint64(rapid.IntRange(0, 60).Draw(t, "at"))] = Disturbance{Parity: true}
		}
		if failed := exchanges(t, s, disturbed); failed > 0 {
			t.Fatal("a command failed")
		}
	})
}

// answerParams draws the parameters of a card with T=1.
func answerParams(t *rapid.T) atr.Params {
	p := atr.Default()
	p.Protocols = []byte{1}
	p.IFSC = byte(rapid.SampledFrom([]int{5, 32, 254}).Draw(t, "IFSC"))
	p.N = rapid.SampledFrom([]byte{0, 2, 255}).Draw(t, "N")
	p.CWI = byte(rapid.IntRange(2, 6).Draw(t, "CWI"))
	p.BWI = byte(rapid.IntRange(0, 4).Draw(t, "BWI"))
	p.CRC = rapid.Bool().Draw(t, "CRC")
	return p
}

func buildT1(t *rapid.T, p atr.Params) *setup {
	raw, err := atr.Build(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	work := rapid.SampledFrom([]uint64{0, 1000, 3_000_000}).Draw(t, "work")
	limit := rapid.SampledFrom([]int{0, 0, 0, 20}).Draw(t, "limit of the card")
	most := rapid.SampledFrom([]int{0, 0, 0, 100}).Draw(t, "limit of the reader")
	ifsd := rapid.SampledFrom([]byte{6, 32, 254}).Draw(t, "IFSD")
	return build(t, raw, func(c *Config) {
		c.Card.(*fake).work = work
		c.Reader.IFSD, c.Reader.MaxResponse, c.Options.CommandBytes = ifsd, most, limit
	})
}

// In T=0 a receiver signals a wrong parity and the character is repeated: whatever
// number of parity errors there are, up to three in a row are survived, and more
// end in an error of the line.
func TestT0Disturbed(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-024", "SPEC-TRANSPORT-059")
	raw := answer(t, onT0)
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.SampledFrom([]uint64{0, 1000, 9_000_000}).Draw(t, "work")
		s := build(t, raw, func(c *Config) {
			c.Card.(*fake).work = work
			c.Options.ByteByByte = rapid.Bool().Draw(t, "byte by byte")
		})
		disturbed, longest := pattern{}, 0
		for range rapid.IntRange(0, 12).Draw(t, "errors") {
			at := uint64(rapid.IntRange(0, 40).Draw(t, "at"))
			disturbed[at] = rapid.SampledFrom([]Disturbance{{Parity: true}, {Flip: 0x80}, {Flip: 0x07}}).Draw(t, "error")
		}
		for at := range uint64(50) {
			run := 0
			for _, ok := disturbed[at]; ok; _, ok = disturbed[at+uint64(run)] {
				run++
			}
			longest = max(longest, run)
		}
		if failed := exchanges(t, s, disturbed); failed > 0 && longest <= repetitions {
			t.Fatalf("%d commands failed with at most %d errors in a row", failed, longest)
		}
	})
}

// Characters that get lost in T=0 end in an error of the line, or in the right
// answer, never in a second execution. (A card's characters only: T=0 has nothing
// that would tell data from procedure bytes when one of them is missing.)
func TestT0LostFromReader(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-035")
	for lost := range uint64(12) {
		s := build(t, answer(t, onT0), nil)
		s.SetDisturber(func(index uint64, to observe.Direction, _ byte) Disturbance {
			return Disturbance{Lost: to == observe.ToCard && index == lost}
		})
		s.line.index = 0
		got, err := s.Transmit(context.Background(), unhex("00D6000004AABBCCDD"), nil)
		if err == nil && !bytes.Equal(got, []byte{0x90, 0}) || err != nil && err != ErrMute || s.fake.executed > 1 {
			t.Errorf("character %d lost: %X, %v, executed %d times", lost, got, err, s.fake.executed)
		}
		if toCard := lost < 5 || lost >= 6 && lost < 10; (err == ErrMute) != toCard {
			t.Errorf("character %d lost: %v", lost, err)
		}
	}
}
