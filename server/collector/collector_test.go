package collector

import (
	"runtime/debug"
	"testing"
)

// What the user says in GOGC stands.
func TestSet(t *testing.T) {
	before := debug.SetGCPercent(150)
	defer debug.SetGCPercent(before)
	for said, want := range map[string]int{"": Percent, "150": 150} {
		t.Setenv("GOGC", said)
		debug.SetGCPercent(150)
		Set()
		if got := debug.SetGCPercent(150); got != want {
			t.Errorf("GOGC=%q: %d, want %d", said, got, want)
		}
	}
}
