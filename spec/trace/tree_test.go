package trace

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const readme = "# R\n\n### Parties\n\n| Party | Who |\n|---|---|\n| `card` | c |\n| `MNO-TSM` | m |\n\n## Rest\n\n| `other` | no |\n"

const goodTest = `package p

import (
	"testing"

	"inkan/spec/req"
)

func TestOne(t *testing.T) {
	req.Covers(t, "SPEC-X-001")
}
`

// good is a small tree without a problem; edits replace or add files.
func good(edits map[string]string) fstest.MapFS {
	files := map[string]string{
		"spec/README.md":           readme,
		"spec/X.md":                goodBlock,
		"core/p/p.go":              "// Package p. Spec: SPEC-X-001, part of SPEC-X.\npackage p\n",
		"core/p/p_test.go":         goodTest,
		"spec/vectors/schema.json": "{",
	}
	maps.Copy(files, edits)
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func check(t *testing.T, edits map[string]string) (*Tree, []string) {
	t.Helper()
	tree, err := Read(good(edits))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range tree.Check() {
		texts = append(texts, p.String())
	}
	return tree, texts
}

func TestGoodTree(t *testing.T) {
	tree, problems := check(t, nil)
	if len(problems) > 0 {
		t.Error(problems)
	}
	want := []Citation{{ID: "SPEC-X-001", File: "core/p/p_test.go", Line: 10, By: "core/p.TestOne", Sure: true}}
	if d := cmp.Diff(want, tree.Citations); d != "" {
		t.Error(d)
	}
}

func TestParties(t *testing.T) {
	if got := Parties(readme); !slices.Equal(got, []string{"card", "MNO-TSM"}) {
		t.Error(got)
	}
}

// covers is a test file whose only test has the given body.
func covers(body string) string {
	return strings.Replace(goodTest, `req.Covers(t, "SPEC-X-001")`, body, 1)
}

func TestBadTrees(t *testing.T) {
	withdrawn := goodBlock + "\n**SPEC-X-002** (withdrawn · 2026-11-22) Gone.\n"
	const vectors = `{"vectors": [{"name": "a", "reqs": ["SPEC-X-001"]}]}`
	cases := []struct {
		name  string
		edits map[string]string
		want  []string // all problems, in order
	}{
		{"malformed block", map[string]string{"spec/X.md": strings.Replace(goodBlock, "card", "cart", 1)},
			[]string{`spec/X.md:1: SPEC-X-001: malformed block: party "cart" is not in the table of spec/README.md`}},
		{"unknown ID in a test", map[string]string{"core/p/b_test.go": covers(`req.Covers(t, "SPEC-X-007")`)},
			[]string{"core/p/b_test.go:10: SPEC-X-007: unknown ID"}},
		{"unknown ID in a vector", map[string]string{"spec/vectors/x.json": strings.Replace(vectors, "001", "007", 1)},
			[]string{"spec/vectors/x.json: SPEC-X-007: unknown ID"}},
		{"unknown ID in a script", map[string]string{"core/p/testdata/a/b.txt": "go\n# reqs: SPEC-X-001, SPEC-X-007\n"},
			[]string{"core/p/testdata/a/b.txt:2: SPEC-X-007: unknown ID"}},
		{"unknown ID in a comment", map[string]string{"core/p/q.go": "package p\n\n/* a\nSPEC-X-007 */\n"},
			[]string{"core/p/q.go:4: SPEC-X-007: unknown ID"}},
		{"unknown ID in prose", map[string]string{"spec/decisions/0001.md": "See\nSPEC-Y-001.\n"},
			[]string{"spec/decisions/0001.md:2: SPEC-Y-001: unknown ID"}},
		{"two digits in a comment", map[string]string{"core/p/q.go": "package p // SPEC-X-01\n"},
			[]string{"core/p/q.go:1: SPEC-X-01: an ID has three digits"}},
		{"document that is not there", map[string]string{"core/p/q.go": "// Package p implements spec/X.md and\n// spec/Y.md §3.\npackage p\n"},
			[]string{"core/p/q.go:2: spec/Y.md is not there"}},
		{"duplicate ID", map[string]string{"spec/X.md": goodBlock + "\n" + goodBlock},
			[]string{"spec/X.md:5: SPEC-X-001: duplicate ID, first in spec/X.md:1"}},
		{"withdrawn ID in a test", map[string]string{"spec/X.md": withdrawn, "core/p/b_test.go": covers(`req.Covers(t, "SPEC-X-001", "SPEC-X-002")`)},
			[]string{"core/p/b_test.go:10: SPEC-X-002: withdrawn ID cited"}},
		{"withdrawn ID in a comment", map[string]string{"spec/X.md": withdrawn + "\nOnce SPEC-X-002.\n", "core/p/q.go": "package p // SPEC-X-002\n"},
			[]string{"core/p/q.go:1: SPEC-X-002: withdrawn ID cited"}},
		{"keyword outside a block", map[string]string{"spec/README.md": readme + "\nIt MUST.\n"},
			[]string{"spec/README.md:14: MUST in capitals outside a block"}},
		{"two keywords in one block", map[string]string{"spec/X.md": strings.Replace(goodBlock, "command,", "command and MAY stop,", 1)},
			[]string{"spec/X.md:1: SPEC-X-001: two keywords in one block: MUST, MAY"}},
		{"no party table", map[string]string{"spec/README.md": "# R\n", "spec/X.md": "", "core/p/p.go": "package p", "core/p/p_test.go": "package p"},
			[]string{"spec/README.md: no table of parties"}},
		{"untested", map[string]string{"core/p/p_test.go": "package p\n"},
			[]string{"spec/X.md:1: SPEC-X-001: MUST with Verify: test, and no test cites it"}},
		{"untested prohibition", map[string]string{"core/p/p_test.go": "package p\n", "spec/X.md": strings.ReplaceAll(goodBlock, "MUST", "MUST NOT")},
			[]string{"spec/X.md:1: SPEC-X-001: MUST NOT with Verify: test, and no test cites it"}},
		{"none without reason", map[string]string{"spec/X.md": strings.Replace(goodBlock, "Verify: test", "Verify: none", 1)},
			[]string{"spec/X.md:1: SPEC-X-001: Verify: none without a reason"}},
		{"variable", map[string]string{"core/p/b_test.go": covers(`id := "SPEC-X-001"; req.Covers(t, id)`)},
			[]string{"core/p/b_test.go:10: non-literal argument to req.Covers"}},
		{"spread", map[string]string{"core/p/b_test.go": covers(`req.Covers(t, ids...)`)},
			[]string{"core/p/b_test.go:10: non-literal argument to req.Covers"}},
		{"sum", map[string]string{"core/p/b_test.go": covers(`req.Covers(t, "SPEC-X-" + "001")`)},
			[]string{"core/p/b_test.go:10: non-literal argument to req.Covers"}},
		{"function value", map[string]string{"core/p/b_test.go": covers(`f := req.Covers; f(t, "SPEC-X-001")`)},
			[]string{"core/p/b_test.go:10: non-literal use of req.Covers: call it directly"}},
		{"dot import", map[string]string{"core/p/b_test.go": strings.Replace(goodTest, `"inkan/spec/req"`, `. "inkan/spec/req"`, 1)},
			[]string{"core/p/b_test.go:6: dot import of inkan/spec/req hides citations"}},
		{"outside tests", map[string]string{"core/p/b.go": goodTest},
			[]string{"core/p/b.go:10: req.Covers outside a _test.go file does not count"}},
		{"variable file name", map[string]string{"core/p/b_test.go": strings.ReplaceAll(covers(`vectors.Load[v](t, name)`), "spec/req", "spec/vectors")},
			[]string{"core/p/b_test.go:10: non-literal file name in vectors.Load"}},
		{"empty reqs line", map[string]string{"core/p/testdata/a.txt": "reqs: \n"},
			[]string{"core/p/testdata/a.txt:1: reqs: without an ID"}},
		{"broken vectors", map[string]string{"spec/vectors/x.json": "{"},
			[]string{"spec/vectors/x.json: does not parse: unexpected end of JSON input"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, got := check(t, c.edits)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(- want, + got)\n%s", d)
			}
		})
	}
}

func TestBrokenGo(t *testing.T) {
	_, got := check(t, map[string]string{"core/p/q.go": "package"})
	if len(got) != 1 || !strings.HasPrefix(got[0], "core/p/q.go: does not parse: ") {
		t.Error(got)
	}
}

func TestNoReadme(t *testing.T) {
	if _, err := Read(fstest.MapFS{}); err == nil {
		t.Error("a tree without spec/README.md was read")
	}
}
