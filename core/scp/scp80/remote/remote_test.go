package remote

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// remoteVector is a vector of scp80_remote.json.
type remoteVector struct {
	vectors.Header
	Kind      string        `json:"kind"` // script, response, compact, compactManagement
	Bytes     vectors.Hex   `json:"bytes"`
	Commands  []vectors.Hex `json:"commands,omitempty"`
	Executed  int           `json:"executed,omitempty"`
	Responses []vectors.Hex `json:"responses,omitempty"`
	BadFormat byte          `json:"badFormat,omitempty"`
	Immediate byte          `json:"immediate,omitempty"`
	Chaining  byte          `json:"chaining,omitempty"`
}

// read decodes a vector's bytes of any kind into the fields above.
func (v *remoteVector) read(b []byte) (got remoteVector, err error) {
	keep := func(b []byte) vectors.Hex { return bytes.Clone(b) }
	switch v.Kind {
	case "script":
		r := NewScriptReader(b)
		for r.Next() {
			got.Commands = append(got.Commands, keep(r.Value()))
		}
		return got, r.Err()
	case "response":
		e, err := DecodeExpandedResponse(b)
		if err != nil {
			return got, err
		}
		got = remoteVector{Executed: e.Executed, BadFormat: e.BadFormat, Immediate: e.Immediate, Chaining: e.Chaining}
		for r := range e.Responses() {
			got.Responses = append(got.Responses, r.Append(nil))
		}
		return got, nil
	}
	outgoing := Outgoing(FileCommands)
	if v.Kind == "compactManagement" {
		outgoing = ManagementCommands
	}
	r := NewCompactReader(b, outgoing)
	for r.Next() {
		got.Commands = append(got.Commands, keep(r.Command()))
	}
	return got, r.Err()
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[remoteVector](t, "scp80_remote.json") {
		t.Run(v.Name, func(t *testing.T) {
			got, err := v.read(v.Bytes)
			if v.Fail != "" {
				if !isDecodeError(err) {
					t.Fatalf("%v, want a DecodeError", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := v
			want.Header, want.Kind, want.Bytes = vectors.Header{}, "", nil
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
			if v.Kind == "script" {
				form := Definite
				if v.Bytes[0] == tagScriptIndefinite {
					form = Indefinite
				}
				var s Script
				out := s.Begin([]byte{0xEE}, form)
				for _, c := range v.Commands {
					out = s.Command(out, c)
				}
				if d := cmp.Diff(v.Bytes, vectors.Hex(s.End(out)[1:])); d != "" {
					t.Errorf("encoded (-want +got):\n%s", d)
				}
			}
			if v.Kind == "script" || v.Kind == "response" {
				for n := range v.Bytes {
					if _, err := v.read(v.Bytes[:n]); !isDecodeError(err) {
						t.Errorf("cut to %d bytes: %v", n, err)
					}
				}
				if _, err := v.read(append(bytes.Clone(v.Bytes), 0)); !isDecodeError(err) {
					t.Errorf("one byte more: %v", err)
				}
			}
		})
	}
}

// echo is a card that answers by INS: 00 data and 9000; GET RESPONSE what is
// pending.
type echo struct {
	commands []string
	pending  []byte
}

func (e *echo) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	e.commands = append(e.commands, hex.EncodeToString(cmd))
	sw := func(sw iso7816.SW, data ...byte) ([]byte, error) {
		return apdu.Response{Data: data, SW: sw}.Append(dst), nil
	}
	if len(cmd) < 5 && (cmd[1] == 0xC0 || cmd[1] == 0xB0) {
		return sw(iso7816.WrongLength)
	}
	switch cmd[1] {
	case 0xC0:
		n := min(len(e.pending), max(int(cmd[4]), 1), 3)
		data := e.pending[:n]
		if e.pending = e.pending[n:]; len(e.pending) > 0 {
			return sw(iso7816.SW(0x6100|len(e.pending)), data...)
		}
		return sw(iso7816.OK, data...)
	case 0xA4:
		e.pending = []byte{1, 2, 3, 4, 5}
		return sw(0x6105)
	case 0xB0:
		if cmd[4] != 2 {
			return sw(0x6C02)
		}
		return sw(iso7816.OK, 0xAA, 0xBB)
	case 0xB2:
		return sw(iso7816.OK, make([]byte, 200)...)
	case 0x0E:
		return sw(iso7816.ReferencedDataNotFound)
	case 0x20:
		return sw(0x63C2)
	}
	return sw(iso7816.OK)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestCompactExecution(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-084", "SPEC-SCP80-085", "SPEC-SCP80-093")
	for _, tt := range []struct {
		name, script, want string
		executed           int
	}{
		{"one", "00a40004023f00", "016105", 1},
		{"GET RESPONSE", "00a40004023f0000c0000003", "026102010203", 2},
		{"warning goes on", "002000000000b0000002", "029000aabb", 2},
		{"failure ends", "00b0000002000e00000000b0000002", "026a88", 2},
		{"cut: nothing executed", "00b0000002000e", "", 0},
	} {
		card := &echo{}
		x := Executor{Card: card}
		got, err := x.Compact(context.Background(), nil, unhex(tt.script), FileCommands)
		if hex.EncodeToString(got) != tt.want || (err != nil) != (tt.want == "") || len(card.commands) != tt.executed {
			t.Errorf("%s: %x, %v after %v", tt.name, got, err, card.commands)
		}
		if err == nil {
			if r, err := DecodeCompactResponse(got); err != nil || int(r.Executed) != tt.executed {
				t.Errorf("%s: %+v, %v", tt.name, r, err)
			}
		} else if !isDecodeError(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := DecodeCompactResponse([]byte{1, 0x90}); !isDecodeError(err) {
		t.Errorf("two bytes: %v", err)
	}
}

func TestExpandedExecution(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-089", "SPEC-SCP80-090", "SPEC-SCP80-093", "SPEC-SCP80-094", "SPEC-SCP80-096", "SPEC-SCP80-097")
	for _, tt := range []struct{ name, script, want string }{
		{"no Le", "aa09220700a40004023f00", "ab0780010123026105"},
		{"Le", "aa0a220800a40004023f0000", "ab0c800101230701020304059000"},
		{"6Cxx", "aa07220500b0000000", "ab098001012304aabb9000"},
		{"indefinite", "ae80220500b00000020000", "af802304aabb90000000"},
		{"failure ends", "aa0d2204000e0000220500b0000002", "ab0780010123026a88"},
		{"unknown tag", "aa0a220500b0000002240100", "ab0c8001012304aabb9000900101"},
		{"wrong length", "aa08220500b0000002220500"[:18] + "2205", "ab06800100900102"},
		{"not a script", "ab00", "ab06800100900102"},
		{"chaining", "aa0a830101220500b0000002", "ab06800100830102"},
		{"immediate action", "aa0a810181220500b0000002", "ab06800100810101"},
		{"no C-APDU", "aa04220200a4", "ab0780010123026700"},
		{"empty", "aa00", "ab03800100"},
	} {
		x := Executor{Card: &echo{}}
		got, err := x.Expanded(context.Background(), []byte{0xEE}, unhex(tt.script))
		if err != nil || hex.EncodeToString(got[1:]) != tt.want {
			t.Errorf("%s: %x, %v, want %s", tt.name, got[1:], err, tt.want)
		}
		if _, err := DecodeExpandedResponse(got[1:]); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestActions(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-097", "SPEC-SCP80-098")
	var done []string
	x := Executor{
		Card:      &echo{},
		Immediate: func(a []byte) bool { done = append(done, "immediate "+hex.EncodeToString(a)); return true },
		OnError:   func(a []byte) { done = append(done, "error "+hex.EncodeToString(a)) },
	}
	got, err := x.Expanded(context.Background(), nil, unhex("aa0f8101818201018201022204000e0000"))
	if err != nil || hex.EncodeToString(got) != "ab0780010123026a88" {
		t.Errorf("%x, %v", got, err)
	}
	if d := cmp.Diff([]string{"immediate 81", "error 02"}, done); d != "" {
		t.Error(d)
	}
}

func TestTruncation(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-095")
	x := Executor{Card: &echo{}, MaxResponse: 300}
	got, err := x.Expanded(context.Background(), nil, unhex("aa15220500b2000000220500b2000000220500b2000000"))
	if err != nil || len(got) > 300 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	e, err := DecodeExpandedResponse(got)
	if err != nil {
		t.Fatal(err)
	}
	if last, _ := e.Last(); e.Executed != 2 || e.Count() != 2 || last.SW != Truncated {
		t.Errorf("%+v, last %v", e, last.SW)
	}
}

// TestTruncationOfStatusWords has commands that answer a status word alone:
// enough of them pass the limit as well.
func TestTruncationOfStatusWords(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-095")
	for _, form := range []Form{Definite, Indefinite} {
		var s Script
		script := s.Begin(nil, form)
		for range 300 {
			script = s.Command(script, unhex("00440000"))
		}
		x := Executor{Card: &echo{}, MaxResponse: 300}
		got, err := x.Expanded(context.Background(), nil, s.End(script))
		if err != nil || len(got) > 300 {
			t.Fatalf("%v: %d bytes, %v", form, len(got), err)
		}
		e, err := DecodeExpandedResponse(got)
		if last, _ := e.Last(); err != nil || last.SW != Truncated || e.Executed != e.Count() || e.Executed > 75 {
			t.Errorf("%v: %d executed, last %v, %v", form, e.Executed, last.SW, err)
		}
	}
}

func TestManyCommands(t *testing.T) {
	var s Script
	script := s.Begin(nil, Definite)
	for range 300 {
		script = s.Command(script, unhex("00440000"))
	}
	x := Executor{Card: &echo{}}
	got, err := x.Expanded(context.Background(), nil, s.End(script))
	if err != nil {
		t.Fatal(err)
	}
	if e, err := DecodeExpandedResponse(got); err != nil || e.Executed != 300 || e.Count() != 300 {
		t.Errorf("%d executed, %v", e.Executed, err)
	}
}

func TestAppendCompact(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-080")
	for _, tt := range []struct {
		c    apdu.Command
		want string
	}{
		{apdu.Command{INS: 0x44}, "0044000000"},
		{apdu.Command{INS: 0xB0, Ne: 256}, "00b0000000"},
		{apdu.Command{INS: 0xA4, Data: []byte{0x3F, 0}}, "00a40000023f00"},
	} {
		if got, err := AppendCompact(nil, &tt.c); err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%x, %v", got, err)
		}
	}
	if _, err := AppendCompact(nil, &apdu.Command{Extended: true}); err == nil {
		t.Error("an extended command was accepted")
	}
}

// broken is a card whose transport fails.
type brokenCard struct{}

var errTransport = errors.New("no answer")

func (brokenCard) Transmit(context.Context, []byte, []byte) ([]byte, error) {
	return nil, errTransport
}

func TestTransportError(t *testing.T) {
	x := Executor{Card: brokenCard{}}
	if _, err := x.Compact(context.Background(), nil, unhex("0044000000"), FileCommands); !errors.Is(err, errTransport) {
		t.Error(err)
	}
	if _, err := x.Expanded(context.Background(), nil, unhex("aa06220400440000")); !errors.Is(err, errTransport) {
		t.Error(err)
	}
}
