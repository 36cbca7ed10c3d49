package trace

import "slices"

// Check returns every broken rule of the tree, sorted by place.
func (t *Tree) Check() []Problem {
	problems := slices.Clone(t.problems)
	add := func(file string, line int, text string) {
		problems = append(problems, Problem{File: file, Line: line, Text: text})
	}
	known := map[string]*Requirement{}
	for i := range t.Requirements {
		r := &t.Requirements[i]
		if first := known[r.ID]; first != nil {
			add(r.File, r.Line, r.ID+": duplicate ID, first in "+Problem{File: first.File, Line: first.Line}.place())
			continue
		}
		known[r.ID] = r
	}
	for _, c := range t.Citations {
		switch r := known[c.ID]; {
		case r == nil:
			add(c.File, c.Line, c.ID+": unknown ID")
		case r.Withdrawn != "":
			add(c.File, c.Line, c.ID+": withdrawn ID cited")
		}
	}
	for _, m := range t.mentions {
		switch r := known[m.id]; {
		case r == nil:
			add(m.file, m.line, m.id+": unknown ID")
		case r.Withdrawn != "" && !m.prose:
			add(m.file, m.line, m.id+": withdrawn ID cited")
		}
	}
	for _, m := range t.named {
		if !t.docs[m.id] {
			add(m.file, m.line, m.id+" is not there")
		}
	}
	for _, r := range t.untested() {
		text := r.ID + ": " + r.Keyword + " with Verify: test, and no test cites it"
		if len(t.citing()[r.ID]) > 0 {
			text += " but ones that may be skipped or are not run"
		}
		add(r.File, r.Line, text)
	}
	return sortProblems(problems)
}

// citing groups the citations by ID.
func (t *Tree) citing() map[string][]Citation {
	by := map[string][]Citation{}
	for _, c := range t.Citations {
		by[c.ID] = append(by[c.ID], c)
	}
	return by
}

// untested are the requirements that need a test and have none that counts.
func (t *Tree) untested() []Requirement {
	sure := map[string]bool{}
	for _, c := range t.Citations {
		sure[c.ID] = sure[c.ID] || c.Sure
	}
	var all []Requirement
	for _, r := range t.Requirements {
		if r.NeedsTest() && !sure[r.ID] {
			all = append(all, r)
		}
	}
	return all
}
