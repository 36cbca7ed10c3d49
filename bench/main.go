package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 20, "rounds for each promise; the fastest counts")
	round := flag.Duration("round", 100*time.Millisecond, "length of a round")
	markdown := flag.Bool("markdown", false, "print the table as in PROMISES.md")
	strict := flag.Bool("strict", false, "exit with 1 when a promise is not kept in this run")
	only := flag.String("only", "", "measure only promises whose name contains this")
	flag.Parse()
	if err := run(*only, *rounds, *round, *markdown, *strict); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errBroken = errors.New("a promise was not kept in this run")

// run measures all promises, telling on standard error which it is at.
func run(only string, rounds int, round time.Duration, markdown, strict bool) error {
	var results []Result
	held := true
	for i, p := range promises {
		if !strings.Contains(p.Name, only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "\r[%d/%d] %-60s", i+1, len(promises), p.Name)
		r, err := measure(p, rounds, round)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		results = append(results, r)
		held = held && r.Held()
	}
	fmt.Fprintf(os.Stderr, "\r%-70s\r", "")
	print := writeTable
	if markdown {
		print = writeMarkdown
	}
	if err := print(os.Stdout, results); err != nil {
		return err
	}
	if strict && !held {
		return errBroken
	}
	return nil
}
