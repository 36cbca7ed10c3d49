package eastasian

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/spec/req"
)

func TestColumns(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-021")
	for s, want := range map[string]int{"": 0, "abc": 3, "印鑑": 4, "ｱｲｳ": 3, "ＡＢ": 4, "é": 1, "e\u0301": 1, "か\u3099": 2, "→…–█": 4, "한": 2, "「あ」、。": 10, "𠮷": 2, "✓✗": 2, "🪪": 2, "a\u200bb": 2} {
		if got := Columns(s); got != want {
			t.Errorf("Columns(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"印鑑登録", 8, "印鑑登録"}, {"印鑑登録", 7, "印鑑登…"}, {"印鑑登録", 6, "印鑑…"}, {"印鑑", 1, "…"}, {"", 0, ""}} {
		if got := Cut(c.s, c.width); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
	if Pad("印", 4) != "印  " || PadLeft("印", 4) != "  印" || Pad("印鑑", 3) != "印鑑" {
		t.Error("padding")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{
		{"the quick brown fox", 10, "the quick|brown fox"},
		{"電子証明書を、書き込んでいます。", 14, "電子証明書を、|書き込んでいま|す。"},
		{"ああああああああ、い", 16, "あああああああ|あ、い"},
		{"ああああああ「いい」", 14, "ああああああ|「いい」"},
		{"abcdefghijklmnop", 8, "abcdefgh|ijklmnop"},
		{"a\n\nb", 8, "a||b"},
		{"SIMカードにJPKIアプリ", 12, "SIMカードに|JPKIアプリ"},
		{"", 8, ""},
	} {
		if got := strings.Join(Wrap(c.s, c.width), "|"); got != c.want {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}

// Wrapping loses nothing but blanks, and no line is too wide.
func TestWrapKeeps(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-020")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab  \n印鑑、。「」é…W9"))).Draw(t, "text")
		width := rapid.IntRange(8, 40).Draw(t, "width")
		lines := Wrap(s, width)
		for _, l := range lines {
			if Columns(l) > width {
				t.Fatalf("%q has %d columns", l, Columns(l))
			}
		}
		bare := strings.NewReplacer(" ", "", "\n", "").Replace
		if got := bare(strings.Join(lines, "")); got != bare(s) {
			t.Fatalf("got %q", got)
		}
		if got := Cut(s, width); Columns(got) > width {
			t.Fatalf("Cut: %q", got)
		}
	})
}
