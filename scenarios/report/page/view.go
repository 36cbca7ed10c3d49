package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"inkan/scenarios/report"
)

var kindNames = map[report.CostKind]string{
	report.CardTime: "card", report.AirTime: "air", report.ServerTime: "servers", report.PeopleTime: "people", report.WaitTime: "waiting",
}

// stepView is a step with all that happened in it.
type stepView struct {
	*report.Step
	Responsible  []string // names
	When, Length string
	Chart        *chart
	Messages     []report.Message
	SMS          []report.SMS
	APDUs        []report.APDU
	Traps        []report.Trap
}

// figure is a number at the head of the page.
type figure struct{ Value, Name string }

// sumView is a kind of time with its causes.
type sumView struct {
	Kind   report.CostKind
	Name   string
	Took   string
	Share  float64 // of all, in percent
	X      float64 // where it begins, in percent
	Causes []causeView
}

type causeView struct {
	Name, Took string
	Share      float64 // of the largest of the kind, in percent
	Cycles     string
}

// dutyView is a row of the table of responsibilities.
type dutyView struct {
	Party                       report.Party
	Cells                       []string // one for each step: "responsible", "takes part" or ""
	Entries, Evidence, Refusals int
}

// trailView is a party's audit trail.
type trailView struct {
	Party   report.Party
	Entries []report.AuditEntry
}

func (v *view) steps() {
	r := v.Run
	at := make([]stepView, len(r.Steps)+1)
	for i := range r.Steps {
		s := &r.Steps[i]
		at[s.Number] = stepView{Step: s, Responsible: v.names(r.Responsible(s.Number)),
			When: report.Clock(s.At), Length: span(s.Took), Chart: chartOf(r, s, v.Lanes)}
	}
	place := func(step int) *stepView { return &at[min(max(step, 0), len(at)-1)] }
	for _, m := range r.Messages {
		s := place(m.Step)
		s.Messages = append(s.Messages, m)
	}
	for _, m := range r.SMS {
		s := place(m.Step)
		s.SMS = append(s.SMS, m)
	}
	for _, a := range r.APDUs {
		s := place(a.Step)
		s.APDUs = append(s.APDUs, a)
	}
	for _, t := range r.Traps {
		s := place(t.Step)
		s.Traps = append(s.Traps, t)
	}
	v.Outside, v.Steps = at[0], at[1:]
}

// Name is what a party is called; none is called nothing.
func (v *view) Name(id report.PartyID) string {
	if id == "" {
		return ""
	}
	p := v.Run.Party(id)
	if p.Name.English != "" {
		return p.Name.English
	}
	return p.Name.Japanese
}

// mostNames is how many of those who are responsible for a step stand at its head.
const mostNames = 4

func (v *view) names(ids []report.PartyID) (names []string) {
	for i, id := range ids {
		if i == mostNames-1 && len(ids) > mostNames {
			return append(names, fmt.Sprintf("and %d more", len(ids)-i))
		}
		names = append(names, v.Name(id))
	}
	return names
}

func (v *view) figures() []figure {
	r := v.Run
	list := []figure{{span(r.Took), "simulated time"}, {fmt.Sprint(len(r.Steps)), "steps"}, {fmt.Sprint(len(r.Messages)), "messages"}}
	if len(r.SMS) > 0 {
		list = append(list, figure{fmt.Sprint(len(r.SMS)), "short messages"})
	}
	if len(r.APDUs) > 0 {
		list = append(list, figure{fmt.Sprint(len(r.APDUs)), "commands to cards"})
	}
	for _, s := range r.Sums(-1) {
		if s.Kind == report.CardTime {
			list = append(list, figure{span(s.Took), "card time"})
		}
	}
	refused := 0
	for i := range r.Steps {
		if r.Steps[i].Outcome == report.Refused {
			refused++
		}
	}
	if refused > 0 {
		list = append(list, figure{fmt.Sprint(refused), "refused, as has to be"})
	}
	return list
}

func (v *view) sums() (views []sumView) {
	sums := v.Run.Sums(-1)
	var total time.Duration
	for _, s := range sums {
		total += s.Took
	}
	x := 0.0
	for _, s := range sums {
		w := sumView{Kind: s.Kind, Name: kindNames[s.Kind], Took: span(s.Took), Share: percent(s.Took, total), X: x}
		x += w.Share
		for _, c := range s.Causes {
			n := causeView{Name: v.Run.Cause(c.Cause), Took: span(c.Took), Share: percent(c.Took, s.Causes[0].Took)}
			if c.Cycles > 0 {
				n.Cycles = grouped(c.Cycles) + " cycles"
			}
			w.Causes = append(w.Causes, n)
		}
		views = append(views, w)
	}
	return views
}

func (v *view) duties() (views []dutyView) {
	r := v.Run
	for _, d := range r.Duties() {
		w := dutyView{Party: r.Party(d.Party), Entries: d.Entries, Evidence: d.Evidence, Refusals: d.Refusals}
		for i := range r.Steps {
			cell := ""
			switch {
			case slices.Contains(d.Steps, r.Steps[i].Number):
				cell = "responsible"
			case v.takesPart(i, d.Party):
				cell = "takes part"
			}
			w.Cells = append(w.Cells, cell)
		}
		views = append(views, w)
	}
	return views
}

// takesPart reports whether a party is one of those of a step, or sends or gets
// something in it.
func (v *view) takesPart(i int, id report.PartyID) bool {
	s := &v.Steps[i]
	return s.From == id || s.To == id ||
		slices.ContainsFunc(s.Messages, func(m report.Message) bool { return m.From == id || m.To == id }) ||
		slices.ContainsFunc(s.SMS, func(m report.SMS) bool { return m.From == id || m.To == id }) ||
		slices.ContainsFunc(s.APDUs, func(a report.APDU) bool { return a.From == id || a.To == id })
}

func (v *view) trails() (trails []trailView) {
	for _, a := range v.Run.Audit {
		i := slices.IndexFunc(trails, func(t trailView) bool { return t.Party.ID == a.Party })
		if i < 0 {
			i = len(trails)
			trails = append(trails, trailView{Party: v.Run.Party(a.Party)})
		}
		trails[i].Entries = append(trails[i].Entries, a)
	}
	return trails
}

func percent(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(int(float64(part)/float64(whole)*10000)) / 100
}

func headingOf(s *report.Step) string {
	h := s.Heading.English
	if h == "" {
		h = s.Heading.Japanese
	}
	return fit(h, timelineLeft-66)
}

func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// pretty is a message's body for people.
func pretty(body json.RawMessage) string {
	var b bytes.Buffer
	if len(body) == 0 || json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// mostHex is how many characters of a command's bytes the page has; the JSON has all.
const mostHex = 240

func bytesOf(s string) string {
	if len(s) <= mostHex {
		return s
	}
	return strings.TrimRight(s[:mostHex], " ") + fmt.Sprintf("… (%d characters)", len(s))
}
