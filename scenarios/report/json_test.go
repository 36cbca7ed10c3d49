package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inkan/core/jpki"
	"inkan/scenarios/personalise"
	"inkan/scenarios/report"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write testdata")

// small is a run with one of each.
func small() *report.Run {
	s := time.Second
	return &report.Run{
		Format: report.FormatVersion, Story: "small", Title: report.Text{Japanese: "小さい例", English: "A <small> example"}, Seed: 7, Start: start, Took: 3 * s, Outcome: report.Done,
		Result:  report.Text{English: "as it has to be"},
		Parties: []report.Party{{ID: "holder", Kind: report.Person, Name: report.Text{Japanese: "利用者"}}, {ID: "sp-tsm", Kind: report.SPTSM, Name: report.Text{English: "SP-TSM"}, Note: "n"}},
		Steps: []report.Step{{Number: 1, Heading: report.Text{English: "ask"}, From: "holder", To: "sp-tsm", Text: "text", Notes: []string{"note"}, At: s, Took: 2 * s, Responsible: "sp-tsm",
			Outcome: report.Refused, Refusal: &report.Refusal{Code: "TSM-x", What: report.Text{English: "what"}, Do: report.Text{English: "do"}}}},
		Messages: []report.Message{{Seq: 1, Answered: 2, Step: 1, At: s, Took: s, From: "holder", To: "sp-tsm", Function: "Ask", CallID: "01", Status: "Failed", Code: "x",
			Request: &report.Document{Size: 3, SHA256: "AB", KeyID: "k", Body: json.RawMessage(`{"a":1}`)}, Answer: &report.Document{Size: 4, SHA256: "CD"}}},
		SMS:   []report.SMS{{Seq: 3, Step: 1, At: s, Took: s, From: "sp-tsm", To: "holder", Type: report.Deliver, Size: 5, Reference: 1, Part: 1, Parts: 2, Fate: report.Late, Says: "packet", TPDU: "40"}},
		APDUs: []report.APDU{{Seq: 4, Step: 1, At: s, Took: 5, Cycles: 6, From: "sp-tsm", To: "holder", Over: report.OverRelay, Channel: 1, Name: "SELECT", Command: "00", Response: "61", Says: []string{"it"}, SW: "9000", Meaning: "success"}},
		Traps: []report.Trap{{Seq: 5, Step: 1, At: s, Party: "holder", Where: "w", Cause: "c", SW: "6982"}}, Screens: []report.Screen{{Seq: 6, Step: 1, At: s, Party: "holder", Text: report.Text{Japanese: "画面"}, Error: "HS-1"}},
		Certificates: []report.Certificate{{Step: 1, Name: "c", Kind: "k", Subject: "s", Issuer: "i", Serial: "01", NotBefore: start, NotAfter: start.Add(s), Purpose: "p", State: "good", SHA256: "EF", DER: []byte{0x30, 0}}},
		Audit:        []report.AuditEntry{{Step: 1, Party: "sp-tsm", Number: 1, At: start, Event: "e", Refused: "r", Actor: "a", Responsible: "SP-TSM", Evidence: []report.Evidence{{Name: "n", SHA256: "01"}}}},
		Ledger:       []report.Cost{{Step: 1, Kind: report.CardTime, Cause: "aes", Took: 5, Cycles: 6}},
		Counters:     []report.Counter{{Name: "n", Value: 8}},
	}
}

func TestJSON(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-002", "SPEC-REPORT-003")
	var b, again bytes.Buffer
	if err := small().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/small.json"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
	var back report.Run
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if err := back.WriteJSON(&again); err != nil {
		t.Fatal(err)
	}
	if again.String() != string(want) {
		t.Error("decoded and encoded again it differs")
	}
	compact := cmp.Transformer("compact", func(m json.RawMessage) string {
		var b bytes.Buffer
		if err := json.Compact(&b, m); err != nil {
			return string(m)
		}
		return b.String()
	})
	if d := cmp.Diff(small(), &back, compact); d != "" {
		t.Error(d)
	}
}

func TestCertificate(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-015")
	authority, err := personalise.NewTestCA(jpki.Auth, start)
	if err != nil {
		t.Fatal(err)
	}
	der := authority.Issuer.Certificate.Raw
	r, _ := recorder(report.Config{})
	if err := r.Certificate("no", "", der[:len(der)-1]); err == nil {
		t.Error("a cut certificate was taken")
	}
	if err := r.Certificate("CA", "good", der); err != nil {
		t.Error(err)
	}
	run := r.Finish(report.Done, report.Text{})
	if len(run.Certificates) != 1 {
		t.Fatal(run.Certificates)
	}
	c := run.Certificates[0]
	if c.Serial != "01000000" || !c.NotBefore.Equal(start) || c.Name != "CA" || c.State != "good" || c.Kind != "authentication CA" || !bytes.Equal(c.DER, der) {
		t.Errorf("%+v", c)
	}
	if p := c.PEM(); len(p) < 1000 || p[:27] != "-----BEGIN CERTIFICATE-----" {
		t.Error(p)
	}
}
