package overtheair

import (
	"bytes"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/scenarios/personalise"
	"inkan/sim/profile"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write the generated part of spec/OTA.md")

// same compares what came over the air with what a secure channel made.
func same(t *testing.T, c *profile.Card, before string, by *personalise.Report, r *Report) {
	t.Helper()
	if after := registry(t, c); after != before {
		t.Errorf("registry\n%s, by secure channel\n%s", after, before)
	}
	if len(r.Issued) != 1 || len(by.Issued) != 1 {
		t.Fatalf("%d and %d certificates", len(r.Issued), len(by.Issued))
	}
	got, want := &r.Issued[0], &by.Issued[0]
	if !bytes.Equal(got.Certificate, want.Certificate) || !bytes.Equal(got.Signature, want.Signature) {
		t.Error("another certificate or signature than by secure channel")
	}
	certificate, err := x509.ParseCertificate(got.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	if err := certificate.CheckSignature(x509.SHA256WithRSA, r.Message, got.Signature); err != nil {
		t.Error(err)
	}
}

// The application of every profile's card is replaced by short messages alone, and
// is the one that a secure channel makes. What it costs stands in the specification.
func TestProfiles(t *testing.T) {
	req.Covers(t, "SPEC-OTA-030", "SPEC-OTA-031", "SPEC-OTA-032", "SPEC-OTA-010", "SPEC-UICC-OS-090", "SPEC-UICC-OS-093", "SPEC-UICC-OS-097", "SPEC-RUNTIME-085")
	var b strings.Builder
	b.WriteString("| Profile | Format | Packets | Messages | bytes | of the card | bytes | Network: s | Card: ms | writes |\n|" + strings.Repeat("---|", 10) + "\n")
	for _, p := range profile.All() {
		for _, format := range []remote.Format{remote.Compact, remote.Expanded} {
			c, meter, by := demo(t, p)
			before := registry(t, c)
			counter := Memory(100) // behind what registry used
			r, err := Run(t.Context(), Config{Card: c, Meter: meter, Seed: seed, Delivered: true, Format: format, Counter: &counter})
			if err != nil {
				t.Fatalf("%s, %v: %v", p.Name, format, err)
			}
			same(t, c, before, by, r)
			x := &r.Total
			if x.Traffic.Again != 0 || x.Traffic.Waits != 0 || x.Recoveries != 0 {
				t.Errorf("%s: %+v without losses", p.Name, x.Traffic)
			}
			fmt.Fprintf(&b, "| %s | %v | %d | %d | %d | %d | %d | %.0f | %.0f | %d |\n", p.Name, format, x.Packets, x.Traffic.Messages, x.Traffic.Bytes,
				x.Traffic.Up, x.Traffic.UpBytes, x.Network, x.Card.Milliseconds, x.Card.NVM.Writes)
		}
	}
	section(t, b.String())
}

// section compares or writes the generated part of spec/OTA.md.
func section(t *testing.T, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "spec", "OTA.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- generated: ota -->\n", "<!-- end: ota -->\n"
	pattern := regexp.MustCompile("(?s)" + begin + ".*?" + end)
	whole := begin + "\n" + want + "\n" + end
	if string(pattern.Find(raw)) == whole {
		return
	}
	if !*update {
		t.Fatalf("the table of spec/OTA.md is not what the code computes, which is\n%s\nrun: go test ./scenarios/overtheair -update", want)
	}
	if err := os.WriteFile(path, []byte(pattern.ReplaceAllLiteralString(string(raw), whole)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Bad networks make it longer, and not different.
func TestLosses(t *testing.T) {
	req.Covers(t, "SPEC-OTA-003", "SPEC-OTA-004", "SPEC-OTA-020", "SPEC-OTA-021", "SPEC-OTA-023")
	seeds := uint64(6)
	if testing.Short() {
		seeds = 2
	}
	for _, p := range []*profile.Profile{profile.Named("akebono"), profile.Named("hayate")} {
		c, _, by := demo(t, p)
		before, counter, recovered := registry(t, c), Memory(100), 0
		for network := range seeds {
			n := Conditions{Loss: 25, Duplicate: 10, Late: 15}
			if network%2 == 0 {
				n = Conditions{Loss: 5, Late: 40}
			}
			r := &run{Config: Config{Card: c, Seed: seed, Delivered: true, Conditions: n, Counter: &counter, Format: remote.Format(network % 3), Parts: 2 + int(network)%7}}
			if err := r.connect(); err != nil {
				t.Fatal(err)
			}
			again, err := NewNetwork(r.network.Handset, n, network)
			if err != nil {
				t.Fatal(err)
			}
			*r.network = *again
			r.report = &Report{Timing: r.Timing}
			if err := r.stages(t.Context()); err != nil {
				t.Fatalf("%s, network %d: %v", p.Name, network, err)
			}
			r.report.finish()
			same(t, c, before, by, r.report)
			if r.network.Traffic.Lost == 0 || r.network.Traffic.Again == 0 {
				t.Errorf("%s, network %d: %+v", p.Name, network, r.network.Traffic)
			}
			recovered += r.link.Recoveries
			// registry begins from counter 0 again
			counter += 1000
		}
		if recovered == 0 {
			t.Error("nothing had to be recovered")
		}
	}
}

// A card that makes its key itself has it made over the air too.
func TestKeyOnCard(t *testing.T) {
	c, meter, _ := demo(t, profile.Test())
	r, err := Run(t.Context(), Config{Card: c, Meter: meter, Seed: seed, Conditions: Conditions{Loss: 10}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	req.Covers(t, "SPEC-OTA-033")
	for _, want := range []string{"GENERATE auth", "10 % lost", "modexp", "parameters, not measured", "where the card's time goes"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// Power that fails while a load is on its way costs the load, which begins again;
// anywhere else the command is done again or found done.
func TestPowerCut(t *testing.T) {
	req.Covers(t, "SPEC-OTA-011", "SPEC-OTA-020", "SPEC-OTA-022", "SPEC-OTA-023")
	c, meter, _ := demo(t, profile.Test())
	before, counter := registry(t, c), Memory(100)
	clean, err := Run(t.Context(), Config{Card: c, Meter: meter, Seed: seed, Delivered: true, Counter: &counter})
	if err != nil {
		t.Fatal(err)
	}
	span := uint64(0)
	for i := range clean.Steps {
		s := &clean.Steps[i]
		if s.Name == usesPlainly {
			break
		}
		span += s.Card.Cycles
	}
	cuts := uint64(12)
	if testing.Short() {
		cuts = 3
	}
	loadsAgain := 0
	for i := range cuts {
		c, meter, by := demo(t, profile.Test())
		c.Clock.CutAt(c.Clock.Now() + span*(2*i+1)/(2*cuts))
		r, err := Run(t.Context(), Config{Card: c, Meter: meter, Seed: seed, Delivered: true, Counter: &counter})
		if err != nil {
			t.Fatalf("cut %d of %d: %v", i, cuts, err)
		}
		for j := range r.Steps {
			if s := &r.Steps[j]; s.Name == "LOAD" && s.Recoveries > 0 {
				loadsAgain++
			}
		}
		same(t, c, before, by, r)
		counter += 1000
	}
	if loadsAgain == 0 {
		t.Error("no load was begun again")
	}
}

// The provider's domain takes packets under its own keys, ciphered, and no others.
func TestProviderDomain(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-014", "SPEC-OTA-030")
	for _, name := range []string{"hayate", "minato"} {
		c, _, _ := demo(t, profile.Named(name))
		weak, issuers := target(t, c.Profile), target(t, c.Profile)
		weak.SPI &^= scp80.Cipher
		var err error
		if issuers.Keys, err = c.Profile.OTAKeys(1); err != nil {
			t.Fatal(err)
		}
		for what, v := range map[string]Target{"not ciphered": weak, "under the issuer's keys": issuers} {
			if err := linkTo(t, c, v, new(Memory), remote.Expanded).Open(t.Context()); !errors.Is(err, ErrSilence) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		l := linkTo(t, c, target(t, c.Profile), new(Memory), remote.Expanded)
		if err := l.Open(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := gp.Exchange(t.Context(), l, gp.GetData{Tag: gp.TagKeyInformation}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
