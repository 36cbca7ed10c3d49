package stories

import (
	"testing"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/spec/req"
)

// Every party that keeps a trail has entries in it after the default story, and each
// says who acted and who answers.
func TestEverybodyNotes(t *testing.T) {
	req.Covers(t, "SPEC-OPERATIONS-002")
	s, err := Named(Default)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Play(t.Context(), world.Config{Seed: 1, Report: new(report.Config)})
	if err != nil {
		t.Fatal(err)
	}
	noted := map[report.PartyID]int{}
	for _, e := range run.Audit {
		noted[e.Party]++
		if e.Event == "" || e.Actor == "" || e.Responsible == "" {
			t.Errorf("an entry of %s without event, actor or who answers: %+v", e.Party, e)
		}
	}
	for _, party := range []report.PartyID{"bank", "ca", "mno-tsm-hayate", "municipality", "phone-1", "sp-tsm"} {
		if noted[party] == 0 {
			t.Errorf("%s left no entry: %v", party, noted)
		}
	}
}
