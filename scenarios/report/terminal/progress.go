package terminal

import (
	"fmt"
	"io"
	"strings"

	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
)

// Progress shows how far a run is. On a terminal it is one line, which is written over;
// elsewhere only steps that fail have a line, so that a log stays short. It is a
// report.Watcher.
type Progress struct {
	w        io.Writer
	terminal bool
	options  Options
	shown    int // columns that are on the line
	fault    error
}

// NewProgress makes a progress line. terminal says that w is one.
func NewProgress(w io.Writer, terminal bool, o Options) *Progress {
	return &Progress{w: w, terminal: terminal, options: o}
}

// StepBegan implements report.Watcher. Spec: SPEC-REPORT-022.
func (p *Progress) StepBegan(r *report.Run, s *report.Step) {
	if p.terminal {
		p.show(fmt.Sprintf("%3d  %s  %s", s.Number, report.Clock(s.At), english(s.Heading)))
	}
}

// StepEnded implements report.Watcher. Spec: SPEC-REPORT-022.
func (p *Progress) StepEnded(_ *report.Run, s *report.Step) {
	if s.Outcome != report.Failed {
		return
	}
	p.Clear()
	p.write(fmt.Sprintf("step %d failed: %s\n", s.Number, english(s.Heading)))
}

// show writes over the line. It never reaches the last column, where some terminals
// would begin a new one.
func (p *Progress) show(s string) {
	s = eastasian.Cut(flat(s), p.options.width()-1)
	p.write("\r" + eastasian.Pad(s, p.shown))
	p.shown = eastasian.Columns(s)
}

// Clear takes the line away, for what is printed next.
func (p *Progress) Clear() {
	if p.terminal && p.shown > 0 {
		p.write("\r" + strings.Repeat(" ", p.shown) + "\r")
		p.shown = 0
	}
}

func (p *Progress) write(s string) {
	if p.fault == nil {
		_, p.fault = io.WriteString(p.w, s)
	}
}
