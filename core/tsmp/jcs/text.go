package jcs

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxName is the longest name of a member in bytes.
const MaxName = 64

// name reads the name of a member. Names come into error paths, so that they are
// held to letters and digits.
func (p *parser) name(depth int) string {
	from := p.pos
	if p.peek() != '"' {
		p.fail(p.pos, depth, "a name in quotation marks", p.here())
		return ""
	}
	s := p.text(depth)
	ok := len(s) > 0 && len(s) <= MaxName
	for i := 0; i < len(s); i++ {
		ok = ok && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || s[i] >= '0' && s[i] <= '9')
	}
	if p.err == nil && !ok {
		p.fail(from, depth, "a name of 1 to 64 letters and digits", "another")
	}
	return s
}

// text reads a string; the present byte is its quotation mark.
func (p *parser) text(depth int) string {
	p.pos++
	from := p.pos
	for p.pos < len(p.b) && p.b[p.pos] != '"' && p.b[p.pos] != '\\' && p.b[p.pos] >= 0x20 && p.b[p.pos] < utf8.RuneSelf {
		p.pos++
	}
	if p.peek() == '"' { // the plain case: no escape, ASCII
		p.pos++
		return p.b[from : p.pos-1]
	}
	out := append([]byte(nil), p.b[from:p.pos]...)
	for p.err == nil {
		switch c := p.peek(); {
		case p.pos >= len(p.b) || c < 0x20:
			p.fail(p.pos, depth, "a quotation mark", p.here())
		case c == '"':
			p.pos++
			return string(out)
		case c == '\\':
			out = p.escape(out, depth)
		default:
			r, size := utf8.DecodeRuneInString(p.b[p.pos:])
			if r == utf8.RuneError && size == 1 {
				p.fail(p.pos, depth, "UTF-8", "another byte")
			}
			out = append(out, p.b[p.pos:p.pos+size]...)
			p.pos += size
		}
	}
	return ""
}

func (p *parser) escape(out []byte, depth int) []byte {
	from := p.pos
	p.pos++
	c := p.peek()
	p.pos++
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		return p.unicode(out, from, depth)
	}
	p.fail(from, depth, "an escape of JSON", "another")
	return out
}

// unicode reads the digits of \uXXXX, and a second one after a high surrogate.
func (p *parser) unicode(out []byte, from, depth int) []byte {
	r := p.hex4()
	if utf16.IsSurrogate(r) && p.peek() == '\\' {
		p.pos++
		if p.peek() != 'u' {
			r = -1
		} else {
			p.pos++
			r = utf16.DecodeRune(r, p.hex4())
			if r == utf8.RuneError {
				r = -1
			}
		}
	}
	if r < 0 || utf16.IsSurrogate(r) {
		p.fail(from, depth, "a character", "another escape")
		return out
	}
	return utf8.AppendRune(out, r)
}

// hex4 reads four hex digits; -1 when there are none.
func (p *parser) hex4() rune {
	if len(p.b)-p.pos < 4 {
		return -1
	}
	n, err := strconv.ParseUint(p.b[p.pos:p.pos+4], 16, 16)
	if err != nil {
		return -1
	}
	p.pos += 4
	return rune(n)
}
