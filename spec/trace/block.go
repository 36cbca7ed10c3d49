package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Requirement is one requirement block.
type Requirement struct {
	ID        string
	Keyword   string // MUST, MUST NOT, SHOULD, SHOULD NOT or MAY; empty when withdrawn
	Party     string
	Text      string // without the head and the sub line, line breaks as blanks
	Source    string
	Verify    string // test, type, review or none
	Reason    string // after the method, in parentheses
	Withdrawn string // date; empty while the requirement holds
	File      string
	Line      int // of the head, from 1

	malformed bool // only ID, File and Line mean anything
}

// Document is the part of the ID that names the document: "SCP03".
func (r *Requirement) Document() string { return r.ID[len("SPEC-") : len(r.ID)-len("-000")] }

// NeedsTest reports whether a test has to cite the requirement.
func (r *Requirement) NeedsTest() bool {
	return !r.malformed && r.Withdrawn == "" && r.Verify == "test" && strings.HasPrefix(r.Keyword, "MUST")
}

const idPattern = `SPEC-[A-Z][A-Z0-9]*(?:-[A-Z][A-Z0-9]*)*-[0-9]{3}`

var (
	startsBlock = regexp.MustCompile(`^[\s>*+-]*\*\*\s*SPEC-`)
	headForm    = regexp.MustCompile(`^\*\*(` + idPattern + `)\*\* \(([^()·]*) · ([^()·]*)\) (\S.*)$`)
	bodyForm    = regexp.MustCompile(`^(.*\S) <sub>Source: (\S.*) · Verify: ([a-z]+)(?: \(([^()\s][^()]*(?:\([^()]*\)[^()]*)*)\))?</sub>$`)
	dateForm    = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
	keyword     = regexp.MustCompile(`\b(?:MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b`)
	keywords    = []string{"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"}
	methods     = []string{"test", "type", "review", "none"}
)

// ParseDocument reads the requirement blocks of one Markdown document, those
// with a problem included as far as they have an ID. file is
// its path; its base name without ".md" is the only document of which it may
// define IDs. parties are the allowed ones (see Parties).
func ParseDocument(file, text string, parties []string) ([]Requirement, []Problem) {
	var reqs []Requirement
	var problems []Problem
	for _, p := range paragraphs(text) {
		r, ps := parseParagraph(p, file, parties)
		for i := range ps {
			ps[i].File = file
		}
		problems = append(problems, ps...)
		if r != nil {
			reqs = append(reqs, *r)
		}
	}
	return reqs, problems
}

// parseParagraph reads a block, or checks that a paragraph of another kind has
// no keyword.
func parseParagraph(p paragraph, file string, parties []string) (*Requirement, []Problem) {
	var ps []Problem
	for i, line := range p.lines {
		if startsBlock.MatchString(line) && (i > 0 || !strings.HasPrefix(line, "**")) {
			return nil, append(ps, Problem{Line: p.line + i, Text: "malformed block: begins at column 0 after a blank line"})
		}
	}
	if startsBlock.MatchString(p.lines[0]) {
		r, bad := parseBlock(p, parties)
		if bad != "" {
			ps = append(ps, Problem{Line: p.line, Text: bad})
		}
		if r == nil {
			return nil, ps
		}
		r.File, r.Line, r.malformed = file, p.line, bad != ""
		if want := strings.TrimSuffix(path.Base(file), ".md"); r.Document() != want {
			ps = append(ps, Problem{Line: p.line, Text: r.ID + ": defined outside its document, " + r.Document() + ".md"})
		}
		return r, ps
	}
	for i, line := range strings.Split(withoutCode(strings.Join(p.lines, "\n")), "\n") {
		if word := keyword.FindString(line); word != "" {
			ps = append(ps, Problem{Line: p.line + i, Text: word + " in capitals outside a block"})
		}
	}
	return nil, ps
}

// parseBlock reads a paragraph that begins with an ID; bad says what is wrong
// with it. A malformed block with a readable ID is returned as well, so that
// what cites it is not reported too.
func parseBlock(p paragraph, parties []string) (r *Requirement, bad string) {
	head := headForm.FindStringSubmatch(strings.Join(p.lines, " "))
	if head == nil {
		return nil, "malformed block: want **SPEC-DOC-001** (KEYWORD · party) text"
	}
	r = &Requirement{ID: head[1], Keyword: head[2], Party: head[3]}
	if strings.HasSuffix(r.ID, "-000") {
		return r, r.ID + ": malformed block: IDs begin at 001"
	}
	if r.Keyword == "withdrawn" {
		return parseWithdrawn(r, head[4])
	}
	body := bodyForm.FindStringSubmatch(head[4])
	if body == nil || !slices.ContainsFunc(p.lines, func(l string) bool { return strings.HasPrefix(l, "<sub>") }) {
		return r, r.ID + ": malformed block: want a last line <sub>Source: … · Verify: …</sub>"
	}
	r.Text, r.Source, r.Verify, r.Reason = body[1], body[2], body[3], body[4]
	return r, r.fault(parties)
}

func parseWithdrawn(r *Requirement, text string) (*Requirement, string) {
	r.Keyword, r.Withdrawn, r.Party, r.Text = "", r.Party, "", text
	switch {
	case !dateForm.MatchString(r.Withdrawn):
		return r, r.ID + ": malformed block: want (withdrawn · YYYY-MM-DD)"
	case keyword.MatchString(withoutCode(text)):
		return r, r.ID + ": a withdrawn block has no keyword"
	case strings.Contains(text, "<sub>"):
		return r, r.ID + ": malformed block: a withdrawn block has no <sub> line"
	}
	return r, ""
}

// fault says which of the rules on a block's parts is broken; "" if none.
func (r *Requirement) fault(parties []string) string {
	found := keyword.FindAllString(withoutCode(r.Text), -1)
	switch {
	case !slices.Contains(keywords, r.Keyword):
		return r.ID + ": malformed block: keyword " + quote(r.Keyword) + ", want one of " + strings.Join(keywords, ", ")
	case !slices.Contains(parties, r.Party):
		return r.ID + ": malformed block: party " + quote(r.Party) + " is not in the table of spec/README.md"
	case strings.Contains(r.Text, "<sub>"):
		return r.ID + ": malformed block: two <sub> lines"
	case len(found) == 0:
		return r.ID + ": malformed block: its text lacks " + r.Keyword
	case len(found) > 1:
		return r.ID + ": two keywords in one block: " + strings.Join(found, ", ")
	case found[0] != r.Keyword:
		return r.ID + ": malformed block: the head says " + r.Keyword + ", the text " + found[0]
	case keyword.MatchString(withoutCode(r.Source + " " + r.Reason)):
		return r.ID + ": malformed block: a keyword in the <sub> line"
	case !slices.Contains(methods, r.Verify):
		return r.ID + ": malformed block: Verify: " + r.Verify + ", want one of " + strings.Join(methods, ", ")
	case r.Verify == "none" && r.Reason == "":
		return r.ID + ": Verify: none without a reason"
	}
	return ""
}

func quote(s string) string { return `"` + s + `"` }
