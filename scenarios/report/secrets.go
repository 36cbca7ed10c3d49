package report

import (
	"slices"
	"strings"
	"unicode"
)

// covered stands for what is not shown.
const covered = "••••"

// Hide names a secret, such as a PIN or a one-time code: wherever it occurs in a text
// that is recorded after, dots stand for it. It is a second line of defence; data that
// may be secret is not recorded anyway. Secrets under 4 bytes are not looked for.
// Spec: SPEC-REPORT-012.
func (r *Recorder) Hide(secret string) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	if len(secret) >= 4 && !slices.Contains(r.secrets, secret) {
		r.secrets = append(r.secrets, secret)
	}
}

func (r *Recorder) clean(t Text) Text {
	return Text{Japanese: r.cleaned(t.Japanese), English: r.cleaned(t.English)}
}

// cleaned is a text without secrets, and without characters that a terminal or an HTML
// file could not show: a line break stays.
func (r *Recorder) cleaned(s string) string {
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, covered)
	}
	return printable(s)
}

// printable has the replacement character for control and format characters other than
// line breaks, and for what is no Unicode. Spec: SPEC-REPORT-013.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case unicode.Is(unicode.C, c), c == 0xFFFE, c == 0xFFFF:
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
