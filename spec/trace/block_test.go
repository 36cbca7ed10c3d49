package trace

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const goodBlock = `**SPEC-X-001** (MUST · card) The counter MUST advance by one for
every command, ` + "`MAY`" + ` or not.
<sub>Source: GP Amendment D §6.2.6 · a note · Verify: test</sub>
`

var testParties = []string{"card", "host", "both", "MNO-TSM"}

func TestParseDocumentGood(t *testing.T) {
	text := "# X\n\nProse, `MUST` in code.\n\n```\n**SPEC-Y-001** (MUST\nMUST NOT\n```\n\n" + goodBlock + `
**SPEC-X-003** (SHOULD NOT · MNO-TSM) It SHOULD
NOT do that.
<sub>Source: inkan
· Verify: none (costs more than it gives (see §3))</sub>

**SPEC-X-002** (withdrawn · 2026-11-22) Replaced by SPEC-X-003.
`
	got, problems := ParseDocument("spec/X.md", text, testParties)
	want := []Requirement{
		{ID: "SPEC-X-001", Keyword: "MUST", Party: "card", Text: "The counter MUST advance by one for every command, `MAY` or not.",
			Source: "GP Amendment D §6.2.6 · a note", Verify: "test", File: "spec/X.md", Line: 10},
		{ID: "SPEC-X-003", Keyword: "SHOULD NOT", Party: "MNO-TSM", Text: "It SHOULD NOT do that.",
			Source: "inkan", Verify: "none", Reason: "costs more than it gives (see §3)", File: "spec/X.md", Line: 14},
		{ID: "SPEC-X-002", Text: "Replaced by SPEC-X-003.", Withdrawn: "2026-11-22", File: "spec/X.md", Line: 19},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Requirement{})); d != "" || len(problems) > 0 {
		t.Errorf("(- want, + got)\n%s\nproblems: %v", d, problems)
	}
	if got[0].Document() != "X" || !got[0].NeedsTest() || got[1].NeedsTest() || got[2].NeedsTest() {
		t.Error("Document or NeedsTest is wrong")
	}
}

func TestParseDocumentBad(t *testing.T) {
	block := func(head, text, sub string) string {
		return "**SPEC-X-001** " + head + " " + text + "\n<sub>" + sub + "</sub>\n"
	}
	const head, text, sub = "(MUST · card)", "It MUST do so.", "Source: inkan · Verify: test"
	cases := []struct{ name, text, want string }{
		{"no head", "**SPEC-X-001** It MUST.\n", "want **SPEC-DOC-001**"},
		{"two digits", "**SPEC-X-01** (MUST · card) It MUST.\n<sub>Source: a · Verify: test</sub>", "want **SPEC-DOC-001**"},
		{"number zero", strings.ReplaceAll(goodBlock, "001", "000"), "IDs begin at 001"},
		{"comma for dot", block("(MUST, card)", text, sub), "want **SPEC-DOC-001**"},
		{"unknown keyword", block("(SHALL · card)", "It SHALL.", sub), `keyword "SHALL"`},
		{"unknown party", block("(MUST · cart)", text, sub), `party "cart"`},
		{"two parties", block("(MUST · card, host)", text, sub), `party "card, host"`},
		{"no keyword in text", block(head, "It does so.", sub), "lacks MUST"},
		{"keyword differs", block(head, "It MUST NOT do so.", sub), "the text MUST NOT"},
		{"two keywords", block(head, "It MUST do so and SHOULD do that.", sub), "two keywords in one block: MUST, SHOULD"},
		{"keyword twice", block(head, "It MUST do so and MUST do that.", sub), "two keywords in one block"},
		{"foreign keyword", block(head, "It MUST do so, as REQUIRED.", sub), "two keywords in one block"},
		{"no sub", "**SPEC-X-001** (MUST · card) It MUST.\n", "want a last line <sub>"},
		{"sub in the line", "**SPEC-X-001** (MUST · card) It MUST. <sub>Source: a · Verify: test</sub>\n", "want a last line <sub>"},
		{"no source", block(head, text, "Verify: test"), "want a last line <sub>"},
		{"text after sub", block(head, text, sub) + "more", "want a last line <sub>"},
		{"two subs", block(head, text+"\n<sub>Source: a · Verify: test</sub>", sub), "two <sub> lines"},
		{"keyword in sub", block(head, text, "Source: a text that MUST · Verify: test"), "a keyword in the <sub> line"},
		{"unknown method", block(head, text, "Source: a · Verify: hope"), "Verify: hope"},
		{"none, no reason", block(head, text, "Source: a · Verify: none"), "Verify: none without a reason"},
		{"none, blank reason", block(head, text, "Source: a · Verify: none ( )"), "want a last line <sub>"},
		{"indented", "  " + goodBlock, "begins at column 0"},
		{"in a list", "- " + goodBlock, "begins at column 0"},
		{"no blank line before", "Prose:\n" + goodBlock, "after a blank line"},
		{"no blank line between", goodBlock + strings.ReplaceAll(goodBlock, "001", "002"), "after a blank line"},
		{"other document", strings.ReplaceAll(goodBlock, "-X-", "-Y-"), "defined outside its document, Y.md"},
		{"keyword in prose", "A card MUST\nobey.\n", "MUST in capitals outside a block"},
		{"keyword in a heading", "# What it SHALL NOT do\n", "SHALL NOT in capitals outside a block"},
		{"keyword in a table", "| MAY |\n|---|\n| OPTIONAL |\n", "MAY in capitals"},
		{"open code span", "A ` card MUST.\n", "MUST in capitals"},
		{"withdrawn without date", "**SPEC-X-001** (withdrawn · yesterday) Wrong.\n", "withdrawn · YYYY-MM-DD"},
		{"withdrawn with keyword", "**SPEC-X-001** (withdrawn · 2026-11-22) It MUST.\n", "has no keyword"},
		{"withdrawn with sub", "**SPEC-X-001** (withdrawn · 2026-11-22) It.\n<sub>Source: a · Verify: test</sub>\n", "has no <sub>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems := ParseDocument("spec/X.md", c.text, testParties)
			if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.Text, c.want) }) {
				t.Errorf("got %v, want one with %q", problems, c.want)
			}
		})
	}
}

func TestProblemsNameTheLine(t *testing.T) {
	_, problems := ParseDocument("spec/X.md", "one\n\n~~~\nMUST\n~~~\nsix\nseven SHOULD\n", testParties)
	if len(problems) != 1 || problems[0].String() != "spec/X.md:7: SHOULD in capitals outside a block" {
		t.Error(problems)
	}
}

// FuzzParseDocument: any text is read without a panic, every requirement that
// is not reported as malformed keeps the rules, and a block written anew from
// its parts is read as the same requirement.
func FuzzParseDocument(f *testing.F) {
	f.Add(goodBlock)
	f.Add("# T\n\n" + goodBlock + "\n```\nMUST\n```\n~~~\n`` ` MUST ``\n")
	f.Add("**SPEC-X-002** (withdrawn · 2026-11-22) gone\n\n**SPEC-")
	f.Add("**SPEC-X-003** (SHOULD NOT · MNO-TSM) It SHOULD\nNOT.\n<sub>Source: a\n· Verify: none (b (c))</sub>\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		reqs, problems := ParseDocument("spec/X.md", text, testParties)
		lines := strings.Count(text, "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Text == "" {
				t.Errorf("problem out of the text: %v", p)
			}
		}
		for _, r := range reqs {
			if r.malformed || r.Withdrawn != "" {
				continue
			}
			again, ps := ParseDocument("spec/"+r.Document()+".md", r.markdown(), testParties)
			r.Line = 1
			r.File = "spec/" + r.Document() + ".md"
			if len(ps) > 0 || len(again) != 1 || again[0] != r {
				t.Errorf("%q\nread again: %+v\n%v", r.markdown(), again, ps)
			}
		}
	})
}

// markdown writes a requirement as a block.
func (r *Requirement) markdown() string {
	verify := r.Verify
	if r.Reason != "" {
		verify += " (" + r.Reason + ")"
	}
	return "**" + r.ID + "** (" + r.Keyword + " · " + r.Party + ") " + r.Text + "\n<sub>Source: " + r.Source + " · Verify: " + verify + "</sub>\n"
}
