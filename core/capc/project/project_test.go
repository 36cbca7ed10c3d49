package project

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/cap"
	"inkan/core/wire"
	"inkan/spec/req"
)

const example = `{
	"package": "inkan.example.purse",
	"aid": "F0 696E6B61 01",
	"version": "1.2",
	"applets": [{"aid": "0xF0:0x69:0x6E:0x6B:0x61:0x01:0x01", "class": "PurseApplet"}],
	"int": true,
	"imports": ["../lib/lib.exp"],
	"api": ["javacard.framework=1.5"]
}
`

func TestParse(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-001", "SPEC-BUILD-CAP-002")
	got, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	want := Project{
		Package: "inkan.example.purse", AID: []byte{0xF0, 0x69, 0x6E, 0x6B, 0x61, 1}, Version: cap.Version{Major: 1, Minor: 2},
		Applets: []Applet{{[]byte{0xF0, 0x69, 0x6E, 0x6B, 0x61, 1, 1}, "PurseApplet"}}, Int: true, Imports: []string{"../lib/lib.exp"},
		API: map[string]byte{"javacard/framework": 5},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseRefuses(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-001", "SPEC-BUILD-CAP-002")
	for text, want := range map[string]string{
		``:                                       "cap.json: at offset 0: want a JSON object with package, aid, version, applets, int, imports, api, got end of input",
		`{"aid": "F0"}`:                          `cap.json: aid at offset 8: want 5 to 16 bytes in hex, got "F0"`,
		`{"aid": "F0696E6B6"}`:                   `cap.json: aid at offset 8: want 5 to 16 bytes in hex, got "F0696E6B6"`,
		`{"version": "1"}`:                       `cap.json: version at offset 12: want two numbers up to 255, as in "1.0", got "1"`,
		`{"version": "1.256"}`:                   `cap.json: version at offset 12: want two numbers up to 255, as in "1.0", got "1.256"`,
		`{"int": 1}`:                             "cap.json: int at offset 9: want a JSON boolean, got number",
		`{"applet": []}`:                         "unknown field",
		`{} {}`:                                  "cap.json: at offset 4: want end of input, got more",
		`{"api": ["java.framework=1.5"]}`:        `cap.json: api/0 at offset 9: want the name and version of an API package, as in "javacard.framework=1.5"`,
		`{"api": ["javacard.framework=1.99"]}`:   `cap.json: api/0 at offset 9`,
		`{"applets": [{"aid": "F0696E6B6101"}]}`: `cap.json: applets/0/class at offset 0: want the name of a class, got ""`,
		`{"applets": [{"class": "A"}]}`:          `cap.json: applets/0/aid at offset 0: want 5 to 16 bytes in hex, got ""`,
	} {
		_, err := Parse([]byte(text))
		var decode *wire.DecodeError
		if !errors.As(err, &decode) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseApplet(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-002")
	if a, err := ParseApplet("F0696E6B6101=a.b.C"); err != nil || a.Class != "a.b.C" || len(a.AID) != 6 {
		t.Error(a, err)
	}
	for _, bad := range []string{"", "F0696E6B6101", "F0696E6B6101=", "C=F0696E6B6101"} {
		if _, err := ParseApplet(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestOver(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-003")
	base, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(base, Project{}.Over(base)); d != "" {
		t.Error(d)
	}
	top := Project{Package: "x", AID: []byte{1, 2, 3, 4, 5}, Version: cap.Version{Major: 9}, Applets: []Applet{{Class: "Z"}}, Imports: []string{"z.exp"}}
	want := top
	want.API = base.API
	want.Int, want.Imports = true, []string{"../lib/lib.exp", "z.exp"}
	if d := cmp.Diff(want, top.Over(base)); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"applets": [{}], "imports": [null], "aid": "0x"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		var decode *wire.DecodeError
		if err != nil && !errors.As(err, &decode) {
			t.Fatalf("%T", err)
		}
		if err == nil && p.AID != nil && len(p.AID) < 5 {
			t.Fatal(p)
		}
	})
}
