package page

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/scenarios/report"
	"inkan/scenarios/report/sample"
	"inkan/spec/req"
)

// counts are how many of each sort the rows stand for.
func counts(events []event) map[sort]int {
	n := map[sort]int{}
	for _, e := range events {
		n[e.sort] += e.count
	}
	return n
}

func TestEveryEventOnce(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-035")
	check := func(t rapid.TB, r *report.Run) {
		for i := range r.Steps {
			traffic := r.Traffic(i + 1)
			n := counts(eventsOf(r, &r.Steps[i]))
			if n[message] != traffic.Messages || n[sms] != traffic.SMS || n[command] != traffic.APDUs {
				t.Fatalf("step %d: rows for %v, recorded %+v", i+1, n, traffic)
			}
		}
	}
	check(t, madeUp(t, sample.Config{Blocks: 40}))
	rapid.Check(t, func(t *rapid.T) {
		r := &report.Run{Steps: []report.Step{{Number: 1}}}
		ends := rapid.SampledFrom([]report.PartyID{"a", "b", "c"})
		names := rapid.SampledFrom([]string{"X", "Y"})
		for seq := range rapid.IntRange(0, 60).Draw(t, "events") {
			from, to, name := ends.Draw(t, "from"), ends.Draw(t, "to"), names.Draw(t, "name")
			switch rapid.IntRange(0, 3).Draw(t, "sort") {
			case 0:
				r.Messages = append(r.Messages, report.Message{Seq: 2 * seq, Answered: 2*seq + rapid.IntRange(-1, 5).Draw(t, "answered"), Step: 1, From: from, To: to, Function: name})
			case 1:
				fate := rapid.SampledFrom([]report.Fate{"", report.Lost}).Draw(t, "fate")
				r.SMS = append(r.SMS, report.SMS{Seq: 2 * seq, Step: 1, From: from, To: to, Type: report.Deliver, Fate: fate})
			case 2:
				r.APDUs = append(r.APDUs, report.APDU{Seq: 2 * seq, Step: 1, From: from, To: to, Name: name, SW: "9000"})
			case 3:
				r.Screens = append(r.Screens, report.Screen{Seq: 2 * seq, Step: 1, Party: from, Text: report.Text{English: name}})
			}
		}
		check(t, r)
		written(t, r)
	})
}

// A relay that fetches ten scripts is drawn once, with what is around it.
func TestCycles(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-034")
	r := &report.Run{Steps: []report.Step{{Number: 1}}}
	seq := 0
	call := func(function string) {
		r.Messages = append(r.Messages, report.Message{Seq: seq + 1, Answered: seq + 2, Step: 1, From: "phone", To: "mno", Function: function})
		seq += 2
	}
	call("Begin")
	for i := range 10 {
		call("Fetch")
		for range i + 1 {
			seq++
			r.APDUs = append(r.APDUs, report.APDU{Seq: seq, Step: 1, From: "phone", To: "sim", Name: []string{"LOAD", "INSTALL [for load]"}[i%2], SW: "9000"})
		}
		call("Return")
	}
	call("End")
	call("End")
	events := eventsOf(r, &r.Steps[0])
	var got []string
	for _, e := range events {
		got = append(got, e.label())
	}
	if d := cmp.Diff([]string{"Begin", "Fetch", "55 commands: LOAD, INSTALL", "Return", "End", "End"}, got); d != "" {
		t.Error(d)
	}
	if e := events[1]; e.times != 10 || e.cycle != 3 || e.count != 10 {
		t.Errorf("%+v", e)
	}
	c := chartOf(r, &r.Steps[0], lanesOf(r))
	if len(c.Loops) != 1 || c.Loops[0].Times != 10 || len(c.Rows) != 6 {
		t.Errorf("%+v", c)
	}
}

// An answer that comes after something else has a row of its own.
func TestAnswers(t *testing.T) {
	r := &report.Run{Steps: []report.Step{{Number: 1}}, Messages: []report.Message{
		{Seq: 1, Answered: 4, Step: 1, From: "a", To: "b", Function: "Outer", Code: "sim-mismatch"},
		{Seq: 2, Answered: 3, Step: 1, From: "b", To: "c", Function: "Inner"},
		{Seq: 5, Step: 1, From: "a", To: "b", Function: "Lost", Fault: "no route"},
	}}
	var got []string
	for _, e := range eventsOf(r, &r.Steps[0]) {
		got = append(got, string(e.sort)+" "+string(e.from)+" "+e.label()+" "+e.note)
	}
	if d := cmp.Diff([]string{"message a Outer ", "message b Inner ", "answer b answer sim-mismatch", "message a Lost no answer"}, got); d != "" {
		t.Error(d)
	}
}

// Lost parts have a row of their own, however they are mixed with others.
func TestLost(t *testing.T) {
	r := &report.Run{Steps: []report.Step{{Number: 1}}}
	for i, fate := range []report.Fate{"", report.Lost, "", report.Lost, ""} {
		r.SMS = append(r.SMS, report.SMS{Seq: i + 1, Step: 1, From: "mno", To: "sim", Type: report.Deliver, Part: i + 1, Parts: 5, Fate: fate})
	}
	events := eventsOf(r, &r.Steps[0])
	if len(events) != 2 || events[0].count != 3 || events[1].count != 2 || !events[1].bad || events[1].label() != "2 × SMS-DELIVER" {
		t.Errorf("%+v", events)
	}
}

// Time between steps that is long is cut out; places stay in order.
func TestAxis(t *testing.T) {
	day := 24 * time.Hour
	r := &report.Run{Took: 9 * day, Steps: []report.Step{{Number: 1, Took: time.Minute}, {Number: 2, At: 61 * time.Second, Took: time.Minute},
		{Number: 3, At: 8 * day, Took: time.Minute}}}
	line := timelineOf(r)
	if len(line.Breaks) != 1 || line.Breaks[0].Label != "7 d 23 h cut out" {
		t.Fatalf("%+v", line.Breaks)
	}
	var before float64
	for _, b := range line.Bars {
		p := b.Parts[0]
		if p.X < before || p.X < timelineLeft || p.X+p.W > chartWidth-timelineRight+1 {
			t.Errorf("step %d at %v, %v wide, after %v", b.Number, p.X, p.W, before)
		}
		if p.W < 200 {
			t.Errorf("step %d is %v wide, though it is a third of the time", b.Number, p.W)
		}
		before = p.X + p.W - 1
	}
}

// No label leaves the chart.
func TestLabelsFit(t *testing.T) {
	r := hostile("WWWWWWWWWW 印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑印鑑")
	for n := range 12 {
		id := report.PartyID(rune('a' + n))
		r.Parties = append(r.Parties, report.Party{ID: id, Kind: report.Phone})
		r.APDUs = append(r.APDUs, report.APDU{Seq: 10 + 2*n, Step: 1, From: "a", To: id, Name: "MANAGE CHANNEL MANAGE CHANNEL MANAGE CHANNEL MANAGE"})
		r.Screens = append(r.Screens, report.Screen{Seq: 11 + 2*n, Step: 1, Party: id, Text: report.Text{Japanese: "電子証明書を書き込んでいます。電源を切らないでください。電源を切らないで。"}})
	}
	for _, w := range chartOf(r, &r.Steps[0], lanesOf(r)).Rows {
		if half := measure(w.Label) / 2; w.X-half < 0 || w.X+half > chartWidth {
			t.Errorf("%q from %v to %v", w.Label, w.X-half, w.X+half)
		}
		if w.Box != nil && (w.Box.X < 0 || w.Box.X+w.Box.Width > chartWidth) {
			t.Errorf("%q in a box at %v, %v wide", w.Label, w.Box.X, w.Box.Width)
		}
	}
}
