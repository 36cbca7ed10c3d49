package capc

import (
	"fmt"
	"strings"
)

// Error is one reason why a package is not converted.
type Error struct {
	Class  string // with slashes; empty if it is about the package
	Member string // method or field; empty if it is about the class
	Line   int    // of the source; 0 if not known
	Why    string // what is wrong
	Advice string // what to do instead; may be empty
}

// Error has the form "a/B.m()V, line 7: int local variable i; declare it as short".
func (e *Error) Error() string {
	s := "package"
	if e.Class != "" {
		s = e.Class
	}
	if e.Member != "" {
		s += "." + e.Member
	}
	if e.Line > 0 {
		s += fmt.Sprintf(", line %d", e.Line)
	}
	s += ": " + e.Why
	if e.Advice != "" {
		s += "; " + e.Advice
	}
	return s
}

// MaxErrors is the number of errors after which a conversion stops.
const MaxErrors = 100

// Errors are all reasons that were found, one a line.
type Errors []*Error

// Error joins the errors with line breaks.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// where is the place that an error is about.
type where struct {
	class, member string
	line          int
}

// report adds an error, once.
func (c *converter) report(at where, why, advice string) {
	e := Error{at.class, at.member, at.line, why, advice}
	if c.seen[e] || len(c.errors) >= MaxErrors {
		return
	}
	c.seen[e] = true
	c.errors = append(c.errors, &e)
}

func (c *converter) failed() bool { return len(c.errors) > 0 }
