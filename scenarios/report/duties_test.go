package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

func TestDuties(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-008")
	r, w := recorder(report.Config{})
	for _, p := range []report.Party{{ID: "m2", Kind: report.MNOTSM}, {ID: "sp", Kind: report.SPTSM}, {ID: "m1", Kind: report.MNOTSM},
		{ID: "bank", Kind: report.Provider, Name: report.Text{English: "Mihon Bank", Japanese: "みほん銀行"}}, {ID: "h", Kind: report.Person}} {
		r.Party(p)
	}
	r.AuditEntry(report.AuditEntry{Party: "sp", At: start, Responsible: "SP-TSM"})
	w.pass(time.Second)
	r.Begin(report.Step{Responsible: "h"})
	w.pass(time.Second)
	r.Begin(report.Step{})
	w.pass(time.Second)
	for _, e := range []report.AuditEntry{
		{Party: "m1", At: start.Add(time.Second), Responsible: "MNO-TSM", Evidence: []report.Evidence{{SHA256: "ab"}}},
		{Party: "sp", At: start.Add(2 * time.Second), Responsible: "MNO-TSM/m9.example"},
		{Party: "sp", At: start.Add(3 * time.Second), Responsible: "mihon bank", Refused: "no"},
		{Party: "sp", At: start, Step: 2, Responsible: "みほん銀行"},
		{Party: "sp", At: start, Step: 2, Responsible: "applicant"},
		{Party: "sp", At: start, Step: 2, Responsible: "somebody"},
		{Party: "sp", At: start, Step: 2},
	} {
		r.AuditEntry(e)
	}
	r.Audit("m1", &row.Entry{Number: 4, At: start.Add(2500 * time.Millisecond), Event: "x", Responsible: "m1", Exhibits: []row.Exhibit{{Name: "receipt"}, {Name: "proof"}}})
	run := r.Finish(report.Done, report.Text{})
	want := []report.Duty{
		{Party: "h", Steps: []int{1, 2}, Entries: 1},
		{Party: "m2", Steps: []int{2}, Entries: 1},
		{Party: "m1", Steps: []int{1, 2}, Entries: 2, Evidence: 3},
		{Party: "sp", Entries: 1},
		{Party: "bank", Steps: []int{2}, Entries: 2, Refusals: 1},
		{Party: "somebody", Steps: []int{2}, Entries: 1},
	}
	if d := cmp.Diff(want, run.Duties()); d != "" {
		t.Error(d)
	}
	if got := run.Responsible(1); len(got) != 1 || got[0] != "h" {
		t.Error(got)
	}
	if d := cmp.Diff([]report.PartyID{"bank", "h", "somebody", "m2", "m1"}, run.Responsible(2)); d != "" {
		t.Error(d)
	}
}

// Of two carriers the one that acted answers for what is in another party's trail.
func TestDutyOfWhoActed(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-008")
	r := &report.Run{
		Parties: []report.Party{{ID: "m1", Kind: report.MNOTSM}, {ID: "m2", Kind: report.MNOTSM}, {ID: "sp", Kind: report.SPTSM}},
		Steps:   []report.Step{{Number: 1}},
		Messages: []report.Message{{From: "sp", To: "m2", Request: &report.Document{KeyID: "sp.example#1"}, Answer: &report.Document{KeyID: "m2.example#1"}},
			{From: "m1", To: "sp", Request: &report.Document{KeyID: "m1.example#2"}}, {From: "sp", To: "m1"}},
	}
	for actor, want := range map[string]report.PartyID{"m2.example": "m2", "m1.example": "m1", "sp.example": "m1", "": "m1"} {
		r.Audit = []report.AuditEntry{{Step: 1, Party: "sp", Actor: actor, Responsible: "MNO-TSM"}}
		if got := r.Responsible(1); len(got) != 1 || got[0] != want {
			t.Errorf("actor %q: %v, want %s", actor, got, want)
		}
		if d := cmp.Diff([]report.Duty{{Party: want, Steps: []int{1}, Entries: 1}}, r.Duties()); d != "" {
			t.Errorf("actor %q: %s", actor, d)
		}
	}
}

func TestRefusal(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-006")
	for _, err := range []error{tsmp.Refuse(tsmp.CodeSIMMismatch, ""), fault.New(fault.PINBlocked, ""), fault.New(fault.UnknownNumber, "")} {
		f := report.RefusalOf(err)
		if f.Code == "" || f.What.Japanese == "" || f.What.English == "" || f.Do.Japanese == "" || f.Do.English == "" || (f.Desk.Japanese == "") != (f.Desk.English == "") {
			t.Errorf("%v: %+v", err, f)
		}
	}
	if f := report.RefusalOf(tsmp.Refuse(tsmp.CodeSIMMismatch, "")); f.Code != "TSM-sim-mismatch" || f.Desk.Japanese == "" {
		t.Errorf("%+v", f)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", 850 * time.Microsecond: "850 µs", 999_600 * time.Nanosecond: "1.0 ms", 12_340 * time.Microsecond: "12.3 ms",
		999_960 * time.Microsecond: "1.00 s", 3210 * time.Millisecond: "3.21 s", 59_996 * time.Millisecond: "1 min 00 s", 252 * time.Second: "4 min 12 s",
		2*time.Hour + 5*time.Minute: "2 h 05 min", 76 * time.Hour: "3 d 4 h", -time.Second: "-1.00 s"} {
		if got := report.Span(d); got != want {
			t.Errorf("Span(%d) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{12_430 * time.Millisecond: "00:12.4", 3723 * time.Second: "1:02:03", 51*time.Hour + 4*time.Minute: "2 d 03:04"} {
		if got := report.Clock(d); got != want {
			t.Errorf("Clock(%d) = %q, want %q", d, got, want)
		}
	}
	for want, numbers := range map[string][]int{"": nil, "1": {1}, "1, 2": {1, 2}, "1–3, 7": {1, 2, 3, 7}, "1, 3–6, 9, 10": {1, 3, 4, 5, 6, 9, 10}} {
		if got := report.Ranges(numbers); got != want {
			t.Errorf("Ranges(%v) = %q, want %q", numbers, got, want)
		}
	}
}
