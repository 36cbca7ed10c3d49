package trace

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	block := func(id, keyword, verify string) string {
		return "\n**" + id + "** (" + keyword + " · MNO-TSM) It " + keyword + " do so.\n<sub>Source: a · Verify: " + verify + "</sub>\n"
	}
	edits := map[string]string{
		"spec/A-B.md":         block("SPEC-A-B-002", "MAY", "none (why)") + block("SPEC-A-B-001", "MUST NOT", "test"),
		"spec/X.md":           goodBlock + block("SPEC-X-003", "SHOULD", "review") + "\n**SPEC-X-002** (withdrawn · 2026-11-22) Gone.\n",
		"core/p/b_test.go":    covers(`t.Skip(); req.Covers(t, "SPEC-A-B-001")`),
		"spec/vectors/x.json": `{"vectors": [{"reqs": ["SPEC-X-001", "SPEC-A-B-002"]}, {"reqs": ["SPEC-X-001"]}]}`,
	}
	want := `# Written by: go test ./spec -run TestTrace -update

SPEC-A-B-001      MUST NOT    MNO-TSM        test    core/p.TestOne?
SPEC-A-B-002      MAY         MNO-TSM        none    x.json*1?
SPEC-X-001        MUST        card           test    core/p.TestOne x.json*2?
SPEC-X-002        withdrawn   -              -       2026-11-22
SPEC-X-003        SHOULD      MNO-TSM        review  -

  document  requirements  MUST  Verify: test  cited  withdrawn
       A-B             2     1             1      2          0
         X             2     1             1      1          1
       all             4     2             2      3          1

vector files that no test loads: 1
untested MUST: 1
`
	tree, _ := check(t, edits)
	got := tree.Report()
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(- want, + got)\n%s", d)
	}
	for range 5 {
		again, _ := check(t, edits)
		if !bytes.Equal(again.Report(), got) {
			t.Fatal("two reports of one tree differ")
		}
	}
	if strings.Contains(string(got), " \n") {
		t.Error("a line ends in a blank")
	}
}
