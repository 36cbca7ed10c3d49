package stories

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/jpki"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/spec/req"
)

// Each story ends as it has to.
func TestStories(t *testing.T) {
	req.Covers(t, "SPEC-USECASES-002")
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			run, err := s.Play(t.Context(), world.Config{Seed: 1, Report: new(report.Config)})
			if err != nil {
				t.Log(lastOf(run))
				t.Error(err)
			}
		})
	}
}

// lastOf is the end of a run's record, for who looks for what went wrong.
func lastOf(run *report.Run) string {
	if run == nil {
		return "no record"
	}
	var b bytes.Buffer
	for _, m := range run.Messages[max(0, len(run.Messages)-60):] {
		fmt.Fprintf(&b, "%v %s → %s %s: %s %s %s\n", m.At, m.From, m.To, m.Function, m.Status, m.Code, m.Fault)
	}
	for _, a := range run.APDUs[max(0, len(run.APDUs)-12):] {
		fmt.Fprintf(&b, "%v %s → %s %s %s: %s\n", a.At, a.From, a.To, a.Name, a.Command, a.SW)
	}
	for _, e := range run.Audit[max(0, len(run.Audit)-30):] {
		fmt.Fprintf(&b, "%v %s: %s %s\n", e.At.Format("15:04:05"), e.Party, e.Event, e.Refused)
	}
	fmt.Fprintf(&b, "%d short messages\n", len(run.SMS))
	return b.String()
}

// The other half of the downloads: keys that were made on the card are delivered, and
// the other way round.
func TestDownloadWithOtherKeys(t *testing.T) {
	req.Covers(t, "SPEC-USECASES-002")
	if _, err := download.Play(t.Context(), world.Config{Seed: 1, Origin: jpki.OriginDelivered}); err != nil {
		t.Error(err)
	}
}
