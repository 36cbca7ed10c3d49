package eastasian

import (
	"strings"
	"unicode"
)

// wide are the ranges of East Asian Width W and F (Unicode Standard Annex #11), joined
// where what lies between is not assigned.
var wide = [][2]rune{{0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A}, {0x23E9, 0x23EC}, {0x2614, 0x2615}, {0x2648, 0x2653},
	{0x2705, 0x2705}, {0x270A, 0x270B}, {0x274C, 0x274C}, {0x2753, 0x2755}, {0x2795, 0x2797}, {0x2E80, 0x303E}, {0x3041, 0x33FF},
	{0x3400, 0x4DBF}, {0x4E00, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE10, 0xFE19}, {0xFE30, 0xFE6F},
	{0xFF01, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}}

// columns is how many columns a character takes: 2 for what is wide in East Asia, 0 for
// marks that combine. Characters of ambiguous width take 1. Spec: SPEC-REPORT-021.
func columns(c rune) int {
	if c < 0x300 {
		return 1
	}
	if unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	for _, r := range wide {
		if c < r[0] {
			return 1
		}
		if c <= r[1] {
			return 2
		}
	}
	return 1
}

// Columns is how many columns of a terminal a text without control characters takes.
func Columns(s string) (n int) {
	for _, c := range s {
		n += columns(c)
	}
	return n
}

// Pad fills a text up to a width.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Columns(s)))
}

// PadLeft fills a text from the left.
func PadLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-Columns(s))) + s
}

// Cut shortens a text to a width, with an ellipsis.
func Cut(s string, width int) string {
	if Columns(s) <= width {
		return s
	}
	var b strings.Builder
	n := 1
	for _, c := range s {
		if n += columns(c); n > width {
			break
		}
		b.WriteRune(c)
	}
	return b.String() + "…"
}

// notFirst may not begin a line in Japanese.
const notFirst = "、。，．・：；？！ー」』）】〉》ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々…%"

// Wrap breaks a text into lines of at most a width: at blanks, and between wide
// characters unless the second may not begin a line. A word that is longer is broken.
func Wrap(s string, width int) (lines []string) {
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapLine(line, max(width, 8))...)
	}
	return lines
}

func wrapLine(s string, width int) (lines []string) {
	runes := []rune(strings.TrimRight(s, " "))
	for {
		n, at := 0, 0 // columns so far, and the last place to break
		i := 0
		for ; i < len(runes); i++ {
			if w := columns(runes[i]); n+w > width {
				break
			} else {
				n += w
			}
			if i+1 < len(runes) && breaks(runes[i], runes[i+1]) {
				at = i + 1
			}
		}
		if i == len(runes) {
			return append(lines, string(runes))
		}
		if at == 0 {
			at = i
		}
		lines = append(lines, strings.TrimRight(string(runes[:at]), " "))
		runes = []rune(strings.TrimLeft(string(runes[at:]), " "))
	}
}

// breaks reports whether a line may end between two characters.
func breaks(before, after rune) bool {
	if before == ' ' || after == ' ' {
		return true
	}
	if strings.ContainsRune(notFirst, after) || strings.ContainsRune("「『（【〈《", before) {
		return false
	}
	return columns(before) == 2 || columns(after) == 2
}
