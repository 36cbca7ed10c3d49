package tlv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
)

func TestTag(t *testing.T) {
	req.Covers(t, "SPEC-TLV-001", "SPEC-TLV-002", "SPEC-TLV-003")
	for _, c := range []struct {
		tag         Tag
		s           string
		n           int
		class       Class
		constructed bool
		number      uint32
		valid       bool
	}{
		{0x84, "84", 1, ContextSpecific, false, 4, true},
		{0x9F70, "9F70", 2, ContextSpecific, false, 0x70, true},
		{0x5F37, "5F37", 2, Application, false, 0x37, true},
		{0x7F21, "7F21", 2, Application, true, 0x21, true},
		{0xFF21, "FF21", 2, Private, true, 0x21, true},
		{0xBF0C, "BF0C", 2, ContextSpecific, true, 0x0C, true},
		{0xDF8101, "DF8101", 3, Private, false, 0x81, true},
		{0xE3, "E3", 1, Private, true, 3, true},
		{0x00, "00", 1, Universal, false, 0, false},
		{0x9F, "9F", 1, ContextSpecific, false, 0x1F, false},
		{0x8401, "8401", 2, ContextSpecific, false, 1, false},
		{0x9F8001, "9F8001", 3, ContextSpecific, false, 1, false},
		{0xDF818201, "DF818201", 4, Private, false, 1<<14 | 2<<7 | 1, false},
	} {
		if got := c.tag.String(); got != c.s {
			t.Errorf("%s: String %s", c.s, got)
		}
		if c.tag.Len() != c.n || c.tag.Class() != c.class || c.tag.Constructed() != c.constructed ||
			c.tag.Number() != c.number || c.tag.Valid() != c.valid {
			t.Errorf("%s: len %d class %d constructed %t number %d valid %t", c.s, c.tag.Len(), c.tag.Class(),
				c.tag.Constructed(), c.tag.Number(), c.tag.Valid())
		}
	}
}

func TestAppendLength(t *testing.T) {
	req.Covers(t, "SPEC-TLV-008")
	for _, c := range []struct {
		n    int
		want string
	}{{0, "\x00"}, {0x7F, "\x7f"}, {0x80, "\x81\x80"}, {0xFF, "\x81\xff"}, {0x100, "\x82\x01\x00"}, {1999, "\x82\x07\xcf"},
		{0xFFFF, "\x82\xff\xff"}, {0x10000, "\x83\x01\x00\x00"}, {0x1000000, "\x84\x01\x00\x00\x00"}} {
		if got := AppendLength(nil, c.n); string(got) != c.want {
			t.Errorf("%d: % X", c.n, got)
		}
		if got := Len(0x84, c.n); got != 1+len(c.want)+c.n {
			t.Errorf("Len(%d) = %d", c.n, got)
		}
	}
}

// Begin and End at every border of the length forms, nested.
func TestBeginEnd(t *testing.T) {
	req.Covers(t, "SPEC-TLV-008")
	for _, n := range []int{0, 1, 0x7D, 0x7E, 0x7F, 0x80, 0xFC, 0xFD, 0xFF, 0x100, 0xFFFB, 0xFFFF, 0x10000} {
		value := bytes.Repeat([]byte{0xA5}, n)
		b, outer := Begin([]byte("before"), 0xEF)
		b, inner := Begin(b, 0x7F21)
		b = End(append(b, value...), inner)
		b = End(Append(b, 0xC6, []byte{1}), outer)
		want := Append([]byte("before"), 0xEF, Append(Append(nil, 0x7F21, value), 0xC6, []byte{1}))
		if !bytes.Equal(b, want) {
			t.Errorf("%d bytes: % X…", n, b[:min(len(b), 20)])
		}
	}
}

func TestFind(t *testing.T) {
	req.Covers(t, "SPEC-TLV-011")
	b := []byte{0xEF, 2, 0xC7, 0, 0xEF, 6, 0xC6, 1, 0x11, 0xC6, 1, 0x22, 0x84, 5, 1} // a fault at the end
	if v, ok, err := Find(b, 0xEF, 0xC6); !bytes.Equal(v, []byte{0x11}) || !ok || err != nil {
		t.Errorf("second EF: % X %t %v", v, ok, err)
	}
	if v, ok, err := Find(b); !bytes.Equal(v, b) || !ok || err != nil {
		t.Errorf("empty path: % X %t %v", v, ok, err)
	}
	if _, ok, err := Find(b[:12], 0xEF, 0xC8); ok || err != nil {
		t.Errorf("absent: %t %v", ok, err)
	}
	var d *wire.DecodeError
	if _, ok, err := Find(b, 0x85); ok || !errors.As(err, &d) || d.Path != "84" || d.Offset != 14 {
		t.Errorf("fault on the way: %t %v", ok, err)
	}
	if got := d.Error(); got != "BER-TLV: 84 at offset 14: want 5 bytes, got 1 left" {
		t.Error(got)
	}
}

func TestDepth(t *testing.T) {
	req.Covers(t, "SPEC-TLV-010", "SPEC-TLV-012")
	b := []byte{0x84, 0}
	for range MaxDepth {
		b = Append(nil, 0xA5, b)
	}
	var d *wire.DecodeError
	if err := Validate(b, 0, MaxDepth); !errors.As(err, &d) || d.Want != "at most 16 levels" {
		t.Errorf("17 levels: %v", err)
	}
	inner, _, _ := Find(b, 0xA5)
	if err := Validate(inner, 0, MaxDepth); err != nil {
		t.Errorf("16 levels: %v", err)
	}
	if err := Validate(inner, 0, 15); !errors.As(err, &d) || d.Offset != 28 || strings.Count(d.Path, "A5") != 15 {
		t.Errorf("16 levels where 15 are allowed: %v", err)
	}
	path := slices.Repeat([]Tag{0xA5}, MaxDepth+1)
	if _, _, err := Find(Append(nil, 0xA5, b), path...); err != nil {
		t.Error(err) // 17 steps: 16 descents
	}
	if _, _, err := Find(Append(nil, 0xA5, b), append(path, 0xA5)...); !errors.As(err, &d) {
		t.Errorf("17 descents: %v", err)
	}
	r := NewReader(b)
	if c := r.Children(); c.Next() || c.Err() != nil {
		t.Error("Children before Next has objects")
	}
	stop := errors.New("stop")
	if err := Walk(inner, 0, MaxDepth, func(Object) error { return stop }); err != stop {
		t.Error(err)
	}
}

// Whatever Append writes with a small tag number, cryptobyte reads as DER and
// writes alike; whatever cryptobyte reads, Reader reads alike.
func TestAgainstCryptobyte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 12),
			rapid.Custom(func(t *rapid.T) []byte {
				value := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")
				return Append(nil, Tag(rapid.ByteRange(1, 0xFF).Draw(t, "tag")), value)
			})).Draw(t, "raw")
		s := cryptobyte.String(raw)
		var value cryptobyte.String
		var tag casn1.Tag
		ok := s.ReadAnyASN1(&value, &tag)
		r := NewReaderMode(raw, Strict)
		mine := r.Next()
		small := len(raw) > 0 && raw[0]&0x1F != 0x1F && raw[0] != 0 // cryptobyte knows no high tag numbers
		if small && ok != mine {
			t.Fatalf("cryptobyte %t, Reader %t (%v)", ok, mine, r.Err())
		}
		if !ok || !mine {
			return
		}
		if Tag(tag) != r.Tag() || !bytes.Equal(value, r.Value()) {
			t.Fatalf("cryptobyte %X % X, Reader %s % X", tag, value, r.Tag(), r.Value())
		}
		var c cryptobyte.Builder
		c.AddASN1(tag, func(c *cryptobyte.Builder) { c.AddBytes(value) })
		if d := cmp.Diff(c.BytesOrPanic(), Append(nil, r.Tag(), r.Value())); d != "" {
			t.Fatal(d)
		}
	})
}

func TestLVTooLong(t *testing.T) {
	req.Covers(t, "SPEC-TLV-050")
	dst := []byte{1}
	if got, err := AppendLV(dst, make([]byte, 256)); err == nil || len(got) != 1 {
		t.Errorf("% X %v", got, err)
	}
	if got, err := AppendLV(dst, make([]byte, 255)); err != nil || len(got) != 257 {
		t.Errorf("%d %v", len(got), err)
	}
}

func TestBERLV(t *testing.T) {
	req.Covers(t, "SPEC-TLV-051")
	for _, n := range []int{0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF} {
		raw := AppendBERLV(nil, make([]byte, n))
		r := wire.NewReader("INSTALL", raw)
		if got := BERLV(&r, "Token"); len(got) != n || r.End() != nil {
			t.Errorf("%d: %d %v", n, len(got), r.Err())
		}
		for cut := range raw[:min(len(raw), 300)] {
			r := wire.NewReader("INSTALL", raw[:cut])
			if got := BERLV(&r, "Token"); got != nil || r.Err() == nil {
				t.Errorf("%d cut to %d: accepted", n, cut)
			}
		}
	}
	for _, first := range []byte{0x80, 0x83, 0x84, 0xFF} {
		r := wire.NewReader("INSTALL", []byte{first, 0, 0, 1, 0})
		var d *wire.DecodeError
		if BERLV(&r, "Token"); !errors.As(r.Err(), &d) || d.Path != "Token" || d.Offset != 0 {
			t.Errorf("%02X: %v", first, r.Err())
		}
	}
}

func TestAppendPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"DGI":           func() { AppendDGI(nil, 1, make([]byte, MaxDGIData+1)) },
		"simple tag":    func() { AppendSimple(nil, 0xFF, nil) },
		"comprehension": func() { AppendComprehension(nil, 0x8000, false, nil) },
		"length":        func() { AppendLength(nil, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// TestLimitsOfTheSpec: the table of limits in spec/TLV.md and its example.
func TestLimitsOfTheSpec(t *testing.T) {
	text, err := os.ReadFile("../../spec/TLV.md")
	if err != nil {
		t.Fatal(err)
	}
	fci := []byte("\x6F\x24\x84\x0E1PAY.SYS.DDF01\xA5\x12\x88\x01\x01\x5F\x2D\x08esfresde\x9F\x11\x01\x01")
	fault := Validate(fci[:len(fci)-1], 0, MaxDepth)
	if fault == nil {
		t.Fatal("cut example accepted")
	}
	for _, want := range []string{
		fmt.Sprintf("| levels of nesting | %d |", MaxDepth),
		fmt.Sprintf("| data of a DGI | %d |", MaxDGIData),
		fmt.Sprintf("| value of a SIMPLE-TLV object | %d |", MaxSimpleValue),
		fmt.Sprintf("| value of an LV | %d |", MaxLV),
		fault.Error(),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("spec/TLV.md lacks %q", want)
		}
	}
}
