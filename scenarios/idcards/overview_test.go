package idcards_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/scenarios/idcards"
	"inkan/spec/req"
)

// The exchange of the specification's overview is what a card answers; a name in
// angle brackets stands for any bytes.
func TestOverview(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-020", "SPEC-IDCARD-030", "SPEC-IDCARD-032")
	raw, err := os.ReadFile(filepath.Join("..", "..", "spec", "IDCARD.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "## Overview")
	_, text, _ = strings.Cut(text, "```\n")
	text, _, _ = strings.Cut(text, "```")
	card, err := idcards.Open(t.Context(), "taro", 1)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(text) {
		sent, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		command, err := hex.DecodeString(sent)
		if err != nil {
			t.Fatal(err)
		}
		out, err := card.Transmit(t.Context(), command, nil)
		if err != nil {
			t.Fatal(err)
		}
		matches(t, sent, strings.ToUpper(hex.EncodeToString(out)), strings.ReplaceAll(want, " ", ""))
		n++
	}
	if n != 10 {
		t.Errorf("%d commands", n)
	}
}

// matches compares a response with a pattern: parts between angle brackets, and
// the length that L stands for, may be anything.
func matches(t *testing.T, command, got, pattern string) {
	t.Helper()
	for pattern != "" {
		if strings.HasPrefix(pattern, "<") {
			_, pattern, _ = strings.Cut(pattern, ">")
			part, _, _ := strings.Cut(pattern, "<")
			if i := strings.Index(got, strings.TrimSuffix(part, "L")); i >= 0 {
				got = got[i:]
			}
			continue
		}
		if strings.HasPrefix(pattern, "L") {
			if got[:2] == "81" { // a longer length
				got = got[2:]
			}
			got, pattern = got[2:], pattern[1:]
			continue
		}
		if got == "" || got[0] != pattern[0] {
			t.Fatalf("%s: ends with %s, want %s", command, got, pattern)
		}
		got, pattern = got[1:], pattern[1:]
	}
	if got != "" {
		t.Fatalf("%s: %s more", command, got)
	}
}
