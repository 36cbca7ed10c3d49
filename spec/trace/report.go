package trace

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// lineForm has fixed columns, so that a new requirement changes one line.
const lineForm = "%-16s  %-10s  %-13s  %-6s  %s\n"

// Report writes spec/TRACE.txt: a line per requirement, sorted by ID, with
// keyword, party, method and what cites it ("?" after what may be skipped or is
// not run; "*4" for four vectors of a file), and a summary.
func (t *Tree) Report() []byte {
	var out bytes.Buffer
	out.WriteString("# Written by: go test ./spec -run TestTrace -update\n\n")
	reqs := slices.DeleteFunc(slices.Clone(t.Requirements), func(r Requirement) bool { return r.malformed })
	slices.SortFunc(reqs, func(a, b Requirement) int { return cmp.Compare(a.ID, b.ID) })
	citing := t.citing()
	for _, r := range reqs {
		if r.Withdrawn != "" {
			fmt.Fprintf(&out, lineForm, r.ID, "withdrawn", "-", "-", r.Withdrawn)
			continue
		}
		fmt.Fprintf(&out, lineForm, r.ID, r.Keyword, r.Party, r.Verify, citedBy(citing[r.ID]))
	}
	t.summary(&out, reqs)
	return out.Bytes()
}

// citedBy lists who cites a requirement, sorted; "-" for nobody.
func citedBy(cs []Citation) string {
	type entry struct {
		count int
		sure  bool
	}
	by := map[string]*entry{}
	for _, c := range cs {
		e := by[c.By]
		if e == nil {
			e = &entry{}
			by[c.By] = e
		}
		e.count++
		e.sure = e.sure || c.Sure
	}
	var names []string
	for name, e := range by {
		if strings.HasSuffix(name, ".json") {
			name = fmt.Sprintf("%s*%d", name, e.count)
		}
		if !e.sure {
			name += "?"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "-"
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// summary counts the requirements that hold, per document.
func (t *Tree) summary(out *bytes.Buffer, reqs []Requirement) {
	type row struct{ all, must, test, cited, withdrawn int }
	rows := map[string]*row{}
	var documents []string
	total := &row{}
	citing := t.citing()
	for _, r := range reqs {
		one := rows[r.Document()]
		if one == nil {
			one = &row{}
			rows[r.Document()] = one
			documents = append(documents, r.Document())
		}
		for _, c := range []*row{one, total} {
			if r.Withdrawn != "" {
				c.withdrawn++
				continue
			}
			c.all++
			c.must += count(strings.HasPrefix(r.Keyword, "MUST"))
			c.test += count(r.Verify == "test")
			c.cited += count(len(citing[r.ID]) > 0)
		}
	}
	slices.Sort(documents)
	out.WriteString("\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "document\trequirements\tMUST\tVerify: test\tcited\twithdrawn\t\n")
	line := func(name string, c *row) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", name, c.all, c.must, c.test, c.cited, c.withdrawn)
	}
	for _, d := range documents {
		line(d, rows[d])
	}
	line("all", total)
	w.Flush()
	fmt.Fprintf(out, "\nvector files that no test loads: %d\n", len(t.unloaded()))
	fmt.Fprintf(out, "untested MUST: %d\n", len(t.untested()))
}

// unloaded are the vector files that no test loads that counts.
func (t *Tree) unloaded() []string {
	var files []string
	for _, file := range t.vectors {
		if !t.loaded[file] {
			files = append(files, file)
		}
	}
	return files
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
