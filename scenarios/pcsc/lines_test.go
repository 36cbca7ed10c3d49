package pcsc

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/core/entropy"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// lined is what the application costs on card 1 of a profile, by T=0 or T=1, over a
// line or without.
func lined(t *testing.T, p *profile.Profile, t0 bool, slot *profile.Slot) *cost {
	t.Helper()
	chip, err := p.ChipData()
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	meter := personalise.NewMeter(chip, k)
	c, err := profile.New(p, profile.Parts{Number: 1, T0: t0, Entropy: entropy.Seeded(1, "card"), Clock: k, Observer: meter, Slot: slot})
	if err != nil {
		t.Fatal(err)
	}
	d, err := deploy(t.Context(), c, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := through(t.Context(), c, &d, 1, meter)
	if err != nil {
		t.Fatal(err)
	}
	whole := k.Ledger()
	if whole.Sum() != k.Now() {
		t.Errorf("%s: the ledger has %d cycles of %d", p.Name, whole.Sum(), k.Now())
	}
	result := new(cost)
	result.take(r.Steps)
	return result
}

// What the line costs beside the card's work stands in the specification.
func TestLineCosts(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-013", "SPEC-PROFILES-015", "SPEC-TRANSPORT-023")
	var b strings.Builder
	for _, p := range profile.All() {
		t0 := p.Line.T0
		over, without := lined(t, p, t0, new(profile.Slot)), lined(t, p, t0, nil)
		for i, phase := range over.phases() {
			plain := without.phases()[i].figures
			t.Run(p.Name+" "+phase.name, func(t *testing.T) { dividedInKinds(t, phase.figures, plain, t0) })
			if b.Len() == 0 {
				b.WriteString("| Profile | | |")
				for _, k := range phase.figures.Kinds() {
					b.WriteString(" " + k.Name + " |")
				}
				b.WriteString(" all | chip |\n" + "|---|---|---|" + strings.Repeat("---|", len(phase.figures.Kinds())+2) + "\n")
			}
			fmt.Fprintf(&b, "| %s | T=%d | %s |", p.Name, map[bool]int{true: 0, false: 1}[t0], phase.name)
			for _, k := range phase.figures.Kinds() {
				fmt.Fprintf(&b, " %.0f |", k.Milliseconds)
			}
			fmt.Fprintf(&b, " %.0f | %.0f |\n", phase.figures.Milliseconds, plain.Milliseconds)
		}
	}
	section(t, "lines", b.String())
}

// dividedInKinds wants the kinds of causes to be all of the time, and the work to be
// the same without a line: by T=1 to the cycle; by T=0 commands have no Le behind
// data, which saves the card a byte of each.
func dividedInKinds(t *testing.T, over, plain *personalise.Figures, t0 bool) {
	t.Helper()
	sum := 0.0
	for _, k := range over.Kinds() {
		sum += k.Milliseconds
	}
	if d := sum - over.Milliseconds; d > 1e-6 || d < -1e-6 {
		t.Errorf("the kinds are %v ms of %v", sum, over.Milliseconds)
	}
	line := over.Causes[clock.Line.String()]
	if line == 0 || plain.Causes[clock.Line.String()] != 0 {
		t.Errorf("%d cycles of the line, %d without one", line, plain.Causes[clock.Line.String()])
	}
	saved := plain.Cycles - (over.Cycles - line)
	if !t0 && saved != 0 || t0 && saved > plain.Cycles/1000 || over.NVM.Writes != plain.NVM.Writes {
		t.Errorf("%d cycles and %d writes of work, without a line %d and %d", over.Cycles-line, over.NVM.Writes, plain.Cycles, plain.NVM.Writes)
	}
}

// phase is a part of what the application costs.
type phase struct {
	name    string
	figures *personalise.Figures
}

func (c *cost) phases() []phase {
	return []phase{{"load", &c.load}, {"install", &c.install}, {"personalise", &c.issue}, {"sign", &c.sign}}
}

// Over a line the card is used through the reader as without; by T=0 a command
// without Le leaves its response to GET RESPONSE.
func TestServedOverLine(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-016")
	for _, t0 := range []bool{false, true} {
		for _, p := range profile.All() {
			t.Run(fmt.Sprintf("%s T=0 %v", p.Name, t0), func(t *testing.T) {
				d := cardInPipe(t, Options{Demo: true, Profile: p.Name, T0: t0, Line: true})
				signedOverLine(t, d, t0)
			})
		}
	}
}

func signedOverLine(t *testing.T, d *daemon, t0 bool) {
	t.Helper()
	ask := func(command, want string) []byte {
		t.Helper()
		raw, err := hex.DecodeString(command)
		if err != nil {
			t.Fatal(err)
		}
		got := d.ask(raw...)
		if !bytes.HasSuffix(got, mustHex(want)) {
			t.Errorf("%s: %X, want …%s", command, got, want)
		}
		return got
	}
	sign := "802A008033" + "3031300D060960864801650304020105000420" + strings.Repeat("5A", 32)
	for _, command := range []string{"00A4040C0AD392F000260100000001", "00A4020C020018", "002000800431323334", "00A4020C020017"} {
		ask(command, "9000")
	}
	whole := ask(sign+"00", "9000")
	if len(whole) != 258 {
		t.Fatalf("a signature of %d bytes", len(whole)-2)
	}
	if t0 {
		if got := ask(sign, "6100"); len(got) != 2 {
			t.Errorf("%X", got)
		}
		if got := ask("00C0000000", "9000"); !bytes.Equal(got, whole) {
			t.Errorf("GET RESPONSE: %X, want %X", got, whole)
		}
	}
	ask("00A4040C0AD392F000260100000001", "9000")
}
