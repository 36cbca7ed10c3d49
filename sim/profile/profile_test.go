package profile

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write the table of spec/PROFILES.md")

// specification is the document that the tests are of.
var specification = filepath.Join("..", "..", "spec", "PROFILES.md")

// table is the profiles as spec/PROFILES.md has them.
func table(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| Profile | Carrier | Network of | Model | Channel | Keys | Method | Lc | Memory | Chip | MCC MNC | ICCID |\n")
	b.WriteString("|" + strings.Repeat("---|", 12) + "\n")
	for _, p := range All() {
		chip, err := p.ChipData()
		if err != nil {
			t.Fatal(err)
		}
		host := p.Host
		if host == "" {
			host = "its own"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %v | SCP%02X, i %02X | version %02X, %d bytes | %s | %d | %d KiB | %s | %s %s | 89%s… |\n", p.Name, p.Carrier, host,
			p.Model, p.Channel.Protocol, p.Channel.I, p.KeyVersion, p.KeyBytes, p.Method.Name, p.MaxData, chip.NVM.SizeBytes>>10, chip.Name, p.MCC, p.MNC, p.Issuer)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-001", "SPEC-PROFILES-013")
	raw, err := os.ReadFile(specification)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)<!-- generated: profiles -->\n.*?<!-- end: profiles -->\n`)
	want := "<!-- generated: profiles -->\n\n" + table(t) + "\n<!-- end: profiles -->\n"
	if string(part.Find(raw)) == want {
		return
	}
	if !*update {
		t.Fatalf("the table of spec/PROFILES.md is not what the code says, which is\n%s\nrun: go test ./sim/profile -update", want)
	}
	if err := os.WriteFile(specification, []byte(part.ReplaceAllLiteralString(string(raw), want)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Profiles differ where carriers do, and are sound.
func TestProfilesDiffer(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-001")
	models, channels, methods, names := map[Model]bool{}, map[gp.SCPOption]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range All() {
		models[p.Model], channels[p.Channel], methods[p.Method.Name], names[p.Name] = true, true, true, true
		if Named(p.Name) != p {
			t.Errorf("%s is not found by its name", p.Name)
		}
		if p.Host != "" && Named(p.Host) == nil {
			t.Errorf("%s: no profile is called %s", p.Name, p.Host)
		}
	}
	if len(models) != 3 || len(channels) != 5 || len(methods) != 4 || len(names) != len(All()) {
		t.Errorf("%v %v %v %v", models, channels, methods, names)
	}
	if Named("nobody") != nil || Test() != All()[0] {
		t.Error("names")
	}
	for m, want := range map[Model]string{Simple: "simple", Delegated: "delegated", Authorised: "authorised", 9: "model 9"} {
		if m.String() != want {
			t.Error(m)
		}
	}
}

func TestProviderPrivileges(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-004")
	for m, want := range map[Model]gp.Privileges{Simple: 0x800000, Delegated: 0xA00000, Authorised: 0x804000} {
		if got := m.ProviderPrivileges(); got != want {
			t.Errorf("%v: %v", m, got)
		}
	}
}

// The longest block is what a protected command has room for, and one more byte is
// too much.
func TestBlockBytes(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-005")
	for name, want := range map[string]int{"test": 239, "akebono": 239, "hayate": 223, "minato": 239, "suzume": 119} {
		p := Named(name)
		got, block := p.BlockBytes(), 16
		if p.Channel.Protocol == gp.SCP02 {
			block = 8
		}
		protected := func(n int) int { return (n/block+1)*block + 8 }
		if got != want || protected(got) > p.MaxData || protected(got+1) <= p.MaxData {
			t.Errorf("%s: %d, protected %d of %d", name, got, protected(got), p.MaxData)
		}
	}
}

func TestLevel(t *testing.T) {
	for name, want := range map[string]scp.Level{"test": 0x33, "akebono": 0x03, "hayate": 0x33, "minato": 0x03, "suzume": 0x03} {
		if got := Named(name).Level(); got != want {
			t.Errorf("%s: %02X", name, byte(got))
		}
	}
}

func TestChipData(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-003")
	for name, want := range map[string]uint32{"test": 256, "akebono": 144, "hayate": 512, "minato": 384, "suzume": 160} {
		c, err := New(Named(name), Parts{})
		if err != nil {
			t.Fatal(err)
		}
		if c.Flash.Size() != want<<10 || c.Chip.Name != Named(name).Chip {
			t.Errorf("%s: %d bytes on %s", name, c.Flash.Size(), c.Chip.Name)
		}
		var b strings.Builder
		if err := c.Flash.Snapshot(&b); err != nil {
			t.Fatal(err)
		}
		again, err := New(Named(name), Parts{Snapshot: []byte(b.String())})
		if err != nil || again.Flash.Writes() < c.Flash.Writes() {
			t.Errorf("%s: %v", name, err)
		}
		var fault *wire.DecodeError
		other := All()[0]
		if name == "test" {
			other = All()[1]
		}
		if _, err := New(other, Parts{Snapshot: []byte(b.String())}); !errors.As(err, &fault) {
			t.Errorf("a card of %s is one of %s: %v", name, other.Name, err)
		}
	}
	if _, err := New(&Profile{Name: "x", Chip: "none"}, Parts{}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
	if _, err := New(Test(), Parts{Number: MaxNumber + 1}); err == nil {
		t.Error("a number of nine digits")
	}
}
