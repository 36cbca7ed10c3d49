package transport

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/spec/req"
)

// Extended commands and responses: T=1 carries them in chains, T=0 in ENVELOPE
// and GET RESPONSE where card and reader are made for it.
func TestExtended(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-050", "SPEC-TRANSPORT-033")
	data := bytes.Repeat([]byte{1, 2, 3, 5, 7}, 150)
	long := append([]byte{0, 0xA4, 0x03, 0x20, 0, byte(len(data) >> 8), byte(len(data))}, data...)
	long = append(long, 0x03, 0x20) // 800 bytes back
	for protocol := range byte(2) {
		s := build(t, answer(t, func(p *atr.Params) { p.Protocols, p.IFSC = []byte{protocol}, 100 }), func(c *Config) {
			c.Options.EnvelopeBytes, c.Options.ExtendedNe = 2000, true
		})
		if got := s.send(t, long); !bytes.Equal(got, want(long)) || len(got) != 802 || !bytes.Equal(s.fake.last, long) {
			t.Errorf("T=%d: %d bytes", protocol, len(got))
		}
		if got := s.send(t, unhex("00B00320000320")); !bytes.Equal(got, want(unhex("00B00320000320"))) || len(got) != 802 {
			t.Errorf("T=%d: %d bytes to READ BINARY", protocol, len(got))
		}
	}
	s := build(t, answer(t, onT0), func(c *Config) { c.Reader.T0.NoEnvelope = true })
	if _, err := s.Transmit(context.Background(), long, nil); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without ENVELOPE: %v", err)
	}
	if got := s.send(t, unhex("00A40000")); !bytes.Equal(got, unhex("9000")) {
		t.Errorf("after a command that can't travel: %X", got)
	}
}

// What T=0 can't carry as a response is 6F00, and what is no status word.
func TestResponsesThatCannotTravel(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-031")
	s := build(t, answer(t, onT0), func(c *Config) { c.Options.ResponseBytes = 10 })
	if got := s.send(t, unhex("00B0001400")); !bytes.Equal(got, unhex("6F00")) {
		t.Errorf("more than can wait: %X", got)
	}
	for _, sw := range []string{"6000", "1234", "00", ""} {
		odd := build(t, answer(t, onT0), func(c *Config) { c.Card = &fixed{fake: c.Card.(*fake), response: unhex(sw)} })
		if got := odd.send(t, unhex("00A40000")); !bytes.Equal(got, unhex("6F00")) {
			t.Errorf("%s: %X", sw, got)
		}
	}
}

// fixed answers always the same.
type fixed struct {
	*fake
	response []byte
}

func (f *fixed) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	return append(dst, f.response...), nil
}

// The events of the line have direction, value, parity, convention and the etu,
// and their times follow each other.
func TestLineEvents(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-023", "SPEC-TRANSPORT-024")
	s := build(t, []byte{0x3F, 0x00}, recorded)
	from := len(s.recorder.Events)
	s.SetDisturber(func(index uint64, _ observe.Direction, _ byte) Disturbance { return Disturbance{Parity: index == 3} })
	s.send(t, unhex("00A40000"))
	var last uint64
	for i, e := range s.recorder.Events[from:] {
		b := e.(observe.LineByte)
		if b.Cycle <= last || b.ETU != 372 || !b.Inverse || b.Error != (i == 1) {
			t.Errorf("%d: %+v", i, b)
		}
		if i == 2 && b.Cycle-last != 13*372 {
			t.Errorf("the repetition begins %d cycles later", b.Cycle-last)
		}
		last = b.Cycle
	}
}

func FuzzBlock(f *testing.F) {
	f.Add(unhex("00400B00A4040006112233445566"+"9A"), false)
	f.Add(unhex("00C101FE3E"), false)
	f.Add(AppendBlock(nil, Block{0, 0x20, []byte{1, 2}}, true), true)
	f.Fuzz(func(t *testing.T, raw []byte, crc bool) {
		b, err := DecodeBlock(raw, crc)
		if err != nil {
			return
		}
		if again := AppendBlock(nil, b, crc); !bytes.Equal(again, raw) {
			t.Fatalf("%X is written as %X", raw, again)
		}
		kinds := 0
		for _, is := range []bool{b.IsI(), b.IsR(), b.IsS()} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Fatalf("%X is %d kinds of block", raw, kinds)
		}
	})
}
