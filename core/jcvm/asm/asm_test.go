package asm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/jcvm"
	"inkan/core/wire"
	"inkan/spec/req"
)

func TestAssemble(t *testing.T) {
	req.Covers(t, "SPEC-CAP-040")
	for text, want := range map[string]string{
		"return":                 "7a",
		"a: goto a\nb: goto_w a": "7000a8fffe",
		"sinc 1 -1 ; comment\n  sinc_w 255 0x100": "5901ff96ff0100",
		"iipush -2\nsspush 0x7fff":                "14fffffffe117fff",
		"invokeinterface 2 0x0102 3":              "8e02010203",
		"checkcast 14 5":                          "940e0005",
		"x: stableswitch y 1 2 x y\ny: return":    "73000b000100020000000b7a",
		"x: itableswitch y -1 -1 x\ny: return":    "74000dffffffffffffffff00007a",
		"slookupswitch y 5:y 7:y\ny: return":      "75000d00020005000d0007000d7a",
		"ilookupswitch y 70000:y\ny: return":      "76000b000100011170000b7a",
		"ifeq +0x10":                              "6010",
	} {
		code, err := Assemble(text)
		if err != nil || hex.EncodeToString(code) != want {
			t.Errorf("%q: %x, %v; want %s", text, code, err, want)
		}
	}
}

func TestAssembleRefuses(t *testing.T) {
	req.Covers(t, "SPEC-CAP-041")
	for text, want := range map[string]string{
		"return\nfoo":            "line 2: want a mnemonic, got foo",
		"a:\na: return":          "line 2: want a new label, got \"a\"",
		"bspush 128":             "line 1: want -128 to 127, got 128",
		"aload -1":               "line 1: want 0 to 255, got -1",
		"aload":                  "line 1: want 1 operands of aload, got 0",
		"goto nowhere":           "line 1: want a label, got nowhere",
		"bspush x":               "line 1: want a number, got x",
		"stableswitch a":         "line 1: want default, low, high and targets, got 1",
		"slookupswitch":          "line 1: want default and pairs, got nothing",
		"a: slookupswitch a b":   "line 1: want value:label, got b",
		"a: slookupswitch a b:a": "line 1: want a number, got b",
	} {
		_, err := Assemble(text)
		var e *Error
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Any decodable code survives the way through text.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var code []byte
		for _, b := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 16), 0, 20).Draw(t, "code") {
			b[0] %= jcvm.OpcodeCount
			if n, err := jcvm.Length(b, 0); err == nil {
				code = append(code, b[:n]...)
			}
		}
		checkRoundTrip(t, code)
	})
}

func checkRoundTrip(t interface{ Fatalf(string, ...any) }, code []byte) {
	text, err := Disassemble(code, 0, len(code), nil, nil)
	if err != nil {
		t.Fatalf("%x: %v", code, err)
	}
	again, err := Assemble(text)
	if err != nil || !bytes.Equal(code, again) {
		t.Fatalf("%x gives\n%s%x, %v", code, text, again, err)
	}
}

func FuzzDisassemble(f *testing.F) {
	for _, s := range []string{"", "7a", "73000b000100020000000b7a", "76000b000100011170000b7a", "8e02010203", "60107a", "74800000007fffffff"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		if _, err := Decode(code, 0, len(code)); err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			return
		}
		checkRoundTrip(t, code)
	})
}

func FuzzAssemble(f *testing.F) {
	f.Add("a: goto a\nstableswitch a 1 2 a a\nslookupswitch a 5:a\n")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := Assemble(text)
		if err != nil || strings.ContainsAny(text, "+-") {
			return // numbers as targets may leave the code
		}
		if _, err := Decode(code, 0, len(code)); err == nil {
			checkRoundTrip(t, code)
		}
	})
}
