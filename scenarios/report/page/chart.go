package page

import (
	"fmt"
	"math"
	"strings"

	"inkan/scenarios/report"
	"inkan/scenarios/report/eastasian"
)

// Measures of the chart in its own units, which are pixels at full width.
const (
	chartWidth  = 1120
	rowHeight   = 31
	firstRow    = 26
	belowLast   = 12
	perColumn   = 7.2 // of the lanes' names, about
	arrowLength = 7
	widestLabel = 300 // of an arrow that is shorter
)

// lane is a party's line in the chart.
type lane struct {
	ID   report.PartyID
	Kind report.PartyKind
	X    float64
	Name []string // its lines
	Alt  string   // the Japanese name
	Note string
}

// lanesOf are the parties that take part, in the order of the chart.
func lanesOf(r *report.Run) []lane {
	used := map[report.PartyID]bool{}
	var unknown []report.PartyID
	see := func(ids ...report.PartyID) {
		for _, id := range ids {
			if id != "" && !used[id] {
				used[id] = true
				if r.Party(id).Kind == "" {
					unknown = append(unknown, id)
				}
			}
		}
	}
	for i := range r.Steps {
		see(r.Steps[i].From, r.Steps[i].To)
	}
	for i := range r.Messages {
		see(r.Messages[i].From, r.Messages[i].To)
	}
	for i := range r.SMS {
		see(r.SMS[i].From, r.SMS[i].To)
	}
	for i := range r.APDUs {
		see(r.APDUs[i].From, r.APDUs[i].To)
	}
	for i := range r.Screens {
		see(r.Screens[i].Party)
	}
	for _, c := range r.Ledger {
		if c.Kind == report.PeopleTime {
			see(person(r))
		}
	}
	for i := range r.Traps {
		see(r.Traps[i].Party)
	}
	var parties []report.Party
	for _, p := range r.Parties {
		if used[p.ID] {
			parties = append(parties, p)
		}
	}
	for _, id := range unknown {
		parties = append(parties, r.Party(id))
	}
	return placed(parties)
}

// boldly is how much wider letters are in the heads of lanes.
const boldly = 1.1

// placed spreads lanes over the width.
func placed(parties []report.Party) []lane {
	lanes := make([]lane, len(parties))
	gap := float64(chartWidth) / float64(max(len(parties), 1))
	for i, p := range parties {
		columns := int(gap/perColumn) - 1
		name, alt := p.Name.English, p.Name.Japanese
		if name == "" {
			name, alt = alt, ""
		}
		if alt == name {
			alt = ""
		}
		for word := range strings.FieldsSeq(name) { // no word is broken that has room
			if measure(word)*boldly < gap {
				columns = max(columns, eastasian.Columns(word))
			}
		}
		lines := eastasian.Wrap(name, columns)
		if len(lines) > 2 {
			lines = []string{lines[0], eastasian.Cut(lines[1]+" "+lines[2], columns)}
		}
		lanes[i] = lane{ID: p.ID, Kind: p.Kind, X: round(gap * (float64(i) + 0.5)), Name: lines, Alt: eastasian.Cut(alt, columns), Note: eastasian.Cut(p.Note, columns+4)}
	}
	return lanes
}

// row is a drawn event.
type row struct {
	Sort                   sort
	Over                   report.Bearer
	Bad                    bool
	Line, Head, Back, Tail string // paths: there, its head, the answer's line, its head
	X, Y, LabelY           float64
	Anchor                 string
	Label                  string
	Box                    *box // of a screen
	CrossX                 float64
	Title                  string
}

type box struct{ X, Y, Width, Height float64 }

// loop is a frame around rows that repeat.
type loop struct {
	box
	Times int
}

// chart is a step's part of the sequence.
type chart struct {
	Width, Height float64
	Rows          []row
	Loops         []loop
	Label         string
}

func chartOf(r *report.Run, s *report.Step, lanes []lane) *chart {
	events := eventsOf(r, s)
	if len(events) == 0 {
		return nil
	}
	c := &chart{Width: chartWidth, Height: float64(firstRow + rowHeight*(len(events)-1) + belowLast),
		Label: fmt.Sprintf("Sequence of step %d: %d rows", s.Number, len(events))}
	at := map[report.PartyID]float64{}
	for _, l := range lanes {
		at[l.ID] = l.X
	}
	for i := range events {
		e := &events[i]
		y := float64(firstRow + i*rowHeight)
		if e.times > 0 {
			c.Loops = append(c.Loops, loop{box{4, y - 22, chartWidth - 8, float64(e.cycle*rowHeight) - 2}, e.times})
		}
		c.Rows = append(c.Rows, draw(e, at[e.from], at[e.to], y))
	}
	return c
}

// draw draws an event between two lanes.
func draw(e *event, from, to, y float64) row {
	w := row{Sort: e.sort, Over: e.over, Bad: e.bad, Y: y, LabelY: y - 6, Anchor: "middle", Title: titleOf(e)}
	label := e.label()
	if e.note != "" {
		label += " · " + e.note
	}
	if from == to {
		w.beside(from, y, label)
		return w
	}
	direction := 1.0
	if to < from {
		direction = -1
	}
	end := to - 3*direction
	if e.sort == sms && e.bad {
		end = from + (to-from)*0.62
		w.CrossX = end
	}
	w.Line = fmt.Sprintf("M%g %gH%g", from, y, end)
	if w.CrossX == 0 {
		w.Head = head(end, y, direction)
	}
	if e.both {
		w.Back = fmt.Sprintf("M%g %gH%g", to, y+5, from+3*direction)
		w.Tail = head(from+3*direction, y+5, -direction)
	}
	// A label may be wider than its arrow, by what fits on either side.
	w.X = (from + to) / 2
	room := 2 * math.Min(w.X, chartWidth-w.X)
	w.Label = fit(label, math.Max(math.Abs(to-from), math.Min(room, widestLabel)))
	half := measure(w.Label) / 2
	w.X = round(math.Min(math.Max(w.X, half+6), chartWidth-half-6))
	return w
}

// beside draws an event of one lane: a box, with what is said in it.
func (w *row) beside(x, y float64, label string) {
	w.Label = fit(label, widestLabel)
	width := measure(w.Label) + 18
	left := math.Min(math.Max(x-width/2, 4), chartWidth-width-4)
	w.Box = &box{round(left), y - 14, round(width), 22}
	w.X, w.LabelY = round(left+width/2), y-3
}

func head(x, y, direction float64) string {
	return fmt.Sprintf("M%g %gl%g -4v8z", x, y, -direction*arrowLength)
}

// titleOf is what a pointer that rests on a row shows.
func titleOf(e *event) string {
	t := ""
	for i, n := range e.names {
		if i == 12 {
			return t + fmt.Sprintf(", and %d more", len(e.names)-i)
		}
		if i > 0 {
			t += ", "
		}
		t += n
	}
	if e.over != "" {
		t += " (" + string(e.over) + ")"
	}
	return t
}

func round(x float64) float64 { return math.Round(x*10) / 10 }
