package eastasian

import (
	"slices"
	"strings"
	"unicode"
)

// columns is how many columns a character takes: 2 for what is wide in East Asia, 0 for
// marks that combine. Characters of ambiguous width take 1. Spec: SPEC-REPORT-021.
func columns(c rune) int {
	if c < 0x300 {
		return 1
	}
	if unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	_, is := slices.BinarySearchFunc(wide[:], c, func(r [2]rune, c rune) int {
		switch {
		case r[1] < c:
			return -1
		case r[0] > c:
			return 1
		}
		return 0
	})
	if is {
		return 2
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
