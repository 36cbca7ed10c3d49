package engine

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write the generated parts of spec/TIMING.md")

// parameter finds a fitted parameter by its name in the table.
func parameter(c *Chip, name string) *uint64 {
	return map[string]*uint64{
		"Multiplier.Row": &c.Multiplier.Row, "CPU.StepMillicycles": &c.CPU.StepMillicycles,
		"CPU.CipherCall": &c.CPU.CipherCall, "AES.Round": &c.AES.Round, "Hash.Round32": &c.Hash.Round32,
	}[name]
}

// Each fitted parameter is the best whole number for its operation, the others
// being as they are: one step either way is worse.
func TestFittedParametersFit(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-004")
	for _, card := range MeasuredCards() {
		for _, m := range card.Measurements {
			if m.Fitted == "" {
				continue
			}
			off := func(delta int64) float64 {
				c := *card.Chip
				p := parameter(&c, m.Fitted)
				step := max(1, *p/200)
				*p = uint64(int64(*p) + delta*int64(step))
				return math.Abs(c.Milliseconds(m.Cycles(&c)) - m.Measured)
			}
			if here := off(0); here > off(1) || here > off(-1) {
				t.Errorf("%s: %s: off by %.3f ms, with one step up %.3f, down %.3f", card.Chip.Name, m.Fitted, here, off(1), off(-1))
			}
			if e := off(0) / m.Measured; e > 0.02 {
				t.Errorf("%s: %s: error %.1f %%", card.Chip.Name, m.Operation, 100*e)
			}
		}
	}
}

// section replaces or compares a generated part of spec/TIMING.md.
func section(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "spec", "TIMING.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	pattern := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + ".*?" + regexp.QuoteMeta(end))
	text := string(raw)
	if !pattern.MatchString(text) {
		t.Fatalf("spec/TIMING.md has no part %q", name)
	}
	whole := begin + "\n" + strings.TrimSpace(want) + "\n\n" + end
	if pattern.FindString(text) == whole {
		return
	}
	if !*update {
		t.Fatalf("part %q of spec/TIMING.md is not what the code computes; run: go test ./sim/engine -update", name)
	}
	text = pattern.ReplaceAllLiteralString(text, whole)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestGeneratedTables(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-001", "SPEC-TIMING-005")
	section(t, "parameters", ParameterTable())
	section(t, "opcodes", OpcodeTable())
	section(t, "operations", OperationTable())
	section(t, "fit", FitTable())
}
