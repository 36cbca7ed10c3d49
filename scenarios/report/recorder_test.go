package report_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/scenarios/report"
	"inkan/sim/clock"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

var start = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// watch is a simulated clock.
type watch struct{ now time.Time }

func (w *watch) pass(d time.Duration) { w.now = w.now.Add(d) }

func recorder(c report.Config) (*report.Recorder, *watch) {
	w := &watch{start}
	c.Now = func() time.Time { return w.now }
	return report.NewRecorder(c), w
}

// none is a card that answers nothing but 9000.
type none struct{ apdu.Card }

func (none) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	return append(dst, 0x90, 0x00), nil
}

// Everything may be called on a nil recorder.
func TestNilRecorder(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-001")
	var r *report.Recorder
	r.Party(report.Party{})
	r.Note("%d", 1)
	r.Responsible("sp-tsm")
	r.End(report.Done, nil)
	r.Answered(r.Sent("a", "b", []byte("x")), nil)
	r.Unanswered(0, errors.New("x"))
	r.Plain(report.Message{}, nil, nil)
	r.APDU(report.APDU{}, nil, nil)
	r.ShortMessage("a", "b", report.Deliver, nil, 0, "")
	r.Screen("phone", uiapp.Message{})
	r.Shown("phone", report.Text{}, "")
	r.Audit("a", &row.Entry{})
	r.AuditEntry(report.AuditEntry{})
	r.CardTime(clock.Ledger{1}, 1)
	r.Spend(report.AirTime, "sms", 1)
	r.Count("n", 1)
	r.Hide("secret")
	if r.Begin(report.Step{}) != 0 || r.Finish(report.Done, report.Text{}) != nil || r.Certificate("c", "", []byte("no")) != nil {
		t.Error("something was recorded")
	}
	if r.Card("sim", 1, nil) != nil {
		t.Error("an observer, so that a model pays for it")
	}
	if _, ok := r.Transmit("host", "card", report.OverContact, none{}).(none); !ok {
		t.Error("the card is not the one that was given")
	}
	fault := errors.New("fault")
	if err := r.Step(report.Step{}, func() error { return fault }); err != fault {
		t.Error(err)
	}
	exchange := r.Exchange("a", "b", func(context.Context, []byte) ([]byte, error) { return []byte("y"), fault })
	if b, err := exchange(t.Context(), nil); string(b) != "y" || err != fault {
		t.Error(string(b), err)
	}
}

func TestSteps(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-004")
	r, w := recorder(report.Config{})
	w.pass(time.Second)
	r.Begin(report.Step{Heading: report.Text{English: "one"}, Took: 99, Number: 99, Outcome: report.Failed})
	w.pass(2 * time.Second)
	r.Begin(report.Step{Heading: report.Text{English: "two"}})
	r.Note("a %s", "note")
	w.pass(3 * time.Second)
	r.End(report.Refused, &report.Refusal{Code: "x"})
	w.pass(time.Second)
	fault := errors.New("broken")
	if err := r.Step(report.Step{}, func() error { w.pass(time.Second); return fault }); err != fault {
		t.Error(err)
	}
	if err := r.Step(report.Step{}, func() error { r.End(report.Resumed, nil); return nil }); err != nil {
		t.Error(err)
	}
	r.Begin(report.Step{})
	w.pass(4 * time.Second)
	run := r.Finish(report.Failed, report.Text{English: "over"})
	s := time.Second
	want := []report.Step{
		{Number: 1, Heading: report.Text{English: "one"}, At: s, Took: 2 * s, Outcome: report.Done},
		{Number: 2, Heading: report.Text{English: "two"}, Notes: []string{"a note"}, At: 3 * s, Took: 3 * s, Outcome: report.Refused, Refusal: &report.Refusal{Code: "x"}},
		{Number: 3, Notes: []string{"broken"}, At: 7 * s, Took: s, Outcome: report.Failed},
		{Number: 4, At: 8 * s, Outcome: report.Resumed},
		{Number: 5, At: 8 * s, Took: 4 * s, Outcome: report.Failed},
	}
	if d := cmp.Diff(want, run.Steps); d != "" {
		t.Error(d)
	}
	if run.Took != 12*s || run.Outcome != report.Failed || run.Result.English != "over" {
		t.Error(run.Took, run.Outcome, run.Result)
	}
}

// told hears of steps.
type told []string

func (l *told) StepBegan(_ *report.Run, s *report.Step) { *l = append(*l, "+"+s.Heading.English) }
func (l *told) StepEnded(_ *report.Run, s *report.Step) { *l = append(*l, "-"+s.Heading.English) }

func TestWatcher(t *testing.T) {
	var l told
	r, _ := recorder(report.Config{Watch: &l})
	r.Begin(report.Step{Heading: report.Text{English: "a"}})
	r.Begin(report.Step{Heading: report.Text{English: "b"}})
	r.End(report.Done, nil)
	r.End(report.Failed, nil)
	r.Finish(report.Done, report.Text{})
	if d := cmp.Diff(told{"+a", "-a", "+b", "-b"}, l); d != "" {
		t.Error(d)
	}
}

func TestLedger(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-007")
	const hz = 7_000_000
	var k clock.Clock
	r, _ := recorder(report.Config{})
	r.Begin(report.Step{})
	last := k.Ledger()
	for range 3 {
		k.Advance(clock.ModExp, 12_345_678)
		k.Advance(clock.NVMProgram, 1)
		now := k.Ledger()
		r.CardTime(now.Since(last), hz)
		last = now
	}
	r.Spend(report.AirTime, "sms", 5*time.Second)
	r.Spend(report.AirTime, "sms", time.Second)
	r.Begin(report.Step{})
	r.Spend(report.AirTime, "sms", time.Second)
	run := r.Finish(report.Done, report.Text{})
	var sum uint64
	for _, c := range run.Ledger {
		sum += c.Cycles
		if exact := time.Duration(float64(c.Cycles) / hz * 1e9); c.Kind == report.CardTime && (exact-c.Took).Abs() > 4 {
			t.Errorf("%s: %d cycles take %v, recorded %v", c.Cause, c.Cycles, exact, c.Took)
		}
	}
	if sum != k.Now() {
		t.Errorf("%d cycles, the clock has %d", sum, k.Now())
	}
	sums := run.Sums(-1)
	if len(sums) != 2 || sums[0].Kind != report.CardTime || sums[0].Causes[0].Cause != "modexp" || sums[1].Took != 7*time.Second {
		t.Error(sums)
	}
	if s := run.Sums(2); len(s) != 1 || s[0].Took != time.Second {
		t.Error(s)
	}
	if d := run.Unattributed(); d >= 0 {
		t.Errorf("unattributed %v, though costs are more than the time", d)
	}
}

func TestObserver(t *testing.T) {
	r, _ := recorder(report.Config{})
	o := r.Card("sim", 1000, func(e *observe.APDUEvent) (report.PartyID, report.Bearer) {
		switch {
		case e.Interface == observe.OverTheAir:
			return "mno-tsm", ""
		case e.Channel == 3:
			return "sp-tsm", report.OverRelay
		}
		return "phone", ""
	})
	o.APDU(&observe.APDUEvent{Start: 100, Cycle: 350, Command: []byte{0, 0xA4, 4, 0}, Response: []byte{0x6A, 0x82}, Interface: observe.OverTheAir, Channel: 2})
	o.APDU(&observe.APDUEvent{Start: 350, Cycle: 400, Command: []byte{0, 0x84, 0, 0, 8}})
	o.APDU(&observe.APDUEvent{Start: 400, Cycle: 450, Command: []byte{3, 0x84, 0, 0, 8}, Channel: 3})
	o.Trap(&observe.Trap{Where: "scp03/card", Cause: "C-MAC differs", SW: 0x6982})
	run := r.Finish(report.Done, report.Text{})
	want := []report.APDU{
		{Seq: 1, Took: 250 * time.Millisecond, Cycles: 250, From: "mno-tsm", To: "sim", Over: report.OverAir, Channel: 2, Name: "SELECT",
			Says: []string{"empty: the issuer security domain"}, Command: "00 A4 04 00", SW: "6A82", Meaning: "file or application not found"},
		{Seq: 2, Took: 50 * time.Millisecond, Cycles: 50, From: "phone", To: "sim", Over: report.OverContact, Name: "GET CHALLENGE", Command: "00 84 00 00 Le 08",
			Meaning: "no response: power failed, or the transport"},
		{Seq: 3, Took: 50 * time.Millisecond, Cycles: 50, From: "sp-tsm", To: "sim", Over: report.OverRelay, Channel: 3, Name: "GET CHALLENGE", Command: "03 84 00 00 Le 08",
			Meaning: "no response: power failed, or the transport"},
	}
	if d := cmp.Diff(want, run.APDUs); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]report.Trap{{Seq: 4, Party: "sim", Where: "scp03/card", Cause: "C-MAC differs", SW: "6982"}}, run.Traps); d != "" {
		t.Error(d)
	}
}

// A card without an observer is recorded at its edge, whatever dst has already.
func TestTransmit(t *testing.T) {
	r, _ := recorder(report.Config{})
	card := r.Transmit("reader", "card", report.OverContactless, none{})
	out, err := card.Transmit(t.Context(), []byte{0, 0x84, 0, 0, 8}, []byte("kept"))
	if err != nil || string(out) != "kept\x90\x00" {
		t.Errorf("%q %v", out, err)
	}
	run := r.Finish(report.Done, report.Text{})
	if len(run.APDUs) != 1 || run.APDUs[0].SW != "9000" || run.APDUs[0].Response != "" || run.APDUs[0].Over != report.OverContactless {
		t.Error(run.APDUs)
	}
}
