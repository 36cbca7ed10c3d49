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
				strings.Contains(line, "| "+p.Baseline+" |") && strings.Contains(line, fmt.Sprintf(" | %s | %s | ", decimal(p.Limit), ceiling(p.MaxNanos))) &&
				strings.Contains(line, fmt.Sprintf(" | %.0f | kept |", p.AllocLimit))
		}
		if !found {
			t.Errorf("PROMISES.md lacks %q with baseline, limits %s and %.0f, and kept", p.Name, decimal(p.Limit), p.AllocLimit)
		}
	}
}

// Operation and baseline of every promise compute the same, and the operation
// allocates no more than promised. How long they take is not tested.
func TestPromisesRun(t *testing.T) {
	for _, p := range promises {
		r, err := measure(p, 1, 100*time.Microsecond)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
		} else if !r.AllocsHeld() {
			t.Errorf("%s: %.0f allocations, baseline %.0f", p.Name, r.Allocs, r.BaselineAllocs)
		}
	}
}

func TestTables(t *testing.T) {
	results := []Result{
		{Promise: Promise{Name: "a", Baseline: "b", Limit: 2}, OperationNanos: 30, BaselineNanos: 20},
		{Promise: Promise{Name: "c", Baseline: "d", Limit: 2}, OperationNanos: 50, BaselineNanos: 20},
		{Promise: Promise{Name: "e", Baseline: "f", Limit: 2}, OperationNanos: 10, BaselineNanos: 20, Allocs: 1},
		{Promise: Promise{Name: "g", Baseline: "h", Limit: 2, MaxNanos: 10, AllocLimit: 3}, OperationNanos: 10, BaselineNanos: 20, Allocs: 5, BaselineAllocs: 2},
		{Promise: Promise{Name: "k", Baseline: "l", Limit: 2, MaxNanos: 9}, OperationNanos: 10, BaselineNanos: 20},
		{Promise: Promise{Name: "i", Baseline: "j", Limit: 2, AllocLimit: 3}, OperationNanos: 10, BaselineNanos: 20, Allocs: 6, BaselineAllocs: 2},
	}
	var text, markdown strings.Builder
	if err := writeTable(&text, results); err != nil {
		t.Fatal(err)
	}
	if err := writeMarkdown(&markdown, results); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "NOT KEPT") != 4 || !strings.Contains(markdown.String(), "| a | 30 | b | 20 | 1.50 | 2.00 | - | 0 | 0 | 0 | kept |") ||
		!strings.Contains(markdown.String(), "| g | 10 | h | 20 | 0.50 | 2.00 | 10 | 5 | 2 | 3 | kept |") {
		t.Errorf("%s\n%s", text.String(), markdown.String())
	}
}
