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
	p := parser{format: format, b: string(b), members: make([]Member, 0, min(16, len(b)/24))}
	p.space()
	n := p.value(0)
	p.space()
	if p.err == nil && p.pos < len(b) {
		p.fail(p.pos, 0, "end of input", plural(len(b)-p.pos))
	}
	if p.err != nil {
		return Node{}, p.err
	}
	return n, nil
}

type parser struct {
	format string
	b      string // of which texts are parts
	pos    int
	err    *wire.DecodeError
	// members and items of the objects and arrays that are not over, the inner ones'
	// behind those of the outer ones.
	members []Member
	items   []Node
	at      [MaxDepth]step // from the document to the value that is being read
}

// step leads from an object or array to what is in it.
type step struct {
	name  string // of a member
	index int    // of an item, which has no name; else -1
}

// path is so many steps as names and indexes.
func (p *parser) path(depth int) (path string) {
	for _, s := range p.at[:depth] {
		if s.index >= 0 {
			s.name = strconv.Itoa(s.index)
		}
		path = Join(path, s.name)
	}
	return path
}

// fail notes the first fault, of what is so many steps from the document.
func (p *parser) fail(offset, depth int, want, got string) {
	if p.err == nil {
		p.err = &wire.DecodeError{Format: p.format, Path: p.path(depth), Offset: offset, Want: want, Got: got}
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
func (p *parser) expect(c byte, depth int) bool {
	p.space()
	if p.err != nil || p.peek() != c {
		p.fail(p.pos, depth, strconv.Quote(string(c)), p.here())
		return false
	}
	p.pos++
	return true
}

func (p *parser) value(depth int) Node {
	n := Node{Offset: p.pos}
	switch c := p.peek(); {
	case depth == MaxDepth && (c == '{' || c == '['):
		p.fail(p.pos, depth, "at most "+strconv.Itoa(MaxDepth)+" levels", "more")
	case c == '{':
		n.Kind, n.Members = Object, p.object(depth)
	case c == '[':
		n.Kind, n.Items = Array, p.array(depth)
	case c == '"':
		n.Kind, n.Text = String, p.text(depth)
	case c == '-' || c >= '0' && c <= '9':
		n.Kind, n.Int = Integer, p.integer(depth)
	case p.word("true"):
		n.Kind, n.Bool = Boolean, true
	case p.word("false"):
		n.Kind = Boolean
	default:
		p.fail(p.pos, depth, "an object, array, string, integer, true or false", p.here())
	}
	return n
}

func (p *parser) word(s string) bool {
	if len(p.b)-p.pos < len(s) || p.b[p.pos:p.pos+len(s)] != s {
		return false
	}
	p.pos += len(s)
	return true
}

// more takes "," (true) or the closing byte (false), with white space around.
func (p *parser) more(closing byte, depth int) bool {
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
	p.fail(p.pos, depth, "',' or "+strconv.QuoteRune(rune(closing)), p.here())
	return false
}

func (p *parser) object(depth int) []Member {
	p.pos++
	p.space()
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	base := len(p.members)
	for {
		m := Member{Offset: p.pos}
		m.Name = p.name(depth)
		p.at[depth] = step{m.Name, -1}
		switch {
		case p.err != nil:
		case named(p.members[base:], m.Name):
			p.fail(m.Offset, depth+1, "each name once", "it again")
		case len(p.members)-base == MaxMembers:
			p.fail(m.Offset, depth, "at most "+strconv.Itoa(MaxMembers)+" members", "more")
		}
		if !p.expect(':', depth+1) {
			return nil
		}
		p.space()
		m.Value = p.value(depth + 1)
		p.members = append(p.members, m)
		if !p.more('}', depth) {
			members := slices.Clone(p.members[base:])
			p.members = p.members[:base]
			return members
		}
	}
}

// named reports whether a member has a name.
func named(members []Member, name string) bool {
	for i := range members {
		if members[i].Name == name {
			return true
		}
	}
	return false
}

func (p *parser) array(depth int) []Node {
	p.pos++
	p.space()
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	base := len(p.items)
	for {
		if len(p.items)-base == MaxItems {
			p.fail(p.pos, depth, "at most "+strconv.Itoa(MaxItems)+" items", "more")
			return nil
		}
		p.at[depth] = step{index: len(p.items) - base}
		item := p.value(depth + 1)
		p.items = append(p.items, item)
		if !p.more(']', depth) {
			items := slices.Clone(p.items[base:])
			p.items = p.items[:base]
			return items
		}
	}
}

// integer reads a number without fraction and exponent, in its shortest form.
func (p *parser) integer(depth int) int64 {
	from := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	digits := p.pos
	for p.peek() >= '0' && p.peek() <= '9' {
		p.pos++
	}
	n, err := strconv.ParseInt(p.b[from:p.pos], 10, 64)
	switch c := p.peek(); {
	case c == '.' || c == 'e' || c == 'E':
		p.fail(p.pos, depth, "an integer", "a fraction or exponent")
	case p.pos-digits > 1 && p.b[digits] == '0', p.pos > digits && n == 0 && from != digits:
		p.fail(from, depth, "an integer in its shortest form", "another form")
	case err != nil || n > MaxInteger || n < -MaxInteger:
		p.fail(from, depth, "an integer of at most 53 bits", "another number")
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
