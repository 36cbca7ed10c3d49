package wire_test

import (
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
)

func TestErrorText(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-001")
	cases := []struct {
		e    wire.DecodeError
		want string
	}{
		{wire.DecodeError{Format: "BER-TLV", Path: "6F", Offset: 2, Want: "5 bytes", Got: "4 left"}, "BER-TLV: 6F at offset 2: want 5 bytes, got 4 left"},
		{wire.DecodeError{Format: "C-APDU", Want: "end of input"}, "C-APDU: at offset 0: want end of input"},
	}
	for _, c := range cases {
		if got := c.e.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestWithin(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-003")
	cases := []struct{ inner, outer, want string }{
		{"C6", "EF", "EF/C6"},
		{"", "EF", "EF"},
		{"C6", "", "C6"},
		{"", "", ""},
	}
	for _, c := range cases {
		e := &wire.DecodeError{Format: "F", Path: c.inner, Offset: 3, Want: "w", Got: "g"}
		got := e.Within(40, c.outer)
		if *got != (wire.DecodeError{Format: "F", Path: c.want, Offset: 43, Want: "w", Got: "g"}) {
			t.Errorf("%+v within %q is %+v", e, c.outer, got)
		}
		if e.Offset != 3 || e.Path != c.inner {
			t.Error("Within changed its receiver")
		}
	}
}

// TestOverviewOfTheSpec is the example of spec/ERRORS.md.
func TestOverviewOfTheSpec(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-001", "SPEC-ERRORS-002")
	r := wire.NewReader("BER-TLV", []byte{0x6F, 0x05, 0x84, 0x03, 0xA0, 0x00})
	r.Byte("tag")
	r.LV("6F")
	if got, want := r.Err().Error(), "BER-TLV: 6F at offset 2: want 5 bytes, got 4 left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
