package jcvm

import (
	"errors"
	"strings"
	"testing"

	"inkan/core/wire"
)

func TestTableIsComplete(t *testing.T) {
	if len(mnemonics) != 185 || OpcodeCount != 185 {
		t.Fatalf("%d mnemonics, %d opcodes, want 185", len(mnemonics), OpcodeCount)
	}
	for op := range Opcode(OpcodeCount) {
		in, ok := Lookup(op)
		if back, found := ByMnemonic(in.Mnemonic); !ok || !found || back != op {
			t.Errorf("%02X %q", byte(op), in.Mnemonic)
		}
		if strings.Trim(in.Pop+in.Push, "siaxrw*") != "" {
			t.Errorf("%s: pops %q, pushes %q", op, in.Pop, in.Push)
		}
		if (in.Layout == LayoutNone) != (in.Role == NoOperand) {
			t.Errorf("%s: layout %d, role %d", op, in.Layout, in.Role)
		}
	}
	if _, ok := Lookup(0xB9); ok || Opcode(0xFE).String() != "undefined_fe" {
		t.Error("B9 to FF are not defined")
	}
}

func TestLength(t *testing.T) {
	for _, c := range []struct {
		code string
		want int
	}{
		{"\x00", 1}, {"\x10\x7f", 2}, {"\x14\x00\x00\x00\x01", 5}, {"\x59\x01\x02", 3}, {"\x96\x01\x02\x03", 4},
		{"\x94\x0e\x00\x01", 4}, {"\x8e\x01\x00\x02\x03", 5}, {"\xa8\x00\x10", 3},
		{"\x73\x00\x09\xff\xff\x00\x01" + "\x00\x0d\x00\x0d\x00\x0d", 13},
		{"\x74\x00\x09\xff\xff\xff\xff\x00\x00\x00\x00" + "\x00\x0d\x00\x0d", 15},
		{"\x75\x00\x09\x00\x01\x00\x05\x00\x09", 9},
		{"\x76\x00\x09\x00\x01\x00\x00\x00\x05\x00\x09", 11},
	} {
		code := []byte("\x00\x00" + c.code)
		if n, err := Length(code, 2); n != c.want || err != nil {
			t.Errorf("%x: %d, %v; want %d", c.code, n, err, c.want)
		}
		for short := range len(c.code) {
			_, err := Length(code[:2+short], 2)
			if de := (*wire.DecodeError)(nil); !errors.As(err, &de) || de.Offset < 2 {
				t.Errorf("%x cut to %d bytes: %v", c.code, short, err)
			}
		}
	}
}

func TestLengthRefuses(t *testing.T) {
	for what, code := range map[string]string{
		"undefined opcode": "\xb9", "impdep1": "\xfe",
		"high below low":    "\x73\x00\x00\x00\x02\x00\x01",
		"huge table switch": "\x74\x00\x00\x80\x00\x00\x00\x7f\xff\xff\xff",
	} {
		if _, err := Length([]byte(code), 0); err == nil {
			t.Errorf("%s accepted", what)
		}
	}
	if _, err := Length(nil, 5); err == nil {
		t.Error("pc beyond the code accepted")
	}
}

func FuzzLength(f *testing.F) {
	f.Add([]byte("\x73\x00\x09\xff\xff\x00\x01\x00\x0d\x00\x0d\x00\x0d"), 0)
	f.Fuzz(func(t *testing.T, code []byte, pc int) {
		n, err := Length(code, pc&0xFFFF)
		if err == nil && (n < 1 || (pc&0xFFFF)+n > len(code)) {
			t.Fatalf("length %d at %d of %d", n, pc, len(code))
		}
	})
}
