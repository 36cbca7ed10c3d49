package sample_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/scenarios/report"
	"inkan/scenarios/report/page"
	"inkan/scenarios/report/sample"
	"inkan/scenarios/report/terminal"
	"inkan/spec/req"
)

// The same run gives the same bytes in each rendering, and none of its secrets.
func TestRenderings(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-002", "SPEC-REPORT-009", "SPEC-REPORT-010", "SPEC-REPORT-011", "SPEC-REPORT-012")
	run := func() *report.Run {
		r, err := sample.Run(sample.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, write := range map[string]func(*bytes.Buffer, *report.Run) error{
		"JSON":     func(b *bytes.Buffer, r *report.Run) error { return r.WriteJSON(b) },
		"page":     func(b *bytes.Buffer, r *report.Run) error { return page.Write(b, r) },
		"terminal": func(b *bytes.Buffer, r *report.Run) error { return terminal.Write(b, r, terminal.Options{}) },
	} {
		var one, other bytes.Buffer
		if err := write(&one, run()); err != nil {
			t.Fatal(name, err)
		}
		if err := write(&other, run()); err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(one.Bytes(), other.Bytes()) {
			t.Errorf("%s differs", name)
		}
		text := strings.ToUpper(one.String())
		bare := strings.ReplaceAll(text, " ", "")
		for _, s := range append(sample.Secrets, "PASS4711") {
			if strings.Contains(text, s) || strings.Contains(bare, strings.ToUpper(hex.EncodeToString([]byte(s)))) {
				t.Errorf("%s has %s", name, s)
			}
		}
	}
}
