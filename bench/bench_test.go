package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Every promise stands in PROMISES.md with its limit, and nothing else does.
func TestPromisesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("PROMISES.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| operation ") {
			rows++
		}
	}
	if rows != len(promises) {
		t.Errorf("%d rows in PROMISES.md, %d promises", rows, len(promises))
	}
	for _, p := range promises {
		found := false
		for line := range strings.Lines(string(doc)) {
			found = found || strings.HasPrefix(line, "| "+p.Name+" |") &&
				strings.Contains(line, "| "+p.Baseline+" |") && strings.Contains(line, fmt.Sprintf("| %.2f | 0 |", p.Limit))
		}
		if !found {
			t.Errorf("PROMISES.md lacks %q with baseline and limit %.2f", p.Name, p.Limit)
		}
	}
}

// Operation and baseline of every promise compute the same, and the operation
// allocates nothing. How long they take is not tested.
func TestPromisesRun(t *testing.T) {
	for _, p := range promises {
		r, err := measure(p, 1, 100*time.Microsecond)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
		} else if r.Allocs != 0 {
			t.Errorf("%s: %.0f allocations", p.Name, r.Allocs)
		}
	}
}

func TestTables(t *testing.T) {
	results := []Result{
		{Promise: Promise{Name: "a", Baseline: "b", Limit: 2}, OperationNanos: 30, BaselineNanos: 20},
		{Promise: Promise{Name: "c", Baseline: "d", Limit: 2}, OperationNanos: 50, BaselineNanos: 20},
		{Promise: Promise{Name: "e", Baseline: "f", Limit: 2}, OperationNanos: 10, BaselineNanos: 20, Allocs: 1},
	}
	var text, markdown strings.Builder
	if err := writeTable(&text, results); err != nil {
		t.Fatal(err)
	}
	if err := writeMarkdown(&markdown, results); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "NOT KEPT") != 2 || !strings.Contains(markdown.String(), "| a | 30 | b | 20 | 1.50 | 2.00 | 0 | kept |") {
		t.Errorf("%s\n%s", text.String(), markdown.String())
	}
}
