package tlv

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

type object struct {
	Tag         string      `json:"tag"`
	Depth       int         `json:"depth"`
	Constructed bool        `json:"constructed"`
	Required    bool        `json:"required"`
	Value       vectors.Hex `json:"value"` // of primitive objects
}

type vector struct {
	vectors.Header
	Format    string      `json:"format"`
	Mode      string      `json:"mode"`
	Raw       vectors.Hex `json:"raw"`
	Objects   []object    `json:"objects"`
	Canonical vectors.Hex `json:"canonical"` // when it is not raw
	Path      string      `json:"path"`
	Offset    int         `json:"offset"`
}

func modeOf(s string) Mode {
	return map[string]Mode{"strict": Strict, "zero": SkipZero, "ff": SkipFF}[s]
}

// flatten decodes every object in the order it is written.
func flatten(format string, m Mode, raw []byte) (out []object, err error) {
	switch format {
	case "ber":
		err = Walk(raw, m, MaxDepth, func(o Object) error {
			f := object{Tag: o.Tag.String(), Depth: o.Depth, Constructed: o.Tag.Constructed()}
			if !f.Constructed {
				f.Value = o.Value
			}
			out = append(out, f)
			return nil
		})
	case "comprehension":
		r := NewComprehensionReader(raw, 0, m)
		for r.Next() {
			out = append(out, object{Tag: r.Tag().String(), Required: r.Required(), Value: r.Value()})
		}
		err = r.Err()
	case "simple":
		r := NewSimpleReader(raw, m)
		for r.Next() {
			out = append(out, object{Tag: Tag(r.Tag()).String(), Value: r.Value()})
		}
		err = r.Err()
	case "dgi":
		r := NewDGIReaderMode(raw, m)
		for r.Next() {
			out = append(out, object{Tag: dgiPath(r.DGI()), Value: r.Value()})
		}
		err = r.Err()
	case "lv":
		r := NewLVReader(raw)
		for r.Next() {
			out = append(out, object{Value: r.Value()})
		}
		err = r.Err()
	default:
		panic(format)
	}
	return out, err
}

func tagOf(s string) uint32 {
	var n uint32
	if s != "" {
		fmt.Sscanf(s, "%x", &n)
	}
	return n
}

// rebuild encodes what flatten decoded.
func rebuild(format string, objects []object) (out []byte) {
	var open []int
	closeTo := func(depth int) {
		for len(open) > depth {
			out = End(out, open[len(open)-1])
			open = open[:len(open)-1]
		}
	}
	for _, o := range objects {
		switch format {
		case "ber":
			closeTo(o.Depth)
			if o.Constructed {
				var mark int
				out, mark = Begin(out, Tag(tagOf(o.Tag)))
				open = append(open, mark)
				continue
			}
			out = Append(out, Tag(tagOf(o.Tag)), o.Value)
		case "comprehension":
			out = AppendComprehension(out, ComprehensionTag(tagOf(o.Tag)), o.Required, o.Value)
		case "simple":
			out = AppendSimple(out, byte(tagOf(o.Tag)), o.Value)
		case "dgi":
			out = AppendDGI(out, uint16(tagOf(o.Tag)), o.Value)
		case "lv":
			out, _ = AppendLV(out, o.Value)
		}
	}
	closeTo(0)
	return out
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[vector](t, "tlv.json") {
		t.Run(v.Name, func(t *testing.T) {
			got, err := flatten(v.Format, modeOf(v.Mode), v.Raw)
			if v.Fail != "" {
				checkFail(t, v, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(v.Objects, got, cmpopts.EquateEmpty()); d != "" {
				t.Fatal(d)
			}
			want := v.Canonical
			if want == nil {
				want = v.Raw
			}
			enc := rebuild(v.Format, got)
			if d := cmp.Diff(hex.EncodeToString(want), hex.EncodeToString(enc)); d != "" {
				t.Fatal(d)
			}
			again, err := flatten(v.Format, strictest(v.Format, got), enc)
			if err != nil {
				t.Fatal("our own encoding:", err)
			}
			if d := cmp.Diff(got, again, cmpopts.EquateEmpty()); d != "" {
				t.Fatal(d)
			}
			checkDamaged(t, v, got)
		})
	}
}

// strictest is Strict, unless a BER tag itself is not in its shortest form:
// tags are written as they are (EMV's 9F11 and BF0C are such).
func strictest(format string, objects []object) Mode {
	for _, o := range objects {
		if t := Tag(tagOf(o.Tag)); format == "ber" && t.Len() == 2 && t.Number() < 0x1F {
			return 0
		}
	}
	return Strict
}

func checkFail(t *testing.T, v vector, err error) {
	t.Helper()
	var d *wire.DecodeError
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want a DecodeError", err)
	}
	if d.Offset != v.Offset || d.Path != v.Path && v.Path != "" {
		t.Errorf("got %q at %d, want %q at %d: %v", d.Path, d.Offset, v.Path, v.Offset, d)
	}
	class := "end"
	switch {
	case strings.Contains(d.Want, "tag"):
		class = "tag"
	case strings.Contains(d.Want, "length"):
		class = "length"
	}
	// A header that is cut off is the end of input, too.
	if class != v.Fail && !(v.Fail == "end" && d.Got == "end of input") {
		t.Errorf("got failure class %q, want %q: %v", class, v.Fail, d)
	}
}

// checkDamaged truncates at every byte and adds one byte at the end.
func checkDamaged(t *testing.T, v vector, whole []object) {
	t.Helper()
	for n := range v.Raw {
		got, err := flatten(v.Format, modeOf(v.Mode), v.Raw[:n])
		if err == nil && len(got) >= len(whole) && (v.Canonical == nil || n < len(v.Canonical)) {
			t.Errorf("cut to %d bytes: all objects still there", n)
		}
		var d *wire.DecodeError
		if err != nil && (!errors.As(err, &d) || d.Offset > n) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	_, err := flatten(v.Format, modeOf(v.Mode), append(v.Raw[:len(v.Raw):len(v.Raw)], 0x84))
	var d *wire.DecodeError
	if !errors.As(err, &d) || d.Offset < len(v.Raw) {
		t.Errorf("one more byte: %v", err)
	}
}
