package tidy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Rule is one call in a BUILD file: a target, or package, load and the like.
type Rule struct {
	Kind  string
	Line  int
	Attrs map[string]*Attr
	// Args are the arguments without a name.
	Args *Attr
}

// Attr is the value of an attribute, flattened: the strings in it (of a select,
// those of all its branches), the patterns of its globs, its bare words.
type Attr struct {
	Strings, Globs, Words []string
}

// Name returns the target's name.
func (r *Rule) Name() string { return strings.Join(r.strings("name"), "") }

// strings returns an attribute's strings, none if it is absent.
func (r *Rule) strings(attr string) []string {
	if value := r.Attrs[attr]; value != nil {
		return value.Strings
	}
	return nil
}

// buildTokens: comment, string, word or number, punctuation.
var buildTokens = regexp.MustCompile(`(#[^\n]*)|("(?:[^"\\\n]|\\.)*")|([A-Za-z0-9_.]+)|([()\[\]{}=,:+])|([ \t\r\n]+)|(.)`)

// buildReader reads the part of the BUILD language that Gazelle writes: calls
// with strings, lists, dicts, glob, select and +. Anything else is an error.
type buildReader struct {
	tokens []string
	lines  []int
	next   int
}

// ReadBuild reads the rules of a BUILD file.
func ReadBuild(text string) (rules []*Rule, err error) {
	r := &buildReader{}
	line := 1
	for _, m := range buildTokens.FindAllStringSubmatch(text, -1) {
		if m[6] != "" {
			return nil, fmt.Errorf("line %d: %q is not understood", line, m[6])
		}
		if m[1] == "" && m[5] == "" {
			r.tokens = append(r.tokens, m[0])
			r.lines = append(r.lines, line)
		}
		line += strings.Count(m[0], "\n")
	}
	for r.next < len(r.tokens) {
		rule, err := r.call()
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func (r *buildReader) peek() string {
	if r.next < len(r.tokens) {
		return r.tokens[r.next]
	}
	return ""
}

func (r *buildReader) take(want string) error {
	if r.peek() != want {
		line := 0
		if len(r.lines) > 0 {
			line = r.lines[min(r.next, len(r.lines)-1)]
		}
		return fmt.Errorf("line %d: %q, want %q", line, r.peek(), want)
	}
	r.next++
	return nil
}

func (r *buildReader) call() (*Rule, error) {
	rule := &Rule{Kind: r.peek(), Line: r.lines[r.next], Attrs: map[string]*Attr{}, Args: &Attr{}}
	r.next++
	if err := r.take("("); err != nil {
		return nil, err
	}
	for r.peek() != ")" {
		into := rule.Args
		if r.next+1 < len(r.tokens) && r.tokens[r.next+1] == "=" {
			into = &Attr{}
			rule.Attrs[r.peek()] = into
			r.next += 2
		}
		if err := r.value(into); err != nil {
			return nil, err
		}
		if r.peek() != ")" {
			if err := r.take(","); err != nil {
				return nil, err
			}
		}
	}
	return rule, r.take(")")
}

// value reads one expression into an attribute.
func (r *buildReader) value(into *Attr) error {
	token := r.peek()
	var err error
	switch {
	case token == "[":
		err = r.list(into, "]")
	case token == "{":
		err = r.list(into, "}")
	case strings.HasPrefix(token, `"`):
		var text string
		if text, err = strconv.Unquote(token); err == nil {
			into.Strings = append(into.Strings, text)
			r.next++
		}
	case r.next+1 < len(r.tokens) && r.tokens[r.next+1] == "(":
		err = r.function(into)
	case token != "" && !strings.ContainsAny(token, "()[]{}=,:+"):
		into.Words = append(into.Words, token)
		r.next++
	default:
		err = r.take("a value")
	}
	if err == nil && r.peek() == "+" {
		r.next++
		return r.value(into)
	}
	return err
}

// list reads a list, or a dict, of which it keeps the values alone.
func (r *buildReader) list(into *Attr, end string) error {
	r.next++
	for r.peek() != end {
		if end == "}" {
			if err := r.value(&Attr{}); err != nil {
				return err
			}
			if err := r.take(":"); err != nil {
				return err
			}
		}
		if err := r.value(into); err != nil {
			return err
		}
		if r.peek() != end {
			if err := r.take(","); err != nil {
				return err
			}
		}
	}
	return r.take(end)
}

func (r *buildReader) function(into *Attr) error {
	call, err := r.call()
	if err != nil {
		return err
	}
	switch call.Kind {
	case "glob":
		into.Globs = append(into.Globs, call.Args.Strings...)
	case "select":
		into.Strings = append(into.Strings, call.Args.Strings...)
	default:
		return fmt.Errorf("line %d: function %s is not understood", call.Line, call.Kind)
	}
	return nil
}
