package personalise

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteTable prints rows of cells, the first of which are headings and the last of
// which are sums. Cells are flush right but for the columns named.
func WriteTable(w io.Writer, rows [][]string, left ...int) error {
	p := &printer{w: w}
	p.table(rows, left...)
	return p.err
}

// WriteLedger prints cycles by cause, most first, with bars.
func WriteLedger(w io.Writer, f *Figures) error {
	p := &printer{w: w}
	p.ledger(f)
	return p.err
}

func (p *printer) table(rows [][]string, left ...int) {
	width := make([]int, len(rows[0]))
	whole := 2*len(width) - 2
	for _, cells := range rows {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, n := range width {
		whole += n
	}
	for n, cells := range rows {
		if n == 1 || n == len(rows)-1 {
			p.line("%s", strings.Repeat("─", whole))
		}
		line := ""
		for i, c := range cells {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if slices.Contains(left, i) {
				line += c + pad + "  "
			} else {
				line += pad + c + "  "
			}
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}
