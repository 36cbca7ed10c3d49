package sms

import (
	"encoding/hex"
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/wire"
	"inkan/spec/req"
)

func TestSecuredPacketFields(t *testing.T) {
	req.Covers(t, "SPEC-SMS-020")
	a, err := NewAddress(TypeUnknown, "12345678")
	if err != nil {
		t.Fatal(err)
	}
	ud := []byte{2, 0x70, 0, 0xAA}
	d := NewCommandDeliver(a, [7]byte{0x22, 0x70, 0x52}, ud)
	s := NewResponseSubmit(a, ud)
	p := NewResponseReport(ud)
	for want, append := range map[string]func([]byte) ([]byte, error){
		"440881214365877ff62270520000000004027000aa": d.Append,
		"41000881214365877ff604027000aa":             s.Append,
		"40077ff604027000aa":                         p.Append,
	} {
		if got, err := append(nil); err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%x, %v, want %s", got, err, want)
		}
		buffer := make([]byte, 0, MaxTPDU)
		if n := testing.AllocsPerRun(100, func() { append(buffer) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func TestIsDataDownload(t *testing.T) {
	req.Covers(t, "SPEC-SMS-021")
	for _, tt := range []struct {
		pid, dcs byte
		want     bool
	}{
		{0x7F, 0xF6, true}, {0x7F, 0xF2, true}, {0x7F, 0x16, true}, {0x7F, 0x12, true},
		{0x7F, 0xF5, false}, {0x7F, 0x06, false}, {0x7F, 0xD2, false}, {0x00, 0xF6, false},
	} {
		if got := IsDataDownload(tt.pid, tt.dcs); got != tt.want {
			t.Errorf("PID %02X DCS %02X: %v", tt.pid, tt.dcs, got)
		}
	}
}

func TestUserDataLength(t *testing.T) {
	req.Covers(t, "SPEC-SMS-003", "SPEC-SMS-004")
	for _, tt := range []struct {
		dcs  byte
		n    int
		want int
	}{{0x00, 160, 140}, {0x00, 8, 7}, {0x04, 140, 140}, {0x08, 140, 140}, {0x20, 140, 140}, {0xF0, 160, 140}, {0xF4, 9, 9}, {0xC0, 8, 7}, {0xE0, 9, 9}, {0x0C, 8, 7}} {
		if got := octets(tt.dcs, tt.n); got != tt.want {
			t.Errorf("DCS %02X, UDL %d: %d octets, want %d", tt.dcs, tt.n, got, tt.want)
		}
	}
	d := Deliver{DCS: DCSClass2Data, UD: make([]byte, 141)}
	if _, err := d.Append(nil); err == nil {
		t.Error("141 octets were written")
	}
	d = Deliver{DCS: 0, UD: make([]byte, 7), UDL: 7}
	if _, err := d.Append(nil); err != nil {
		t.Error(err)
	}
	d.UDL = 9
	if _, err := d.Append(nil); err == nil {
		t.Error("9 septets in 7 octets were written")
	}
}

func TestEnvelope(t *testing.T) {
	req.Covers(t, "SPEC-SMS-040")
	d := Download{TPDU: make([]byte, 163)}
	cmd := Envelope(d.Append(nil))
	b, err := cmd.Append(nil)
	if err != nil || hex.EncodeToString(b[:15]) != "80c20000add181aa820283818b81a3" || b[len(b)-1] != 0 {
		t.Errorf("%x, %v", b, err)
	}
	if c, err := apdu.DecodeCommand(b); err != nil || c.Ne != 256 {
		t.Errorf("%v, %v", c, err)
	}
}

func TestNewAddress(t *testing.T) {
	req.Covers(t, "SPEC-SMS-005", "SPEC-SMS-006")
	for _, bad := range []string{"123456789012345678901", "12 4", "1d", "é"} {
		if _, err := NewAddress(TypeUnknown, bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	a, err := NewAddress(TypeUnknown, "*#abc09")
	if err != nil || a.String() != "*#abc09" {
		t.Errorf("%v, %v", a, err)
	}
}

// TestAlphanumericAddress has the sender "Hello": 35 bits in 9 semi-octets, so
// that the half octet behind the count is fill bits, not F.
func TestAlphanumericAddress(t *testing.T) {
	req.Covers(t, "SPEC-SMS-007")
	in, _ := hex.DecodeString("09d0c8329bfd06")
	a, rest, err := DecodeAddress(in)
	if err != nil || len(rest) != 0 || a.String() != "8C23B9DF6" {
		t.Fatalf("%v, %x, %v", a, rest, err)
	}
	if out := a.Append(nil); hex.EncodeToString(out) != "09d0c8329bfd06" {
		t.Errorf("%x", out)
	}
	if _, _, err := DecodeAddress([]byte{1, TypeInternational, 0x06}); err == nil {
		t.Error("fill nibble 0 of a dialling number was accepted")
	}
}

func TestParameterIndicator(t *testing.T) {
	req.Covers(t, "SPEC-SMS-015", "SPEC-SMS-016", "SPEC-SMS-017", "SPEC-SMS-018", "SPEC-SMS-019")
	for _, tt := range []struct{ in, plain, path string }{ // plain: as we write it
		{"40077ff60102", "40077ff60102", ""},
		{"40477ff60102", "40077ff60102", ""},     // a reserved bit, nothing follows
		{"407f7ff60102aabb", "40077ff60102", ""}, // what it announces
		{"4087007f", "", "TP-DCS"},
		{"4087007ff60102", "40077ff60102", ""},       // a second octet
		{"408780807f7ff60102ee", "40077ff60102", ""}, // more of them, the last with reserved bits
		{"4087007ff60102ee", "", ""},                 // nothing announces EE
		{"40017fee", "", ""},                         // nor here
		{"40097fee", "40017f", ""},                   // here a reserved bit does, without TP-UD
		{"4008", "4000", ""},                         // nothing but the bit
		{"40", "", "TP-PI"},
		{"4087", "", "TP-PI extension"},
		{"408780", "", "TP-PI extension"},
		{"404f7ff602", "", "TP-UD"}, // a reserved bit does not excuse a short TP-UD
	} {
		in, err := hex.DecodeString(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		d, err := DecodeDeliverReport(in, false)
		if tt.plain == "" {
			var de *wire.DecodeError
			if !errors.As(err, &de) || tt.path != "" && de.Path != tt.path {
				t.Errorf("%x: %v, want an error at %q", in, err, tt.path)
			}
			continue
		}
		if err != nil {
			t.Errorf("%x: %v", in, err)
			continue
		}
		if out, err := d.Append(nil); err != nil || hex.EncodeToString(out) != tt.plain {
			t.Errorf("%x became %x, %v, want %s", in, out, err, tt.plain)
		}
	}
}
