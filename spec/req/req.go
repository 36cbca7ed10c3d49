// Package req ties a test to the requirements it verifies.
//
// Calls of Covers are also read statically by //spec:trace_test, so the IDs
// must be string literals. It implements spec/README.md §Requirements.
package req

import (
	"regexp"
	"testing"
)

// Pattern is the form of a requirement ID: SPEC-<document>-<three digits>. The
// document's name may have hyphens.
var Pattern = regexp.MustCompile(`^SPEC-[A-Z][A-Z0-9]*(-[A-Z][A-Z0-9]*)*-[0-9]{3}$`)

// Covers declares that the running test verifies the requirements with these
// IDs. A malformed ID fails the test; an unknown one fails //spec:trace_test.
func Covers(t testing.TB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if !Pattern.MatchString(id) {
			t.Errorf("req.Covers: %q is not a requirement ID (SPEC-DOC-001)", id)
		}
	}
}
