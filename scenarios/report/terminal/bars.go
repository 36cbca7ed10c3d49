package terminal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"inkan/scenarios/report"
)

// fills are how the kinds of time look in a bar, without colour too.
var fills = map[report.CostKind]string{
	report.CardTime: "█", report.AirTime: "▓", report.ServerTime: "▒", report.PeopleTime: "░", report.WaitTime: "·",
}

var colours = map[report.CostKind]colour{
	report.CardTime: magenta, report.AirTime: blue, report.ServerTime: green, report.PeopleTime: yellow, report.WaitTime: dim,
}

// kindNames are the kinds in words.
var kindNames = map[report.CostKind]string{
	report.CardTime: "card", report.AirTime: "air", report.ServerTime: "servers", report.PeopleTime: "people", report.WaitTime: "waiting",
}

// shares divides cells among lengths of time: the largest remainders get what rounding
// down leaves.
func shares(parts []time.Duration, cells int) []int {
	var total time.Duration
	for _, d := range parts {
		total += d
	}
	got := make([]int, len(parts))
	if total <= 0 {
		return got
	}
	order := make([]int, len(parts))
	remainder := make([]float64, len(parts))
	left := cells
	for i, d := range parts {
		exact := float64(d) / float64(total) * float64(cells)
		got[i] = int(exact)
		remainder[i], order[i] = exact-float64(got[i]), i
		left -= got[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder[b], remainder[a]) })
	for i := 0; left > 0; i, left = i+1, left-1 {
		got[order[i%len(order)]]++
	}
	return got
}

// stacked is a bar of all kinds.
func (p *printer) stacked(sums []report.Sum, cells int) string {
	parts := make([]time.Duration, len(sums))
	for i, s := range sums {
		parts[i] = s.Took
	}
	var b strings.Builder
	for i, n := range shares(parts, cells) {
		b.WriteString(p.in(colours[sums[i].Kind], strings.Repeat(fills[sums[i].Kind], n)))
	}
	return b.String()
}

// bar is a bar of one kind, of a length in proportion; what is not nothing has a cell.
func (p *printer) bar(kind report.CostKind, part, whole time.Duration, cells int) string {
	if part <= 0 || whole <= 0 {
		return ""
	}
	n := max(1, int(float64(part)/float64(whole)*float64(cells)+0.5))
	return p.in(colours[kind], strings.Repeat(fills[kind], n))
}
