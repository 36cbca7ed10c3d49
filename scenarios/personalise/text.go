package personalise

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"
)

// shareCells is the width of the bar that divides a step's time.
const shareCells = 14

// shares are the kinds of causes that a bar divides time into, with the causes
// of the clock's ledger and the mark of each.
var shares = []struct {
	mark   rune
	name   string
	causes []string
}{
	{'█', "bytecode", []string{"bytecode", "memory", "firewall"}},
	{'▓', "API", []string{"native", "dispatch", "linking", "collect", "boot"}},
	{'▒', "cryptography", []string{"modexp", "aes", "des", "hash", "random"}},
	{'░', "NVM", []string{"nvm-erase", "nvm-program"}},
	{'·', "line", []string{"line", "idle"}},
}

// Write prints a report for people.
func (r *Report) Write(w io.Writer) error {
	p := &printer{w: w}
	chip := ""
	if r.ClockHz > 0 {
		chip = fmt.Sprintf(" at %s MHz", strconv.FormatFloat(float64(r.ClockHz)/1e6, 'f', -1, 64))
	}
	p.line("JPKI application, %s form, key made %s: %s", r.Form, origins[r.Origin], r.Channel)
	p.line("Measured on: %s%s", r.Card, chip)
	if r.Line != "" {
		p.line("Line: %s", r.Line)
	}
	p.line("")
	r.steps(p)
	if r.Total.Cycles > 0 {
		p.line("")
		p.line("%s", Legend())
		p.line("")
		p.ledger(&r.Total)
	}
	return p.err
}

var origins = map[string]string{"on the card": "on the card", "delivered": "by the authority and delivered"}

// printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// steps prints the table of steps; numbers are flush right.
func (r *Report) steps(p *printer) {
	rows := [][]string{{"step", "", "APDUs", "bytes in", "out", "ms", "writes", "pages", "NVM bytes", "where the time goes"}}
	row := func(name, detail string, f *Figures) {
		rows = append(rows, []string{name, detail, Grouped(uint64(f.Commands)), Grouped(uint64(f.SentBytes)), Grouped(uint64(f.ReceivedBytes)),
			milliseconds(f.Milliseconds), Grouped(uint64(f.NVM.Writes)), Grouped(uint64(f.NVM.Pages)), Grouped(uint64(f.NVM.Bytes)), f.Bar()})
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		row(s.Name, s.Detail, &s.Figures)
	}
	row("all", "", &r.Total)
	p.table(rows, 0, 1, len(rows[0])-1)
}

// Bar divides a bar by kinds of causes: the largest remainders get the cells
// that rounding down leaves.
func (f *Figures) Bar() string {
	if f.Cycles == 0 {
		return ""
	}
	cells := make([]int, len(shares))
	rest := make([]float64, len(shares))
	left := shareCells
	for i, s := range shares {
		n := uint64(0)
		for _, c := range s.causes {
			n += f.Causes[c]
		}
		exact := float64(n) * shareCells / float64(f.Cycles)
		cells[i] = int(exact)
		rest[i] = exact - float64(cells[i])
		left -= cells[i]
	}
	for ; left > 0; left-- {
		most := 0
		for i := range rest {
			if rest[i] > rest[most] {
				most = i
			}
		}
		cells[most]++
		rest[most] = 0
	}
	bar := ""
	for i, s := range shares {
		bar += strings.Repeat(string(s.mark), cells[i])
	}
	return bar
}

// Legend says what the marks of Bar mean.
func Legend() string {
	var parts []string
	for _, s := range shares {
		parts = append(parts, string(s.mark)+" "+s.name)
	}
	return strings.Join(parts, "   ")
}

// ledgerCells is the width of the longest bar of the ledger.
const ledgerCells = 40

// ledger prints cycles by cause, most first.
func (p *printer) ledger(f *Figures) {
	names := make([]string, 0, len(f.Causes))
	for name := range f.Causes {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := f.Causes[names[i]], f.Causes[names[j]]
		return a > b || a == b && names[i] < names[j]
	})
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, name := range names {
		n := f.Causes[name]
		cells := int(n * ledgerCells / f.Causes[names[0]])
		ms := f.Milliseconds * float64(n) / float64(f.Cycles)
		fmt.Fprintf(t, "%s\t%s\t%s ms\t%.1f %%\t%s\n", name, Grouped(n), milliseconds(ms), 100*float64(n)/float64(f.Cycles),
			"  "+strings.Repeat("█", cells))
	}
	if err := t.Flush(); p.err == nil {
		p.err = err
	}
	for line := range strings.Lines(table.String()) {
		p.line("%s", strings.TrimRight(line, " \n"))
	}
}

// milliseconds has one digit behind the point; nothing where nothing was
// measured.
func milliseconds(ms float64) string {
	if ms == 0 {
		return "-"
	}
	whole := uint64(ms*10 + 0.5)
	return Grouped(whole/10) + "." + strconv.FormatUint(whole%10, 10)
}

// Grouped writes a number with commas between thousands.
func Grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
