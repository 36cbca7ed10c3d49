package terminal

import (
	"fmt"
	"io"
	"strings"

	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
)

// Write prints a run. Spec: SPEC-REPORT-020.
func Write(w io.Writer, r *report.Run, o Options) error {
	p := newPrinter(w, r, o)
	p.head()
	p.parties()
	p.steps()
	p.ledger()
	p.certificates()
	p.duties()
	p.counters()
	p.result()
	return p.fault
}

func (p *printer) head() {
	r := p.run
	p.paragraph(0, "", bold, english(r.Title))
	if r.Title.English != "" {
		p.paragraph(0, "", bold, r.Title.Japanese)
	}
	p.paragraph(0, "", "", english(r.Summary))
	p.paragraph(0, "", dim, fmt.Sprintf("story %s · seed %d · from %s · %s of simulated time", r.Story, r.Seed, r.Start.UTC().Format("2006-01-02 15:04:05Z"), report.Span(r.Took)))
}

func (p *printer) parties() {
	p.section("Parties", "登場者")
	width := 0
	for _, x := range p.run.Parties {
		width = max(width, eastasian.Columns(p.name(x.ID)))
	}
	width = min(width, p.wide/3)
	for _, x := range p.run.Parties {
		name, other := english(x.Name), x.Name.Japanese
		if other == name {
			other = ""
		}
		left := p.wide - width - 4
		other = eastasian.Cut(flat(other), left)
		note := ""
		if left -= eastasian.Columns(other) + 2; left > 4 {
			note = p.in(dim, eastasian.Cut(flat(x.Note), left))
		}
		p.line("  %s  %s", eastasian.Pad(eastasian.Cut(flat(name), width), width), strings.TrimLeft(other+"  "+note, " "))
	}
}

func (p *printer) steps() {
	p.section("Steps", "手順")
	for i := range p.run.Steps {
		if i > 0 {
			p.line("")
		}
		p.step(&p.run.Steps[i])
	}
}

// outcomes are marks of how a step ended.
var outcomes = map[report.Outcome]struct {
	mark   string
	colour colour
}{report.Done: {"", ""}, report.Refused: {"✗ refused", yellow}, report.Resumed: {"↻ resumed", cyan}, report.Failed: {"✗ FAILED", red}, report.Open: {"… open", dim}}

// stepIndent is the column at which a step's text begins.
const stepIndent = 4

// stepBar is the columns of a step's bar.
const stepBar = 12

func (p *printer) step(s *report.Step) {
	when := report.Clock(s.At) + "  +" + report.Span(s.Took)
	lines := eastasian.Wrap(english(s.Heading), p.wide-stepIndent-len(when)-2)
	p.line("%s %s  %s", p.in(dim, fmt.Sprintf("%3d", s.Number)), p.in(bold, eastasian.Pad(lines[0], p.wide-stepIndent-eastasian.Columns(when)-2)), p.in(dim, when))
	for _, l := range lines[1:] {
		p.line("    %s", p.in(bold, l))
	}
	if s.Heading.English != "" {
		p.paragraph(stepIndent, "", "", s.Heading.Japanese)
	}
	p.paragraph(stepIndent, "", dim, p.traffic(s))
	p.paragraph(stepIndent, "", "", s.Text)
	for _, n := range s.Notes {
		p.paragraph(stepIndent, "– ", "", n)
	}
	p.spent(s.Number)
	if o := outcomes[s.Outcome]; o.mark != "" {
		p.line("    %s", p.in(o.colour, o.mark))
	}
	p.refusal(s.Refusal)
}

// traffic is who speaks to whom in a step, how much, and on whose responsibility.
func (p *printer) traffic(s *report.Step) string {
	var parts []string
	switch {
	case s.From != "" && s.To != "" && s.From != s.To:
		parts = append(parts, p.name(s.From)+" → "+p.name(s.To))
	case s.From != "":
		parts = append(parts, p.name(s.From))
	}
	t := p.run.Traffic(s.Number)
	if t.Messages > 0 {
		parts = append(parts, count(t.Messages, "message"))
	}
	if t.SMS > 0 {
		parts = append(parts, fmt.Sprintf("%d SMS", t.SMS))
	}
	if t.APDUs > 0 {
		parts = append(parts, count(t.APDUs, "APDU"))
	}
	if ids := p.run.Responsible(s.Number); len(ids) > 0 {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = p.name(id)
		}
		parts = append(parts, "responsible: "+strings.Join(names, ", "))
	}
	return strings.Join(parts, " · ")
}

// refusal prints what the holder is told, in both languages.
func (p *printer) refusal(f *report.Refusal) {
	if f == nil {
		return
	}
	p.line("    %s", "│ "+p.in(bold, f.Code))
	for _, t := range []report.Text{f.What, f.Do} {
		p.paragraph(stepIndent, "│ ", "", t.Japanese)
		p.paragraph(stepIndent, "│ ", "", t.English)
	}
	if f.Desk != (report.Text{}) {
		p.paragraph(stepIndent, "│ ", "", "→ "+strings.Trim(f.Desk.Japanese+" / "+f.Desk.English, " /"))
	}
}

// spent is where a step's time went, in a line.
func (p *printer) spent(step int) {
	sums := p.run.Sums(step)
	if len(sums) == 0 {
		return
	}
	parts := make([]string, len(sums))
	for i, s := range sums {
		parts[i] = kindNames[s.Kind] + " " + report.Span(s.Took)
	}
	p.line("    %s %s", p.stacked(sums, stepBar), p.in(dim, eastasian.Cut(strings.Join(parts, " · "), p.wide-stepIndent-stepBar-1)))
}
