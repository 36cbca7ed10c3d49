package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"inkan/server/collector"
)

// plan is what to measure and how to tell.
type plan struct {
	passes, rounds   int
	round            time.Duration
	only             string
	markdown, strict bool
}

func main() {
	collector.Set()
	runtime.MemProfileRate = 0 // package testing links the profile of allocations, which programs run without
	var p plan
	flag.IntVar(&p.passes, "passes", 1, "times to measure all promises; the fastest round of all counts")
	flag.IntVar(&p.rounds, "rounds", 100, "rounds for each promise in a pass")
	flag.DurationVar(&p.round, "round", 20*time.Millisecond, "length of a round")
	flag.StringVar(&p.only, "only", "", "measure only promises whose name contains this")
	flag.IntVar(&persons, "persons", 0, "persons of the registry that is opened, whose lists are then published too; 0: 20,000, and no lists")
	flag.StringVar(&kept, "kept", "", "folder where the registry of --persons stays, to be opened by another run")
	flag.BoolVar(&p.markdown, "markdown", false, "print the table as in PROMISES.md")
	flag.BoolVar(&p.strict, "strict", false, "exit with 1 when a promise is not kept in this run")
	flag.Parse()
	if err := p.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errBroken = errors.New("a promise was not kept in this run")

// run measures and prints.
func (p *plan) run() error {
	results, err := p.measure()
	if err != nil {
		return err
	}
	held := true
	for _, r := range results {
		held = held && r.Held()
	}
	print := writeTable
	if p.markdown {
		print = writeMarkdown
	}
	if err := print(os.Stdout, results); err != nil {
		return err
	}
	if p.only == "" {
		each, err := fleetBytes(fleetCount)
		if err != nil {
			return err
		}
		fmt.Printf("\n%s\n", fleetLine(each))
		held = held && each <= fleetLimit
	}
	if p.strict && !held {
		return errBroken
	}
	return nil
}

// measure measures the promises, telling on standard error which it is at.
func (p *plan) measure() ([]Result, error) {
	var chosen []Promise
	for _, promise := range promises {
		if strings.Contains(promise.Name, p.only) {
			chosen = append(chosen, promise)
		}
	}
	results := make([]Result, len(chosen))
	for pass := range p.passes {
		for i, promise := range chosen {
			fmt.Fprintf(os.Stderr, "\r[%d/%d] %-60s", pass*len(chosen)+i+1, p.passes*len(chosen), promise.Name)
			r, err := measure(promise, p.rounds, p.round)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", promise.Name, err)
			}
			if pass > 0 {
				r = r.fastest(results[i])
			}
			results[i] = r
		}
	}
	fmt.Fprintf(os.Stderr, "\r%-70s\r", "")
	return results, nil
}
