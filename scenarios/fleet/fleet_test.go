package fleet

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"

	"inkan/spec/req"
)

var (
	phones = flag.Int("phones", 1000, "how many phones")
	seed   = flag.Uint64("seed", 1, "everything follows from it")
	only   = flag.Int("only", 0, "the one phone that lives; 0: all do")
)

// memoryBytes is what the collector of garbage aims at: 2 GiB are promised, and caches of
// stores are not its own.
const memoryBytes = 1400 << 20

// So many phones live, and nothing is left of them that must not be.
func TestFleet(t *testing.T) {
	req.Covers(t, "SPEC-FLEET-001", "SPEC-FLEET-002", "SPEC-FLEET-004", "SPEC-WORKFLOW-006")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryBytes))
	r, err := Run(t.Context(), Config{Phones: *phones, Seed: *seed, Only: *only})
	if r != nil {
		if err := r.Write(os.Stderr); err != nil {
			t.Error(err)
		}
		if len(r.Failures) > 0 {
			t.Errorf("%d phones failed", len(r.Failures))
		}
	}
	if err != nil {
		t.Error(err)
	}
}
