package javadiff

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/spec/req"
)

// readCase reads a program of testdata/cases: one file, whose first line is a
// comment with "short" or "int" and the commands.
func readCase(t *testing.T, name string) *program {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	words := strings.Fields(first)
	if len(words) < 3 || words[0] != "//" || words[1] != "short" && words[1] != "int" {
		t.Fatalf("%s: first line %q, want \"// short\" or \"// int\" and commands", name, first)
	}
	p := &program{ints: words[1] == "int", sources: []source{{"diff/App.java", string(text)}}}
	for _, w := range words[2:] {
		c, err := hex.DecodeString(w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p.commands = append(p.commands, c)
	}
	return p
}

// TestCases runs the programs that once showed a difference, made small.
func TestCases(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-017", "SPEC-CAPC-051", "SPEC-RUNTIME-062")
	names, err := filepath.Glob("testdata/cases/*.java")
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	h := newHost(t)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".java"), func(t *testing.T) {
			p := readCase(t, name)
			messages, classes, want, err := h.run(p)
			if err != nil || messages != "" {
				t.Fatal(messages, err)
			}
			got, err := onCard(p, classes)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range p.commands {
				if i >= len(want) || !bytes.Equal(got[i], want[i]) {
					t.Errorf("command %X: card %X, host %X", c, got[i], want[i:])
				}
				if len(got[i]) <= 2 {
					t.Errorf("command %X: answer %X without data", c, got[i])
				}
			}
		})
	}
}
