package page

import (
	"fmt"
	"time"

	"inkan/scenarios/report"
)

// Measures of the timeline.
const (
	timelineLeft  = 310
	timelineRight = 90
	timelineRow   = 24
	timelineTop   = 30
	breakWidth    = 22 // of what is cut out
)

// part is a piece of a bar.
type part struct {
	Kind  report.CostKind
	X, W  float64
	Title string
}

// bar is a step's row in the timeline.
type bar struct {
	Number  int
	Heading string
	Y       float64
	Parts   []part
	After   float64 // where the text behind it stands
	Took    string
}

type tick struct {
	X     float64
	Label string
}

type timeline struct {
	Width, Height float64
	Bars          []bar
	Ticks         []tick
	Breaks        []tick // where time between steps is cut out
}

// axis maps time to places: linear, but for long times between steps, which are cut.
type axis struct {
	starts, ends []time.Duration // of what is drawn
	total        time.Duration
	unit         float64
}

// newAxis cuts out what lies between steps and is more than a tenth of all steps.
func newAxis(r *report.Run) axis {
	var a axis
	var busy time.Duration
	for i := range r.Steps {
		busy += r.Steps[i].Took
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		n := len(a.ends)
		if n > 0 && s.At-a.ends[n-1] <= busy/10 {
			a.ends[n-1] = max(a.ends[n-1], s.At+s.Took)
			continue
		}
		if n > 0 && s.At < a.ends[n-1] {
			continue
		}
		a.starts, a.ends = append(a.starts, s.At), append(a.ends, s.At+s.Took)
	}
	for i := range a.starts {
		a.total += a.ends[i] - a.starts[i]
	}
	width := float64(chartWidth-timelineLeft-timelineRight) - breakWidth*float64(max(len(a.starts)-1, 0))
	if a.total > 0 {
		a.unit = max(width, 100) / float64(a.total)
	}
	return a
}

func (a *axis) x(t time.Duration) float64 {
	x := float64(timelineLeft)
	for i := range a.starts {
		if i > 0 {
			x += breakWidth
		}
		if t <= a.ends[i] {
			return x + float64(max(t-a.starts[i], 0))*a.unit
		}
		x += float64(a.ends[i]-a.starts[i]) * a.unit
	}
	return x
}

// steps of ticks, of which the first that gives at most eight is taken.
var tickSteps = []time.Duration{time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour}

func (a *axis) ticks() (ticks []tick) {
	step := tickSteps[len(tickSteps)-1]
	for _, s := range tickSteps {
		if a.total/s <= 8 {
			step = s
			break
		}
	}
	last := -1e9
	for i := range a.starts {
		for t := (a.starts[i] + step - 1) / step * step; t <= a.ends[i]; t += step {
			if x := a.x(t); x-last >= 60 {
				ticks = append(ticks, tick{round(x), report.Clock(t)})
				last = x
			}
		}
	}
	return ticks
}

func timelineOf(r *report.Run) *timeline {
	if len(r.Steps) == 0 {
		return nil
	}
	a := newAxis(r)
	t := &timeline{Width: chartWidth, Height: float64(timelineTop + timelineRow*len(r.Steps) + 6), Ticks: a.ticks()}
	for i := 1; i < len(a.starts); i++ {
		t.Breaks = append(t.Breaks, tick{round(a.x(a.starts[i]) - breakWidth/2), span(a.starts[i]-a.ends[i-1]) + " cut out"})
	}
	for i := range r.Steps {
		t.Bars = append(t.Bars, barOf(r, &r.Steps[i], &a, float64(timelineTop+i*timelineRow)))
	}
	return t
}

// barOf divides a step's length by what its time was spent on; what the ledger does not
// account for is the rest.
func barOf(r *report.Run, s *report.Step, a *axis, y float64) bar {
	left := a.x(s.At)
	width := max(a.x(s.At+s.Took)-left, 2)
	b := bar{Number: s.Number, Heading: headingOf(s), Y: y, Took: span(s.Took), After: round(left + width + 6)}
	sums := r.Sums(s.Number)
	whole := s.Took
	var spent time.Duration
	for _, sum := range sums {
		spent += sum.Took
	}
	whole = max(whole, spent)
	x := left
	for _, sum := range sums {
		w := width * float64(sum.Took) / float64(max(whole, 1))
		b.Parts = append(b.Parts, part{sum.Kind, round(x), round(max(w, 0.6)), fmt.Sprintf("%s %s", kindNames[sum.Kind], span(sum.Took))})
		x += w
	}
	if w := left + width - x; w > 0.5 || len(sums) == 0 {
		b.Parts = append(b.Parts, part{"rest", round(x), round(max(w, 0.6)), "not accounted for " + span(whole-spent)})
	}
	return b
}
