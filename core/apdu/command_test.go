package apdu

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type commandVector struct {
	vectors.Header
	Case   string      `json:"case"`
	Raw    vectors.Hex `json:"raw"`
	Head   vectors.Hex `json:"header"`
	Data   vectors.Hex `json:"data"`
	Ne     int         `json:"ne"`
	Path   string      `json:"path"`
	Offset int         `json:"offset"`
}

func TestCommandVectors(t *testing.T) {
	for _, v := range vectors.Load[commandVector](t, "apdu.json") {
		t.Run(v.Name, func(t *testing.T) {
			c, err := DecodeCommand(v.Raw)
			if v.Fail != "" {
				checkCommandFail(t, v, c, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := Command{CLA: v.Head[0], INS: v.Head[1], P1: v.Head[2], P2: v.Head[3], Data: v.Data, Ne: v.Ne, Extended: v.Case[len(v.Case)-1] == 'E'}
			if d := cmp.Diff(want, c, cmpopts.EquateEmpty()); d != "" {
				t.Fatal(d)
			}
			if c.Case().String() != v.Case {
				t.Errorf("case %s, want %s", c.Case(), v.Case)
			}
			enc, err := c.Append(nil)
			if err != nil || !bytes.Equal(enc, v.Raw) {
				t.Errorf("encodes to % X, %v", enc, err)
			}
			if c.Len() != len(v.Raw) {
				t.Errorf("Len %d, want %d", c.Len(), len(v.Raw))
			}
			for n := range v.Raw { // a cut command may be another one, never this one
				if short, err := DecodeCommand(v.Raw[:n]); err == nil && cmp.Equal(short, c, cmpopts.EquateEmpty()) {
					t.Errorf("cut to %d bytes: the same command", n)
				}
			}
			longer, err := DecodeCommand(append(v.Raw[:len(v.Raw):len(v.Raw)], 1))
			if err == nil && cmp.Equal(longer, c, cmpopts.EquateEmpty()) {
				t.Error("one more byte: the same command")
			}
		})
	}
}

func checkCommandFail(t *testing.T, v commandVector, c Command, err error) {
	t.Helper()
	var d *wire.DecodeError
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want a DecodeError", err)
	}
	class := map[string]string{"Data": "data", "": "end", "Lc": "length", "Le": "length"}[d.Path]
	if class == "" {
		class = "header"
	}
	if d.Format != "C-APDU" || d.Path != v.Path || d.Offset != v.Offset || class != v.Fail {
		t.Errorf("got %v (%s), want %s at %d (%s)", err, class, v.Path, v.Offset, v.Fail)
	}
	if d := cmp.Diff(Command{}, c); d != "" {
		t.Error("command not zero:", d)
	}
}

func genCommand(t *rapid.T) Command {
	c := Command{
		CLA: rapid.Byte().Draw(t, "CLA"), INS: rapid.Byte().Draw(t, "INS"),
		P1: rapid.Byte().Draw(t, "P1"), P2: rapid.Byte().Draw(t, "P2"),
		Extended: rapid.Bool().Draw(t, "extended"),
	}
	maxData, maxNe := MaxShortData, MaxShortNe
	if c.Extended {
		maxData, maxNe = 700, MaxExtendedNe
	}
	c.Data = rapid.SliceOfN(rapid.Byte(), 0, maxData).Draw(t, "data")
	c.Ne = rapid.IntRange(0, maxNe).Draw(t, "Ne")
	if len(c.Data) == 0 && c.Ne == 0 {
		c.Extended = false
	}
	return c
}

func TestCommandRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-APDU-001", "SPEC-APDU-002", "SPEC-APDU-003")
	rapid.Check(t, func(t *rapid.T) {
		want := genCommand(t)
		raw, err := want.Append(nil)
		if err != nil || len(raw) != want.Len() {
			t.Fatal(len(raw), want.Len(), err)
		}
		got, err := DecodeCommand(raw)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestAppendRefuses(t *testing.T) {
	req.Covers(t, "SPEC-APDU-008")
	for _, c := range []Command{
		{Data: make([]byte, 256)}, {Ne: 257}, {Ne: -1},
		{Data: make([]byte, 65536), Extended: true}, {Ne: 65537, Extended: true},
	} {
		if got, err := c.Append([]byte{7}); err == nil || len(got) != 1 {
			t.Errorf("Nc %d Ne %d extended %t: %d bytes", len(c.Data), c.Ne, c.Extended, len(got))
		}
	}
	c := Command{Data: make([]byte, 256)}
	if c.Fit(); !c.Extended {
		t.Error("256 bytes of data fit a short command")
	}
}

func TestDecodeResponse(t *testing.T) {
	req.Covers(t, "SPEC-APDU-009", "SPEC-APDU-050")
	for _, c := range []struct {
		raw  string
		data int
		sw   iso7816.SW
		err  error
	}{
		{"\x90\x00", 0, 0x9000, nil},
		{"\x6A\x82", 0, 0x6A82, iso7816.FileNotFound},
		{"\x01\x02\x03\x63\xC2", 3, 0x63C2, iso7816.Counter},
		{"\x61\x10", 0, 0x6110, nil},
		{"\xFF\xFF", 0, 0xFFFF, iso7816.SW(0xFFFF)},
	} {
		r, err := DecodeResponse([]byte(c.raw))
		if err != nil || len(r.Data) != c.data || r.SW != c.sw || !errors.Is(r.Err(), c.err) {
			t.Errorf("% X: %v %v", c.raw, r, err)
		}
		if got := r.Append(nil); string(got) != c.raw {
			t.Errorf("% X encodes to % X", c.raw, got)
		}
	}
	for n := range 2 {
		var d *wire.DecodeError
		if _, err := DecodeResponse(make([]byte, n)); !errors.As(err, &d) || d.Format != "R-APDU" || d.Path != "SW" {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func FuzzDecodeCommand(f *testing.F) {
	for _, v := range vectors.Load[commandVector](f, "apdu.json") {
		f.Add([]byte(v.Raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := DecodeCommand(raw)
		if err != nil {
			var d *wire.DecodeError
			if !errors.As(err, &d) || d.Offset < 0 || d.Offset > len(raw) {
				t.Fatal(err)
			}
			return
		}
		enc, err := c.Append(nil)
		if err != nil || !bytes.Equal(enc, raw) {
			t.Fatalf("% X encodes to % X, %v", raw, enc, err)
		}
		AppendCommandTrace(nil, raw, RevealData)
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte{0x90, 0})
	f.Add([]byte{1, 2, 0x63, 0xC2})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := DecodeResponse(raw)
		if (err != nil) != (len(raw) < 2) {
			t.Fatal(err)
		}
		if err == nil && !bytes.Equal(r.Append(nil), raw) {
			t.Fatalf("% X encodes to % X", raw, r.Append(nil))
		}
		AppendResponseTrace(nil, raw, HideData)
	})
}

// noTime leaves the time out of a log: its digits are not the data's.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// TestDataIsNotPrinted has the data ABAB…, 171 in decimal, q6ur in base64.
func TestDataIsNotPrinted(t *testing.T) {
	req.Covers(t, "SPEC-APDU-081")
	data := bytes.Repeat([]byte{0xAB}, 16)
	card := NewT0Card(nil, make([]byte, 99), nil)
	card.Receive(TPDU{INS: 0xDA})
	card.Respond(Response{Data: data, SW: iso7816.OK})
	held := NewReassembler(make([]byte, 99))
	held.Add(Command{CLA: 0x10, INS: 0xDA, Data: data})
	for _, c := range []struct {
		v    any
		want string
	}{
		{Command{INS: 0xA4, P1: 4, Data: data, Ne: 256}, "00A40400 (16 bytes, Ne 256)"},
		{&Command{CLA: 0x80, INS: 0xE2, Data: data, Extended: true}, "80E20000 (16 bytes, Ne 0, extended)"},
		{Response{Data: data, SW: 0x6310}, "6310 (16 bytes)"},
		{TPDU{INS: 0xA4, P3: 16, Data: data}, "00A4000010 (16 bytes)"},
		{*card, "T0Card(16 bytes wait, 0 of an ENVELOPE)"},
		{*held, "Reassembler(16 bytes)"},
	} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, noTime)).Info("", "v", c.v)
		slog.New(slog.NewJSONHandler(&log, noTime)).Info("", "v", c.v)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
			if got := fmt.Sprintf(verb, c.v); got != c.want {
				t.Errorf("%s: %q, want %q", verb, got, c.want)
			}
		}
		if s := strings.ToLower(log.String()); strings.Contains(s, "abab") || strings.Contains(s, "171") || strings.Contains(s, "q6ur") {
			t.Errorf("%T: %s", c.v, s)
		}
	}
}
