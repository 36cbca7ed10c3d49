package trace

import (
	"cmp"
	"fmt"
	"slices"
)

// Problem is one thing in the tree that breaks the rules of spec/README.md.
type Problem struct {
	File string // slash-separated path from the tree's root
	Line int    // from 1; 0 where the file as a whole is meant
	Text string
}

// String has the form "spec/SCP03.md:12: …".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func sortProblems(ps []Problem) []Problem {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(ps)
}
