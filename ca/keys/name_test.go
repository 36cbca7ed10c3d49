package keys

import (
	"testing"

	"inkan/spec/req"
)

func TestNames(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-002")
	for _, role := range Roles() {
		for generation := 1; generation <= MaxGeneration; generation++ {
			name := Name{role, generation}
			if got, err := ParseName(name.String()); err != nil || got != name {
				t.Fatalf("%s: %v, %v", name, got, err)
			}
		}
	}
	for _, s := range []string{
		"", "-", "content", "content-", "content-1", "content-00", "content-001", "content-256", "content-+1", "content--1",
		"content-01 ", " content-01", "Content-01", "ca-01", "-01", "content-0x", "role 0-01",
	} {
		if got, err := ParseName(s); err == nil {
			t.Errorf("%q is read as %s", s, got)
		}
	}
	for _, name := range []Name{{}, {Content, 0}, {Content, 256}, {roleEnd, 1}} {
		if text, err := name.MarshalText(); err == nil {
			t.Errorf("%v is written as %s", name, text)
		}
	}
}

func TestFingerprintText(t *testing.T) {
	var f Fingerprint
	f[0], f[31] = 0xAB, 0x01
	text, _ := f.MarshalText()
	var got Fingerprint
	if err := got.UnmarshalText(text); err != nil || got != f {
		t.Errorf("%s: %v, %v", text, got, err)
	}
	for _, bad := range []string{"", string(text[:63]), string(text) + "0", "AB" + string(text[2:]), "zz" + string(text[2:])} {
		if err := new(Fingerprint).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
