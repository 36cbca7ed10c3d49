package trace

import "strings"

// paragraph is a run of lines without a blank one, outside fenced code.
type paragraph struct {
	line  int      // number of the first line, from 1
	lines []string // as written, without line ends
}

// paragraphs splits Markdown at blank lines and leaves fenced code out.
func paragraphs(text string) []paragraph {
	var all []paragraph
	var cur paragraph
	flush := func() {
		if len(cur.lines) > 0 {
			all = append(all, cur)
		}
		cur = paragraph{}
	}
	fence := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		mark := fenceMark(line)
		switch {
		case fence != "":
			if strings.HasPrefix(mark, fence) && strings.TrimSpace(line) == mark {
				fence = ""
			}
		case mark != "":
			flush()
			fence = mark
		case strings.TrimSpace(line) == "":
			flush()
		default:
			if len(cur.lines) == 0 {
				cur.line = i + 1
			}
			cur.lines = append(cur.lines, line)
		}
	}
	flush()
	return all
}

// fenceMark is the run of three or more backticks or tildes that begins a
// line, or "".
func fenceMark(line string) string {
	s := strings.TrimLeft(line, " \t")
	if s == "" || s[0] != '`' && s[0] != '~' {
		return ""
	}
	rest := strings.TrimLeft(s, s[:1])
	if len(s)-len(rest) < 3 || s[0] == '`' && strings.Contains(rest, "`") {
		return ""
	}
	return s[:len(s)-len(rest)]
}

// withoutCode blanks the code spans of a paragraph's text, so that offsets and
// line ends stay where they are. A run of backticks that nothing closes is text.
func withoutCode(s string) string {
	out := []byte(s)
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		n := backticks(s[i:])
		end := closing(s, i+n, n)
		if end < 0 {
			i += n
			continue
		}
		for j := i; j < end; j++ {
			if out[j] != '\n' {
				out[j] = ' '
			}
		}
		i = end
	}
	return string(out)
}

// closing is the offset after the next run of exactly n backticks, or -1.
func closing(s string, from, n int) int {
	for i := from; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		m := backticks(s[i:])
		i += m
		if m == n {
			return i
		}
	}
	return -1
}

func backticks(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }
