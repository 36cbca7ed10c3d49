package req

import (
	"fmt"
	"slices"
	"testing"
)

// recorder is a testing.TB that keeps errors.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// TestCovers runs inside the package, so that its IDs are no citations.
func TestCovers(t *testing.T) {
	good := []string{"SPEC-SCP03-012", "SPEC-A-B2-001", "SPEC-X-999"}
	bad := []string{"", "SPEC-SCP03-12", "SPEC-SCP03-0123", "SPEC--001", "SPEC-001", "SPEC-scp03-012", "SPEC-3A-001", " SPEC-A-001", "SPEC-A-001\n"}
	var r recorder
	Covers(&r, good...)
	if r.errors != nil {
		t.Error(r.errors)
	}
	Covers(&r, bad...)
	var want []string
	for _, id := range bad {
		want = append(want, fmt.Sprintf("req.Covers: %q is not a requirement ID (SPEC-DOC-001)", id))
	}
	if !slices.Equal(r.errors, want) {
		t.Errorf("%q\nwant %q", r.errors, want)
	}
}
