package trace

import (
	"cmp"
	"slices"
	"strconv"
)

// Problem is one thing in the tree that breaks the rules of spec/README.md.
type Problem struct {
	File string // slash-separated path from the tree's root
	Line int    // from 1; 0 where the file as a whole is meant
	Text string
}

// String has the form "spec/SCP03.md:12: …".
func (p Problem) String() string { return p.place() + ": " + p.Text }

func (p Problem) place() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

func sortProblems(ps []Problem) []Problem {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(ps)
}
