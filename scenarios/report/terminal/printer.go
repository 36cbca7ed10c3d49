package terminal

import (
	"fmt"
	"io"
	"strings"

	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
)

// Options say how to print.
type Options struct {
	Width  int  // columns; 0: 80; else between 60 and 120
	Colour bool // ANSI colours and bold
}

// limits of the width in columns.
const (
	defaultWidth = 80
	leastWidth   = 60
	mostWidth    = 120
)

func (o Options) width() int {
	if o.Width == 0 {
		return defaultWidth
	}
	return min(max(o.Width, leastWidth), mostWidth)
}

// colour is an SGR parameter.
type colour string

const (
	bold    colour = "1"
	dim     colour = "2"
	red     colour = "31"
	green   colour = "32"
	yellow  colour = "33"
	blue    colour = "34"
	magenta colour = "35"
	cyan    colour = "36"
)

// printer keeps the first error.
type printer struct {
	w     io.Writer
	run   *report.Run
	wide  int
	ansi  bool
	fault error
}

func newPrinter(w io.Writer, run *report.Run, o Options) *printer {
	return &printer{w: w, run: run, wide: o.width(), ansi: o.Colour}
}

func (p *printer) line(format string, args ...any) {
	if p.fault == nil {
		_, p.fault = io.WriteString(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " ")+"\n")
	}
}

// in colours a text.
func (p *printer) in(c colour, s string) string {
	if !p.ansi || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// paragraph prints a text, wrapped and indented; mark stands before its first line.
func (p *printer) paragraph(indent int, mark string, c colour, s string) {
	if s == "" {
		return
	}
	space := strings.Repeat(" ", indent)
	for i, l := range eastasian.Wrap(s, p.wide-indent-eastasian.Columns(mark)) {
		if i > 0 {
			mark = strings.Repeat(" ", eastasian.Columns(mark))
		}
		if c != "" {
			l = p.in(c, l)
		}
		p.line("%s%s%s", space, mark, l)
	}
}

// section begins a part of the report.
func (p *printer) section(english, japanese string) {
	title := english
	if japanese != "" {
		title += "  " + japanese
	}
	p.line("")
	p.line("%s %s", p.in(bold, title), p.in(dim, strings.Repeat("─", max(0, p.wide-eastasian.Columns(title)-1))))
	p.line("")
}

// name is what a party is called in a line.
func (p *printer) name(id report.PartyID) string { return called(p.run, id) }

func called(r *report.Run, id report.PartyID) string {
	return flat(english(r.Party(id).Name))
}

// flat is a text in one line.
func flat(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// english is a text in English where there is one.
func english(t report.Text) string {
	if t.English != "" {
		return t.English
	}
	return t.Japanese
}

// count is a number with its unit.
func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
