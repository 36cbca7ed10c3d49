package jcs

import (
	"slices"
	"strconv"

	"inkan/core/wire"
)

// Limits of a document.
const (
	MaxDepth   = 8    // of objects and arrays in one another
	MaxMembers = 64   // of one object
	MaxItems   = 4096 // of one array
	MaxInteger = 1<<53 - 1
)

// Parse reads a whole document. Errors are *wire.DecodeError of the given format,
// with the path of names and indexes in between "/". Spec: SPEC-TSM-PROTOCOL-001,
// SPEC-TSM-PROTOCOL-002, SPEC-TSM-PROTOCOL-003, SPEC-TSM-PROTOCOL-004.
func Parse(format string, b []byte) (Node, error) {
	p := parser{format: format, b: b}
	p.space()
	n := p.value("", 0)
	p.space()
	if p.err == nil && p.pos < len(b) {
		p.fail(p.pos, "", "end of input", plural(len(b)-p.pos))
	}
	if p.err != nil {
		return Node{}, p.err
	}
	return n, nil
}

type parser struct {
	format string
	b      []byte
	pos    int
	err    *wire.DecodeError
}

func (p *parser) fail(offset int, path, want, got string) {
	if p.err == nil {
		p.err = &wire.DecodeError{Format: p.format, Path: path, Offset: offset, Want: want, Got: got}
	}
}

// here says what stands at the present position, without quoting it.
func (p *parser) here() string {
	if p.pos >= len(p.b) {
		return "end of input"
	}
	return "another byte"
}

func (p *parser) peek() byte {
	if p.pos < len(p.b) {
		return p.b[p.pos]
	}
	return 0
}

func (p *parser) space() {
	for p.pos < len(p.b) {
		switch p.b[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// expect takes one byte, with white space before it.
func (p *parser) expect(c byte, path string) bool {
	p.space()
	if p.err != nil || p.peek() != c {
		p.fail(p.pos, path, strconv.Quote(string(c)), p.here())
		return false
	}
	p.pos++
	return true
}

func (p *parser) value(path string, depth int) Node {
	n := Node{Offset: p.pos}
	switch c := p.peek(); {
	case depth == MaxDepth && (c == '{' || c == '['):
		p.fail(p.pos, path, "at most "+strconv.Itoa(MaxDepth)+" levels", "more")
	case c == '{':
		n.Kind, n.Members = Object, p.object(path, depth)
	case c == '[':
		n.Kind, n.Items = Array, p.array(path, depth)
	case c == '"':
		n.Kind, n.Text = String, p.text(path)
	case c == '-' || c >= '0' && c <= '9':
		n.Kind, n.Int = Integer, p.integer(path)
	case p.word("true"):
		n.Kind, n.Bool = Boolean, true
	case p.word("false"):
		n.Kind = Boolean
	default:
		p.fail(p.pos, path, "an object, array, string, integer, true or false", p.here())
	}
	return n
}

func (p *parser) word(s string) bool {
	if len(p.b)-p.pos < len(s) || string(p.b[p.pos:p.pos+len(s)]) != s {
		return false
	}
	p.pos += len(s)
	return true
}

// more takes "," (true) or the closing byte (false), with white space around.
func (p *parser) more(closing byte, path string) bool {
	p.space()
	switch {
	case p.err != nil:
		return false
	case p.peek() == ',':
		p.pos++
		p.space()
		return true
	case p.peek() == closing:
		p.pos++
		return false
	}
	p.fail(p.pos, path, "',' or "+strconv.QuoteRune(rune(closing)), p.here())
	return false
}

func (p *parser) object(path string, depth int) (members []Member) {
	p.pos++
	p.space()
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	for {
		m := Member{Offset: p.pos}
		m.Name = p.name(path)
		inner := Join(path, m.Name)
		switch {
		case p.err != nil:
		case slices.ContainsFunc(members, func(o Member) bool { return o.Name == m.Name }):
			p.fail(m.Offset, inner, "each name once", "it again")
		case len(members) == MaxMembers:
			p.fail(m.Offset, path, "at most "+strconv.Itoa(MaxMembers)+" members", "more")
		}
		if !p.expect(':', inner) {
			return nil
		}
		p.space()
		m.Value = p.value(inner, depth+1)
		members = append(members, m)
		if !p.more('}', path) {
			return members
		}
	}
}

func (p *parser) array(path string, depth int) (items []Node) {
	p.pos++
	p.space()
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		if len(items) == MaxItems {
			p.fail(p.pos, path, "at most "+strconv.Itoa(MaxItems)+" items", "more")
			return nil
		}
		items = append(items, p.value(Join(path, strconv.Itoa(len(items))), depth+1))
		if !p.more(']', path) {
			return items
		}
	}
}

// integer reads a number without fraction and exponent, in its shortest form.
func (p *parser) integer(path string) int64 {
	from := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	digits := p.pos
	for p.peek() >= '0' && p.peek() <= '9' {
		p.pos++
	}
	n, err := strconv.ParseInt(string(p.b[from:p.pos]), 10, 64)
	switch c := p.peek(); {
	case c == '.' || c == 'e' || c == 'E':
		p.fail(p.pos, path, "an integer", "a fraction or exponent")
	case p.pos-digits > 1 && p.b[digits] == '0', p.pos > digits && n == 0 && from != digits:
		p.fail(from, path, "an integer in its shortest form", "another form")
	case err != nil || n > MaxInteger || n < -MaxInteger:
		p.fail(from, path, "an integer of at most 53 bits", "another number")
	}
	return n
}

// Join puts a name behind a path.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

func plural(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
