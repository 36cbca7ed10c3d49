package transport

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is a line of transport.json; its kind says which fields it has.
type vector struct {
	vectors.Header
	Kind string      `json:"kind"` // atr, block, crc, pps, exchange
	Raw  vectors.Hex `json:"raw"`

	FI, DI, N, IFSC, BWI, CWI, Supply byte
	Protocols                         []int
	Specific                          bool
	Historical                        vectors.Hex

	NAD, PCB    byte
	Information vectors.Hex
	CRC         bool
	Check       vectors.Hex

	Protocol, Rate byte
	WithRate       bool

	Command, Response vectors.Hex
	Line              string   // what is on the line
	Error             string   // how the command ends
	Parity, Lost      []uint64 // characters, from the command's first on
	Work              uint64   // cycles
	Dead              bool     // the card does not answer
	ByteByByte        bool
	IFSD, WTX         byte
	Limit, Most       int // longest command of the card, longest response of the reader
}

func load(t *testing.T, kind string) []vector {
	return slices.DeleteFunc(vectors.Load[vector](t, "transport.json"), func(v vector) bool { return v.Kind != kind })
}

var lineErrors = map[string]error{"mute": ErrMute, "parity": ErrParity, "resynchronised": ErrResynchronised, "aborted": ErrAborted}

func TestVectorExchanges(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-024", "SPEC-TRANSPORT-030", "SPEC-TRANSPORT-031", "SPEC-TRANSPORT-032", "SPEC-TRANSPORT-033", "SPEC-TRANSPORT-034",
		"SPEC-TRANSPORT-035", "SPEC-TRANSPORT-050", "SPEC-TRANSPORT-052", "SPEC-TRANSPORT-053", "SPEC-TRANSPORT-054", "SPEC-TRANSPORT-055",
		"SPEC-TRANSPORT-056", "SPEC-TRANSPORT-058", "SPEC-TRANSPORT-060", "SPEC-TRANSPORT-062")
	for _, v := range load(t, "exchange") {
		t.Run(v.Name, func(t *testing.T) { v.exchange(t) })
	}
}

func (v *vector) exchange(t *testing.T) {
	a := answer(t, func(p *atr.Params) {
		p.Protocols, p.CRC, p.CWI = []byte{v.Protocol}, v.CRC, 6
		if v.IFSC != 0 {
			p.IFSC = v.IFSC
		}
	})
	s := build(t, a, func(c *Config) {
		recorded(c)
		c.Card.(*fake).work = v.Work
		c.Options.ByteByByte, c.Options.WTX, c.Options.CommandBytes = v.ByteByByte, v.WTX, v.Limit
		c.Reader.IFSD, c.Reader.MaxResponse = 32, v.Most
		if v.IFSD != 0 {
			c.Reader.IFSD = v.IFSD
		}
	})
	if v.Dead {
		s.fake.fail = errors.New("stuck")
	}
	s.SetDisturber(func(index uint64, _ observe.Direction, _ byte) Disturbance {
		return Disturbance{Lost: slices.Contains(v.Lost, index), Parity: slices.Contains(v.Parity, index)}
	})
	s.line.index = 0
	from := len(s.recorder.Events)
	got, err := s.Transmit(context.Background(), v.Command, nil)
	if !errors.Is(err, lineErrors[v.Error]) || v.Error == "" && err != nil {
		t.Errorf("error %v, want %q", err, v.Error)
	}
	if err == nil && (!bytes.Equal(got, want(v.Command)) || len(v.Response) > 0 && !bytes.Equal(got, v.Response)) {
		t.Errorf("response %X, want %X", got, v.Response)
	}
	if line := s.lineBytes(from); strings.ReplaceAll(v.Line, "|", "") != line {
		t.Errorf("line\n     %s\nwant %s", line, v.Line)
	}
}

func TestVectorATR(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-001", "SPEC-TRANSPORT-002", "SPEC-TRANSPORT-003", "SPEC-TRANSPORT-004", "SPEC-TRANSPORT-005")
	for _, v := range load(t, "atr") {
		t.Run(v.Name, func(t *testing.T) { v.atr(t) })
	}
}

func (v *vector) atr(t *testing.T) {
	a, err := atr.Decode(v.Raw)
	if v.Fail == "decode" {
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Format != "ATR" {
			t.Errorf("%v, want a DecodeError", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if again, err := a.Append(nil); err != nil || !bytes.Equal(again, v.Raw) {
		t.Errorf("encoded again %X, %v", again, err)
	}
	for n := range v.Raw {
		if _, err := atr.Decode(v.Raw[:n]); err == nil {
			t.Errorf("the first %d bytes are taken for an answer", n)
		}
		if length, known := atr.Length(v.Raw[:n]); known && length != len(v.Raw) || !known && length != n+1 {
			t.Errorf("by %d bytes it has %d (%v)", n, length, known)
		}
	}
	p, err := a.Params()
	if (err != nil) != (v.Fail == "params") {
		t.Fatalf("parameters: %v", err)
	}
	if err != nil {
		return
	}
	wanted := atr.Default()
	wanted.FI, wanted.DI, wanted.N, wanted.Specific = v.FI, v.DI, v.N, v.Specific
	if wanted.Protocols = nil; v.Specific {
		wanted.Protocol = byte(v.Protocols[0])
	}
	for _, o := range v.Protocols {
		wanted.Protocols = append(wanted.Protocols, byte(o))
	}
	if slices.Contains(v.Protocols, 1) {
		wanted.IFSC, wanted.BWI, wanted.CWI = v.IFSC, v.BWI, v.CWI
	}
	if v.Supply != 0 {
		wanted.Supply = atr.Some(v.Supply)
	}
	if diff := cmp.Diff(wanted, p); diff != "" || !bytes.Equal(a.Historical, v.Historical) {
		t.Errorf("historical bytes %X; parameters -want +got:\n%s", a.Historical, diff)
	}
}

func TestVectorBlocks(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-040", "SPEC-TRANSPORT-041", "SPEC-TRANSPORT-042")
	for _, v := range load(t, "block") {
		b, err := DecodeBlock(v.Raw, v.CRC)
		if v.Fail == "decode" {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Format != "T=1 block" {
				t.Errorf("%s: %v, want a DecodeError", v.Name, err)
			}
			continue
		}
		if err != nil || b.NAD != v.NAD || b.PCB != v.PCB || !bytes.Equal(b.Information, v.Information) {
			t.Errorf("%s: %+v, %v", v.Name, b, err)
		}
		if raw := AppendBlock(nil, b, v.CRC); !bytes.Equal(raw, v.Raw) {
			t.Errorf("%s: encoded again %X", v.Name, raw)
		}
		for n := range v.Raw {
			if _, err := DecodeBlock(v.Raw[:n], v.CRC); err == nil {
				t.Errorf("%s: the first %d bytes are taken for a block", v.Name, n)
			}
		}
		if _, err := DecodeBlock(append(slices.Clone([]byte(v.Raw)), 0), v.CRC); err == nil {
			t.Errorf("%s: a byte after it goes unnoticed", v.Name)
		}
	}
	for _, v := range load(t, "crc") {
		if c := CRC(v.Raw); !bytes.Equal([]byte{byte(c), byte(c >> 8)}, v.Check) {
			t.Errorf("%s: %04X", v.Name, c)
		}
	}
}

func TestVectorPPS(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-013")
	for _, v := range load(t, "pps") {
		if got := appendPPS(nil, v.Protocol, v.Rate, v.WithRate); !bytes.Equal(got, v.Raw) || ppsLength(got[1]) != len(got) {
			t.Errorf("%s: %X", v.Name, got)
		}
	}
}
