package main

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Count is a number of tests by outcome.
type Count struct{ Passed, Failed, Skipped int }

func (c Count) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.Passed, c.Failed, c.Skipped)
}

func (c *Count) add(other Count) {
	c.Passed += other.Passed
	c.Failed += other.Failed
	c.Skipped += other.Skipped
}

// event is what matters here of one line of Bazel's build event file.
type event struct {
	ID struct {
		TargetConfigured *struct{ Label string }
		TargetCompleted  *struct{ Label string }
		TestResult       *struct {
			Label               string
			Run, Shard, Attempt int
		}
	}
	Configured *struct{ TargetKind string }
	Completed  *struct{ Success bool }
	TestResult *struct {
		Status           string
		TestActionOutput []struct{ Name, URI string }
	}
	Finished *struct{ ExitCode struct{ Code int } }
}

// run is one execution of a test target, or of a shard of it.
type run struct {
	label      string
	run, shard int
}

// build is what the events of one invocation add up to.
type build struct {
	tests   map[string]bool // test targets, and whether they ran
	runs    map[run]Count   // of the last attempt
	unbuilt int
	exit    int
}

// Tally adds up the tests of one invocation of Bazel from its build events.
// Results of targets that this invocation did not name are not in there, however
// many are left on disk. open reads the file at a URI.
//
// A test is a testcase of a test.xml, so a Go test with three subtests counts as
// four. A target that was not built, ran no further than a time-out or crash, or
// left no test.xml, counts as one test; so does an invocation that failed for a
// reason of which no target tells.
func Tally(events io.Reader, open func(uri string) ([]byte, error)) (Count, error) {
	b := build{tests: map[string]bool{}, runs: map[run]Count{}}
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return Count{}, err
		}
		if len(line) > 1 {
			var e event
			if err := json.Unmarshal(line, &e); err != nil {
				return Count{}, fmt.Errorf("build events: %w", err)
			}
			b.take(&e, open)
		}
		if err == io.EOF {
			return b.total(), nil
		}
	}
}

func (b *build) take(e *event, open func(uri string) ([]byte, error)) {
	switch {
	case e.ID.TargetConfigured != nil && e.Configured != nil:
		if strings.HasSuffix(e.Configured.TargetKind, "_test rule") {
			b.tests[e.ID.TargetConfigured.Label] = false
		}
	case e.ID.TargetCompleted != nil && (e.Completed == nil || !e.Completed.Success):
		b.unbuilt++
		delete(b.tests, e.ID.TargetCompleted.Label)
	case e.ID.TestResult != nil && e.TestResult != nil:
		id := e.ID.TestResult
		b.tests[id.Label] = true
		// A later attempt replaces an earlier one.
		b.runs[run{id.Label, id.Run, id.Shard}] = b.result(e, open)
	case e.Finished != nil:
		b.exit = e.Finished.ExitCode.Code
	}
}

// result counts the tests of one execution.
func (b *build) result(e *event, open func(uri string) ([]byte, error)) Count {
	passed := e.TestResult.Status == "PASSED"
	count, found := Count{}, false
	for _, output := range e.TestResult.TestActionOutput {
		if output.Name == "test.xml" {
			if text, err := open(output.URI); err == nil {
				count, found = suites(text)
			}
		}
	}
	if !passed && count.Failed == 0 {
		count.Failed = 1
	} else if passed && !found {
		count.Passed = 1
	}
	return count
}

// suites adds up the testsuites of a test.xml; found is false where there is none.
func suites(text []byte) (count Count, found bool) {
	type suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	var file struct {
		Suites []suite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &file); err != nil {
		return Count{}, false
	}
	for _, s := range file.Suites {
		bad := s.Failures + s.Errors
		count.add(Count{Passed: s.Tests - bad - s.Skipped, Failed: bad, Skipped: s.Skipped})
	}
	return count, len(file.Suites) > 0
}

func (b *build) total() Count {
	total := Count{Failed: b.unbuilt}
	for _, ran := range b.tests {
		if !ran {
			total.Failed++
		}
	}
	for _, count := range b.runs {
		total.add(count)
	}
	if b.exit != 0 && total.Failed == 0 {
		total.Failed = 1
	}
	return total
}
