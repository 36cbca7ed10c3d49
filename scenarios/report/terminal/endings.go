package terminal

import (
	"fmt"
	"strings"
	"time"

	"inkan/scenarios/personalise"
	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
)

// mostCauses is how many causes of a kind are printed one by one.
const mostCauses = 8

// causeWidth is the columns of a cause.
const causeWidth = 26

func (p *printer) ledger() {
	sums := p.run.Sums(-1)
	if len(sums) == 0 {
		return
	}
	p.section("Where the time went", "時間の内訳")
	p.line("  %s", p.stacked(sums, p.wide-4))
	var total time.Duration
	for _, s := range sums {
		total += s.Took
	}
	for _, s := range sums {
		p.line("")
		p.line("  %s %s %s", p.in(colours[s.Kind], fills[s.Kind]), p.in(bold, eastasian.Pad(kindNames[s.Kind], causeWidth)), eastasian.PadLeft(report.Span(s.Took), 12))
		for i, c := range s.Causes {
			if i == mostCauses && len(s.Causes) > mostCauses+1 {
				p.line("      … and %d causes more: %s", len(s.Causes)-i, report.Span(rest(s.Causes[i:])))
				break
			}
			p.line("    %s %s  %s", eastasian.Pad(eastasian.Cut(flat(p.run.Cause(c.Cause)), causeWidth), causeWidth), eastasian.PadLeft(report.Span(c.Took), 12), p.bar(s.Kind, c.Took, s.Causes[0].Took, p.wide-causeWidth-20))
		}
	}
	p.line("")
	p.line("  together %s; the run took %s", report.Span(total), report.Span(p.run.Took))
}

func rest(causes []report.Cost) (d time.Duration) {
	for _, c := range causes {
		d += c.Took
	}
	return d
}

func (p *printer) certificates() {
	if len(p.run.Certificates) == 0 {
		return
	}
	p.section("Certificates", "電子証明書")
	for i, c := range p.run.Certificates {
		if i > 0 {
			p.line("")
		}
		p.paragraph(2, "", bold, c.Name)
		for _, f := range [][2]string{{"serial", c.Serial}, {"subject", c.Subject}, {"issuer", c.Issuer},
			{"valid", c.NotBefore.UTC().Format("2006-01-02 15:04:05Z") + " to " + c.NotAfter.UTC().Format("2006-01-02 15:04:05Z")},
			{"purpose", c.Purpose}, {"state", stateThen(&c)}} {
			if f[1] != "" {
				p.paragraph(4, eastasian.Pad(f[0], 9), "", f[1])
			}
		}
	}
}

// stateThen is a certificate's state, and when it was so. Spec: SPEC-REPORT-024.
func stateThen(c *report.Certificate) string {
	if c.State == "" || c.Step == 0 {
		return c.State
	}
	return fmt.Sprintf("%s in step %d", c.State, c.Step)
}

func (p *printer) duties() {
	duties := p.run.Duties()
	if len(duties) == 0 {
		return
	}
	p.section("Who was responsible", "責任分界")
	name, steps := len("party"), len("steps")
	for _, d := range duties {
		name = max(name, eastasian.Columns(p.name(d.Party)))
		steps = max(steps, eastasian.Columns(report.Ranges(d.Steps)))
	}
	const numbers = 28 // columns of the three that follow, and of the blanks before
	name = min(name, p.wide/4)
	steps = min(steps, p.wide-name-numbers-4)
	p.line("  %s  %s  %s", eastasian.Pad("party", name), eastasian.Pad("steps", steps), p.in(dim, "entries  evidence  refused"))
	for _, d := range duties {
		lines := eastasian.Wrap(report.Ranges(d.Steps), steps)
		p.line("  %s  %s  %s  %s  %s", eastasian.Pad(eastasian.Cut(p.name(d.Party), name), name), eastasian.Pad(lines[0], steps), number(d.Entries, 7), number(d.Evidence, 8), number(d.Refusals, 7))
		for _, l := range lines[1:] {
			p.line("  %s  %s", strings.Repeat(" ", name), l)
		}
	}
}

func (p *printer) counters() {
	if len(p.run.Counters) == 0 {
		return
	}
	p.section("Counters", "")
	width := 0
	for _, c := range p.run.Counters {
		width = max(width, eastasian.Columns(flat(c.Name)))
	}
	width = min(width, p.wide-16)
	for _, c := range p.run.Counters {
		p.line("  %s  %s", eastasian.Pad(eastasian.Cut(flat(c.Name), width), width), number(int(c.Value), 12))
	}
}

func (p *printer) result() {
	p.section("Result", "結果")
	o := outcomes[p.run.Outcome]
	word := map[report.Outcome]string{report.Done: "✓ done", report.Resumed: "✓ done, after an interruption", report.Refused: "✓ refused, as it has to be",
		report.Failed: "✗ FAILED", report.Open: "… not ended"}[p.run.Outcome]
	c := o.colour
	if p.run.Outcome != report.Failed && p.run.Outcome != report.Open {
		c = green
	}
	p.line("  %s", p.in(c, word))
	p.paragraph(2, "", "", p.run.Result.English)
	p.paragraph(2, "", "", p.run.Result.Japanese)
}

// number is a number flush right; none is a blank.
func number(n, width int) string {
	if n == 0 {
		return eastasian.PadLeft("–", width)
	}
	return eastasian.PadLeft(personalise.Grouped(uint64(max(n, 0))), width)
}
