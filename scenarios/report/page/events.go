package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"inkan/scenarios/report"
)

// sort is what an arrow of the chart stands for.
type sort string

const (
	byPerson sort = "person"
	message  sort = "message"
	answer   sort = "answer"
	sms      sort = "sms"
	command  sort = "apdu"
	screen   sort = "screen"
	trap     sort = "trap"
)

// event is one row of a step's chart before it is drawn: what goes from one party to
// another. Several of one sort are one event where they follow on one another.
type event struct {
	seq      int
	sort     sort
	from, to report.PartyID
	names    []string // what it is called; more than one when joined
	count    int
	bad      bool // lost, refused, failed
	both     bool // with its answer at once
	over     report.Bearer
	note     string
	times    int // how often the rows from here to the end of a cycle are repeated
	cycle    int // how many rows they are
}

// eventsOf are a step's events in their order.
func eventsOf(r *report.Run, s *report.Step) []event {
	var events []event
	for i := range r.Messages {
		if m := &r.Messages[i]; m.Step == s.Number {
			events = append(events, messageEvents(m)...)
		}
	}
	for i := range r.SMS {
		if m := &r.SMS[i]; m.Step == s.Number {
			events = append(events, event{seq: m.Seq, sort: sms, from: m.From, to: m.To, names: []string{smsName(m)}, count: 1,
				bad: m.Fate == report.Lost || m.Fate == report.GivenUp, note: string(m.Fate)})
		}
	}
	for i := range r.APDUs {
		if a := &r.APDUs[i]; a.Step == s.Number {
			events = append(events, event{seq: a.Seq, sort: command, from: a.From, to: a.To, names: []string{a.Name}, count: 1, over: a.Over, bad: a.SW == ""})
		}
	}
	for i := range r.Screens {
		if x := &r.Screens[i]; x.Step == s.Number {
			events = append(events, event{seq: x.Seq, sort: screen, from: x.Party, to: x.Party, names: []string{firstLine(x.Text)}, count: 1, bad: x.Error != ""})
		}
	}
	for i := range r.Traps {
		if x := &r.Traps[i]; x.Step == s.Number {
			events = append(events, event{seq: x.Seq, sort: trap, from: x.Party, to: x.Party, names: []string{x.Cause}, count: 1, bad: true})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.seq, b.seq) })
	return cycles(joined(append(personEvent(r, s), events...)))
}

// messageEvents are a call, and its answer unless that came before anything else.
func messageEvents(m *report.Message) []event {
	e := event{seq: m.Seq, sort: message, from: m.From, to: m.To, names: []string{m.Function}, count: 1, note: m.Code, bad: m.Code != "" || m.Fault != ""}
	switch {
	case m.Fault != "":
		e.note = "no answer"
	case m.Answered == m.Seq+1:
		e.both = true
	case m.Answered > 0:
		a := event{seq: m.Answered, sort: answer, from: m.To, to: m.From, names: []string{m.Function}, count: 1, note: m.Code, bad: e.bad}
		e.note, e.bad = "", false
		return []event{e, a}
	}
	return []event{e}
}

// personEvent is what a person does in a step: to a party that the step names, else by
// itself.
func personEvent(r *report.Run, s *report.Step) []event {
	name := ""
	for _, c := range r.Ledger {
		if c.Step == s.Number && c.Kind == report.PeopleTime && name == "" {
			name = c.Cause + ", " + report.Span(c.Took)
		}
	}
	if s.From != "" && s.To != "" && s.From != s.To && r.Party(s.From).Kind == report.Person {
		return []event{{sort: byPerson, from: s.From, to: s.To, names: []string{name}, count: 1}}
	}
	if id := person(r); name != "" && id != "" {
		return []event{{sort: byPerson, from: id, to: id, names: []string{name}, count: 1}}
	}
	return nil
}

// person is the first party that is one.
func person(r *report.Run) report.PartyID {
	for _, p := range r.Parties {
		if p.Kind == report.Person {
			return p.ID
		}
	}
	return ""
}

func smsName(m *report.SMS) string {
	if m.Parts > 1 {
		return fmt.Sprintf("%s %d/%d", m.Type, m.Part, m.Parts)
	}
	return string(m.Type)
}

func firstLine(t report.Text) string {
	s := t.Japanese
	if s == "" {
		s = t.English
	}
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// name adds names that an event does not have.
func (e *event) name(names []string) {
	for _, n := range names {
		if !slices.Contains(e.names, n) {
			e.names = append(e.names, n)
		}
	}
}

// joins reports whether two events are shown as one.
func (e *event) joins(f *event) bool {
	if e.sort != f.sort || e.from != f.from || e.to != f.to || e.bad != f.bad || e.note != f.note || e.over != f.over {
		return false
	}
	return e.sort == sms || e.sort == command
}

// joined joins events of short messages, and those of commands, with earlier ones of
// their stretch: a stretch is as long as nothing of another sort comes between.
func joined(events []event) (out []event) {
	stretch := 0 // where it begins in out
	for _, e := range events {
		if len(out) > 0 && out[len(out)-1].sort != e.sort {
			stretch = len(out)
		}
		i := slices.IndexFunc(out[stretch:], func(o event) bool { return o.joins(&e) })
		if i < 0 {
			out = append(out, e)
			continue
		}
		o := &out[stretch+i]
		o.count++
		o.name(e.names)
	}
	return out
}

// longestCycle is the most rows of which a repetition is looked for.
const longestCycle = 8

// cycles draws rows that repeat once, with how often: a relay fetches the next script
// and returns its responses dozens of times.
func cycles(events []event) (out []event) {
	for i := 0; i < len(events); {
		length, times := cycleAt(events[i:])
		if times < 3 {
			out = append(out, events[i])
			i++
			continue
		}
		for k := range length {
			e := events[i+k]
			e.names = slices.Clone(e.names)
			for t := 1; t < times; t++ {
				again := &events[i+t*length+k]
				e.count += again.count
				e.name(again.names)
			}
			if k == 0 {
				e.times, e.cycle = times, length
			}
			out = append(out, e)
		}
		i += length * times
	}
	return out
}

// cycleAt finds the repetition at the beginning that covers most.
func cycleAt(events []event) (length, times int) {
	for n := 1; n <= longestCycle && 3*n <= len(events); n++ {
		t := 1
		for (t+1)*n <= len(events) && slices.EqualFunc(events[:n], events[t*n:(t+1)*n], same) {
			t++
		}
		if t >= 3 && n*t > length*times {
			length, times = n, t
		}
	}
	return length, times
}

// same reports whether two rows say the same but for how much.
func same(a, b event) bool {
	return a.sort == b.sort && a.from == b.from && a.to == b.to && a.bad == b.bad && a.both == b.both && a.note == b.note &&
		(a.sort == command || a.sort == screen || a.names[0] == b.names[0])
}

// label is what stands at an event's arrow.
func (e *event) label() string {
	switch {
	case e.sort == sms && e.count > 1:
		kind, _, _ := strings.Cut(e.names[0], " ")
		return fmt.Sprintf("%d × %s", e.count, kind)
	case e.sort == command && e.count > 1:
		return fmt.Sprintf("%d commands: %s", e.count, strings.Join(shortNames(e.names), ", "))
	case e.sort == answer:
		return "answer"
	}
	return e.names[0]
}

// shortNames are names of instructions without what they are for.
func shortNames(names []string) (short []string) {
	for _, n := range names {
		n, _, _ = strings.Cut(n, " [")
		if !slices.Contains(short, n) {
			short = append(short, n)
		}
	}
	return short
}

// span is a length of time in the page.
func span(d time.Duration) string { return report.Span(d) }
