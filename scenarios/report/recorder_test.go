package report

import (
	"testing"
)

// Everything may be called on a nil recorder.
func TestNilRecorder(t *testing.T) {
	var r *Recorder
	r.Party(Party{})
	if r.Begin(Step{}) != 0 {
		t.Error("a step has a number")
	}
	r.End(Done, nil)
}
