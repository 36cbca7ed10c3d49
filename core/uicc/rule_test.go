package uicc

import (
	"bytes"
	"strings"
	"testing"

	"inkan/spec/req"
)

type keySet string // of key references

func (k keySet) Verified(r KeyReference) bool { return strings.IndexByte(string(k), byte(r)) >= 0 }

func TestAllows(t *testing.T) {
	req.Covers(t, "SPEC-USIM-021", "SPEC-USIM-022")
	crt := func(key byte) string { return "\xA4\x06\x83\x01" + string([]byte{key}) + "\x95\x01\x08" }
	for _, c := range []struct {
		name, record string
		op           Operation
		keys         string
		want         bool
	}{
		{"always", "\x80\x01\x01\x90\x00", OpRead, "", true},
		{"never, with all keys", "\x80\x01\x02\x97\x00", OpUpdate, "\x01\x0A\x81", false},
		{"not named", "\x80\x01\x01\x90\x00", OpUpdate, "\x01", false},
		{"bit among others", "\x80\x01\x03\x90\x00", OpUpdate, "", true},
		{"key", "\x80\x01\x01" + crt(1), OpRead, "\x01", true},
		{"key not verified", "\x80\x01\x01" + crt(1), OpRead, "\x81", false},
		{"alternatives behind one mode", "\x80\x01\x01" + crt(1) + crt(0x0A), OpRead, "\x0A", true},
		{"or", "\x80\x01\x01\xA0\x10" + crt(1) + crt(0x0A), OpRead, "\x0A", true},
		{"or, none", "\x80\x01\x01\xA0\x10" + crt(1) + crt(0x0A), OpRead, "\x81", false},
		{"and, one", "\x80\x01\x01\xAF\x10" + crt(1) + crt(0x0A), OpRead, "\x0A", false},
		{"and, both", "\x80\x01\x01\xAF\x10" + crt(1) + crt(0x0A), OpRead, "\x01\x0A", true},
		{"empty or", "\x80\x01\x01\xA0\x00", OpRead, "\x01", false},
		{"empty and", "\x80\x01\x01\xAF\x00", OpRead, "\x01", false},
		{"not", "\x80\x01\x01\xA7\x02\x97\x00", OpRead, "", false},
		{"another usage", "\x80\x01\x01\xA4\x06\x83\x01\x01\x95\x01\x80", OpRead, "\x01", false},
		{"instruction", "\x84\x01\x32" + crt(1), OpIncrease, "\x01", true},
		{"another instruction", "\x84\x01\x33\x90\x00", OpIncrease, "", false},
		{"instruction is no mode", "\x84\x01\x01\x90\x00", OpRead, "", false},
		{"padding", "\x80\x01\x01\x90\x00\xFF\xFF\xFF", OpRead, "", true},
		{"empty", "\xFF\xFF\xFF", OpRead, "\x01", false},
		{"broken end", "\x80\x01\x01\x90\x00\x80\x05\x01", OpRead, "", false},
		{"broken length", "\x80\x01\x01\x90\x85", OpRead, "", false},
		{"condition first", "\x90\x00\x80\x01\x01", OpRead, "", false},
		{"proprietary mode byte", "\x80\x01\x88\x90\x00", OpDeactivate, "", false},
	} {
		if got := Allows([]byte(c.record), c.op, keySet(c.keys)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestAllowsAllocates: evaluating a rule costs the host no memory.
func TestAllowsAllocates(t *testing.T) {
	record := AppendRule(AppendRule(nil, OpRead, CondPIN1), OpUpdate, CondADM1)
	record = append(record, bytes.Repeat([]byte{0xFF}, 20)...)
	var keys Keys = keySet("\x0A")
	if n := testing.AllocsPerRun(100, func() {
		if !Allows(record, OpUpdate, keys) {
			t.Error("not allowed")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
