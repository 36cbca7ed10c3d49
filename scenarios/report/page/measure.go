package page

import (
	"strings"

	"inkan/scenarios/report/eastasian"
)

// Widths of characters at the size of labels, in the chart's units: about what a wide
// sans-serif takes, so that no label is cut at the chart's edge.
const (
	wideWidth   = 12.2
	upperWidth  = 8.2
	usualWidth  = 6.9
	narrowWidth = 4.1
)

// measure is about how wide a label is.
func measure(s string) (width float64) {
	for _, c := range s {
		switch n := eastasian.Columns(string(c)); {
		case n == 2:
			width += wideWidth
		case n == 0:
		case strings.ContainsRune(" .,:;'|!()[]iljft/·", c):
			width += narrowWidth
		case c >= 'A' && c <= 'Z' || c == 'm' || c == 'w' || c >= 0x2000:
			width += upperWidth
		default:
			width += usualWidth
		}
	}
	return width
}

// fit cuts a label to a width.
func fit(s string, width float64) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if measure(s) <= width {
		return s
	}
	var b strings.Builder
	left := width - upperWidth
	for _, c := range s {
		if left -= measure(string(c)); left < 0 {
			break
		}
		b.WriteRune(c)
	}
	return strings.TrimRight(b.String(), " ,") + "…"
}
