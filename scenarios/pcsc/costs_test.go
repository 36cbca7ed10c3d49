package pcsc

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write the generated parts of spec/PROFILES.md")

// section replaces or compares a generated part of spec/PROFILES.md.
func section(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "spec", "PROFILES.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	pattern := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + ".*?" + regexp.QuoteMeta(end))
	if !pattern.Match(raw) {
		t.Fatalf("spec/PROFILES.md has no part %q", name)
	}
	whole := begin + "\n" + strings.TrimSpace(want) + "\n\n" + end
	if string(pattern.Find(raw)) == whole {
		return
	}
	if !*update {
		t.Fatalf("part %q of spec/PROFILES.md is not what the code computes, which is\n%s\nrun: go test ./scenarios/pcsc -update", name, want)
	}
	if err := os.WriteFile(path, []byte(pattern.ReplaceAllLiteralString(string(raw), whole)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// cost is what the application costs on the card of a profile.
type cost struct {
	deploy, load, install, issue, sign personalise.Figures
	block                              int
}

// measured deploys and personalises card 1 of a profile.
func measured(t *testing.T, p *profile.Profile) (*profile.Card, *cost) {
	t.Helper()
	chip, err := p.ChipData()
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	meter := personalise.NewMeter(chip, k)
	c, err := profile.New(p, profile.Parts{Number: 1, Entropy: entropy.Seeded(1, "card"), Clock: k, Observer: meter})
	if err != nil {
		t.Fatal(err)
	}
	result := &cost{block: blockBytes(p)}
	meter.Begin()
	d, err := deploy(t.Context(), c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Model != profile.Simple {
		meter.End(&result.deploy)
	}
	r, err := through(t.Context(), c, &d, 1, meter)
	if err != nil {
		t.Fatal(err)
	}
	result.take(r.Steps)
	return c, result
}

// take sums the steps of a personalisation.
func (c *cost) take(steps []personalise.Step) {
	issuing := false
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Name == "LOAD":
			c.load = s.Figures
		case s.Name == "INSTALL" && c.install.Commands == 0:
			c.install = s.Figures
		case s.Name == "INSTALL":
			issuing = true
		case s.Name == "SIGN auth":
			c.sign = s.Figures
		}
		if issuing {
			f := &c.issue
			f.Commands += s.Commands
			f.SentBytes += s.SentBytes
			f.Cycles += s.Cycles
			f.Milliseconds += s.Milliseconds
			f.NVM.Writes += s.NVM.Writes
			for cause, n := range s.Causes {
				if f.Causes == nil {
					f.Causes = map[string]uint64{}
				}
				f.Causes[cause] += n
			}
		}
		issuing = issuing && s.Name != "ACTIVATE"
	}
}

// One package serves the cards of all profiles; what it costs on each stands in the
// specification.
func TestCosts(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-011", "SPEC-PROFILES-013", "SPEC-PCSC-030")
	var b strings.Builder
	b.WriteString("| Profile | Block | Deploy: ms | writes | Load: APDUs | bytes | ms | writes | Install: ms | writes | Personalise: APDUs | bytes | ms | writes | Sign: ms |\n")
	b.WriteString("|" + strings.Repeat("---|", 15) + "\n")
	for _, p := range profile.All() {
		card, c := measured(t, p)
		if card.Applet(jpki.AIDInstance.Append(nil)) == nil {
			t.Errorf("%s: the application is not there", p.Name)
		}
		deploy := "| | "
		if p.Model != profile.Simple {
			deploy = fmt.Sprintf("| %.0f | %d ", c.deploy.Milliseconds, c.deploy.NVM.Writes)
		}
		fmt.Fprintf(&b, "| %s | %d %s| %d | %d | %.0f | %d | %.0f | %d | %d | %d | %.0f | %d | %.0f |\n", p.Name, c.block, deploy,
			c.load.Commands, c.load.SentBytes, c.load.Milliseconds, c.load.NVM.Writes, c.install.Milliseconds, c.install.NVM.Writes,
			c.issue.Commands, c.issue.SentBytes, c.issue.Milliseconds, c.issue.NVM.Writes, c.sign.Milliseconds)
	}
	section(t, "costs", b.String())
}

// What the issuer says about a domain is what the deployment model asks for.
func TestDeploy(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-004", "SPEC-PROFILES-010")
	for _, p := range profile.All() {
		if p.Model == profile.Simple {
			continue
		}
		c, err := profile.New(p, profile.Parts{Number: 3})
		if err != nil {
			t.Fatal(err)
		}
		d, err := deploy(t.Context(), c, 1)
		if err != nil {
			t.Fatal(err)
		}
		issuerKeys, err := p.Keys(3)
		if err != nil {
			t.Fatal(err)
		}
		issuer, err := channel(t.Context(), c, gp.AIDIssuerSecurityDomain, &issuerKeys, entropy.Seeded(1, "host"))
		if err != nil {
			t.Fatal(err)
		}
		found := gp.Privileges(0)
		err = gp.Status(t.Context(), issuer, gp.GetStatus{Subset: gp.SubsetApplications}, func(e *gp.Entry) error {
			if e.AID == jpki.AIDProviderDomain {
				found = e.Privileges
			}
			return nil
		})
		if err != nil || found != p.Model.ProviderPrivileges() {
			t.Errorf("%s: %v, %v", p.Name, found, err)
		}
		withoutToken(t, c, &d)
	}
}

// withoutToken tries to load with no token.
func withoutToken(t *testing.T, c *profile.Card, d *domain) {
	t.Helper()
	var before, after bytes.Buffer
	s, err := channel(t.Context(), c, d.aid, &d.keys, entropy.Seeded(2, "host"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Flash.Snapshot(&before); err != nil {
		t.Fatal(err)
	}
	_, err = gp.Exchange(t.Context(), s, gp.Install{Purpose: gp.ForLoad, LoadFile: jpki.AIDPackage}, nil)
	want := error(nil)
	if c.Profile.Model == profile.Delegated {
		want = iso7816.ConditionsNotSatisfied
	}
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", c.Profile.Name, err, want)
	}
	if err := c.Flash.Snapshot(&after); err != nil {
		t.Fatal(err)
	}
	if want != nil && !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Errorf("%s: the memory changed", c.Profile.Name)
	}
}
