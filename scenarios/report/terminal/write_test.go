package terminal

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
	"inkan/scenarios/report/sample"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write testdata")

// written is a run as the terminal has it.
func written(t rapid.TB, r *report.Run, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func madeUp(t testing.TB) *report.Run {
	t.Helper()
	r, err := sample.Run(sample.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-002", "SPEC-REPORT-024")
	got := written(t, madeUp(t), Options{})
	const golden = "testdata/sample.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

// No line is wider than it may be, at any width.
func TestWidth(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-020")
	r := madeUp(t)
	for width := 0; width <= 140; width++ {
		most := min(max(width, leastWidth), mostWidth)
		if width == 0 {
			most = defaultWidth
		}
		for l := range strings.Lines(written(t, r, Options{Width: width})) {
			if l = strings.TrimSuffix(l, "\n"); eastasian.Columns(l) > most {
				t.Errorf("width %d: %d columns: %q", width, eastasian.Columns(l), l)
			}
		}
	}
}

// Nor is one whatever the texts are.
func TestAnyText(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-020")
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return rapid.StringOf(rapid.RuneFrom([]rune("ab \n印鑑、。é…W9"))).Draw(t, name)
		}
		both := func(name string) report.Text {
			return report.Text{Japanese: text(name + " ja"), English: text(name + " en")}
		}
		r := &report.Run{Story: "s", Title: both("title"), Summary: both("summary"), Outcome: report.Refused, Result: both("result"), Took: time.Hour,
			Parties: []report.Party{{ID: "a", Name: both("party"), Note: text("note")}, {ID: "b", Name: both("other")}},
			Steps: []report.Step{{Number: 1, Heading: both("heading"), From: "a", To: "b", Text: text("text"), Notes: []string{text("came")}, Responsible: "a", At: 90 * time.Hour,
				Outcome: report.Refused, Refusal: &report.Refusal{Code: "TSM-x", What: both("what"), Do: both("do"), Desk: both("desk")}}},
			Ledger:       []report.Cost{{Step: 1, Kind: report.AirTime, Cause: text("cause"), Took: time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "took"))}},
			Certificates: []report.Certificate{{Name: text("name"), Subject: text("subject"), State: text("state")}},
			Counters:     []report.Counter{{Name: text("counter"), Value: 12}},
		}
		width := rapid.IntRange(leastWidth, mostWidth).Draw(t, "width")
		for l := range strings.Lines(written(t, r, Options{Width: width})) {
			if n := eastasian.Columns(strings.TrimSuffix(l, "\n")); n > width {
				t.Fatalf("%d columns: %q", n, l)
			}
		}
	})
}

func TestColour(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-023")
	r := madeUp(t)
	plain, coloured := written(t, r, Options{}), written(t, r, Options{Colour: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("an escape sequence without colour")
	}
	if !strings.Contains(coloured, "\x1b[1m") {
		t.Error("no colour")
	}
	var bare strings.Builder
	for i, part := range strings.Split(coloured, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		bare.WriteString(part)
	}
	trimmed := func(s string) string {
		lines := strings.Split(s, "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		return strings.Join(lines, "\n")
	}
	if d := cmp.Diff(plain, trimmed(bare.String())); d != "" {
		t.Error(d)
	}
}

func TestShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []time.Duration
		for _, n := range rapid.SliceOfN(rapid.Int64Range(1, 1e15), 1, 6).Draw(t, "parts") {
			parts = append(parts, time.Duration(n))
		}
		cells := rapid.IntRange(0, 200).Draw(t, "cells")
		sum := 0
		for _, n := range shares(parts, cells) {
			if n < 0 {
				t.Fatal("a negative share")
			}
			sum += n
		}
		if sum != cells {
			t.Fatalf("%d cells of %d", sum, cells)
		}
	})
}

// full is a writer that fails after some bytes.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, os.ErrClosed
	}
	return len(b), nil
}

func TestWriterFails(t *testing.T) {
	r := madeUp(t)
	for _, n := range []int{0, 100, 3000} {
		if err := Write(&full{n}, r, Options{}); err != os.ErrClosed {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestProgress(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-022")
	run := &report.Run{}
	play := func(terminal bool, outcome report.Outcome) string {
		var b bytes.Buffer
		p := NewProgress(&b, terminal, Options{Width: 60})
		for i, heading := range []string{"電子証明書をスマートフォンのSIMカードに書き込んでいます、電源を切らないでください", "short"} {
			s := report.Step{Number: i + 1, Heading: report.Text{Japanese: heading}}
			p.StepBegan(run, &s)
			s.Outcome = outcome
			p.StepEnded(run, &s)
		}
		p.Clear()
		return b.String()
	}
	if got := play(false, report.Done); got != "" {
		t.Errorf("not a terminal: %q", got)
	}
	if got := play(false, report.Failed); strings.Count(got, "\n") != 2 || strings.Contains(got, "\r") || !strings.Contains(got, "step 2 failed: short") {
		t.Errorf("failed steps: %q", got)
	}
	got := play(true, report.Done)
	if strings.Contains(got, "\n") {
		t.Errorf("more than a line: %q", got)
	}
	for part := range strings.SplitSeq(got, "\r") {
		if eastasian.Columns(part) >= 60 {
			t.Errorf("%d columns: %q", eastasian.Columns(part), part)
		}
	}
	if shown := screen(got); strings.TrimSpace(shown) != "" {
		t.Errorf("left on the screen: %q", shown)
	}
	if got := play(true, report.Failed); !strings.HasSuffix(screen(got), "\n") {
		t.Errorf("%q", screen(got))
	}
}

// screen is what a terminal shows of a line that is written over.
func screen(s string) string {
	var line []rune
	at := 0
	for _, c := range s {
		switch c {
		case '\r':
			at = 0
			continue
		case '\n':
			return fmt.Sprintf("%s\n", string(line))
		}
		for range eastasian.Columns(string(c)) {
			if at == len(line) {
				line = append(line, ' ')
			}
			line[at] = c
			at++
		}
	}
	return string(line)
}
