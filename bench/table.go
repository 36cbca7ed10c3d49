package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// machine names what the absolute figures were measured on.
func machine() string {
	name := "unknown CPU"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %s/%s, %s", name, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// fleetLine says how much memory a card of the fleet takes.
func fleetLine(each int64) string {
	return fmt.Sprintf("%d personalised cards of one image at once: %d bytes each, promised: %d at most.", fleetCount, each, fleetLimit)
}

func row(r Result) []string {
	verdict := "kept"
	if !r.Held() {
		verdict = "NOT KEPT"
	}
	return []string{
		r.Name, fmt.Sprintf("%.0f", r.OperationNanos), r.Baseline, fmt.Sprintf("%.0f", r.BaselineNanos),
		decimal(r.Ratio()), decimal(r.Limit), ceiling(r.MaxNanos),
		fmt.Sprintf("%.0f", r.Allocs), fmt.Sprintf("%.0f", r.BaselineAllocs), fmt.Sprintf("%.0f", r.AllocLimit), verdict,
	}
}

// decimal writes a ratio with as many digits as tell something.
func decimal(ratio float64) string {
	if ratio < 0.1 {
		return fmt.Sprintf("%.4f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// notes are the lines below the table.
func notes(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		if r.Note != "" {
			fmt.Fprintf(&b, "\n%s\n", r.Note)
		}
	}
	return b.String()
}

// ceiling is an absolute promise for people.
func ceiling(nanos float64) string {
	if nanos == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", nanos)
}

var heading = []string{"operation", "ns", "baseline", "ns", "ratio", "promised", "promised ns", "allocs", "baseline's", "more promised", ""}

// writeTable prints the results in columns.
func writeTable(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(heading, "\t"))
	for _, r := range results {
		fmt.Fprintln(t, strings.Join(row(r), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n%s", machine(), notes(results))
	return err
}

// writeMarkdown prints the table that PROMISES.md has.
func writeMarkdown(w io.Writer, results []Result) error {
	var b strings.Builder
	b.WriteString("| " + strings.Join(heading, " | ") + "|\n" + strings.Repeat("|---", len(heading)) + "|\n")
	for _, r := range results {
		b.WriteString("| " + strings.Join(row(r), " | ") + " |\n")
	}
	fmt.Fprintf(&b, "\nMeasured on: %s\n%s", machine(), notes(results))
	_, err := io.WriteString(w, b.String())
	return err
}
