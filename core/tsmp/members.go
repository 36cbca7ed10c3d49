package tsmp

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"inkan/core/tsmp/jcs"
	"inkan/core/wire"
)

// members visits the members of one object, to write them, to read them or to
// describe them: each message names its members in one place, with their limits,
// and all three follow from that. The first fault sticks.
type members struct {
	mode mode
	path string
	// node is what is read, or what has been written.
	node   *jcs.Node
	format string
	shared *walk
	asked  uint64 // the node's members that were asked for, when reading: a bit each
	absent bool   // the next member may be absent
}

type mode byte

const (
	writing mode = iota
	reading
	describing
)

// walk is what all objects of one message share.
type walk struct {
	err  error
	rows []Row
}

// Row is one member of a message, for the specification's tables.
type Row struct {
	Path     string // "body/order": names from the message on
	Type     string // "bytes, 1 to 700"
	Optional bool
}

// optional says that the next member may be absent; zero is then absence.
func (m *members) optional() *members {
	m.absent = true
	return m
}

// value is the node of a member that is to be read; nil when there is none, or
// when nothing is read. The flag is taken. What describes a member is put into words
// only where somebody reads them.
func (m *members) value(name string, kind jcs.Kind, describe func() string) *jcs.Node {
	optional := m.absent
	m.absent = false
	switch {
	case m.mode == describing:
		m.shared.rows = append(m.shared.rows, Row{jcs.Join(m.path, name), describe(), optional})
		return nil
	case m.mode == writing || m.shared.err != nil:
		return nil
	}
	i := m.ask(name)
	if i < 0 {
		if !optional {
			m.fault(m.node.Offset, jcs.Join(m.path, name), describe(), "no such member")
		}
		return nil
	}
	switch member := &m.node.Members[i]; {
	case member.Value.Kind != kind:
		m.fault(member.Value.Offset, jcs.Join(m.path, name), kind.String(), member.Value.Kind.String())
	default:
		return &member.Value
	}
	return nil
}

// ask finds a member and notes that it was asked for; -1: there is none. An object has
// at most jcs.MaxMembers, which is 64.
func (m *members) ask(name string) int {
	for i := range m.node.Members {
		if m.node.Members[i].Name == name {
			m.asked |= 1 << i
			return i
		}
	}
	return -1
}

func (m *members) fault(offset int, path, want, got string) {
	if m.shared.err == nil {
		m.shared.err = &wire.DecodeError{Format: m.format, Path: path, Offset: offset, Want: want, Got: got}
	}
}

// unfit is a fault in what is to be written.
func (m *members) unfit(name, want string) {
	if m.shared.err == nil {
		m.shared.err = errors.New("tsmp: " + m.format + ": " + jcs.Join(m.path, name) + ": want " + want)
	}
}

// usual is how many members an object has room for at first.
const usual = 8

// write adds a member.
func (m *members) write(name string, n jcs.Node) {
	if m.node.Members == nil {
		m.node.Members = make([]jcs.Member, 0, usual)
	}
	m.node.Members = append(m.node.Members, jcs.Member{Name: name, Value: n})
}

// end reports members that the message does not have. Spec: SPEC-TSM-PROTOCOL-006.
func (m *members) end() {
	if m.mode != reading || m.shared.err != nil {
		return
	}
	for i := range m.node.Members {
		if member := &m.node.Members[i]; m.asked&(1<<i) == 0 {
			m.fault(member.Offset, jcs.Join(m.path, member.Name), "a member of this message", "an unknown one")
			return
		}
	}
}

// str is the common part of every member that is a string: parse and format
// check and convert, ok false says that the value is outside its type.
func (m *members) str(name string, describe func() string, zero bool, parse func(string) bool, format func() (string, bool)) {
	optional := m.absent
	n := m.value(name, jcs.String, describe)
	switch {
	case n != nil && !parse(n.Text):
		m.fault(n.Offset, jcs.Join(m.path, name), describe(), "another string")
	case m.mode == writing && !(optional && zero):
		text, ok := format()
		if !ok {
			m.unfit(name, describe())
		}
		m.write(name, jcs.Node{Kind: jcs.String, Text: text})
	}
}

// id is a fixed number of bytes, in upper-case hex. Zeros are no identifier.
// Spec: SPEC-TSM-PROTOCOL-007.
func (m *members) id(name string, p []byte) {
	m.str(name, func() string { return plural(len(p)) + " in hex, not all zero" }, zero(p), func(s string) bool {
		return len(s) == 2*len(p) && decodeHex(p, s) && !zero(p)
	}, func() (string, bool) { return hexText(p), !zero(p) })
}

// hex is a short byte string, in upper-case hex.
func (m *members) hex(name string, p *[]byte, least, most int) {
	m.str(name, func() string { return span(least, most) + " in hex" }, len(*p) == 0, func(s string) bool {
		b, ok := parseHex(s)
		*p = b
		return ok && len(b) >= least && len(b) <= most
	}, func() (string, bool) { return hexText(*p), len(*p) >= least && len(*p) <= most })
}

// bytes is a byte string, in base64url without padding.
// Spec: SPEC-TSM-PROTOCOL-008.
func (m *members) bytes(name string, p *[]byte, least, most int) {
	m.str(name, func() string { return span(least, most) + " in base64url" }, len(*p) == 0, func(s string) bool {
		b, ok := parseBase64(s)
		*p = b
		return ok && len(b) >= least && len(b) <= most
	}, func() (string, bool) {
		return base64.RawURLEncoding.EncodeToString(*p), len(*p) >= least && len(*p) <= most
	})
}

// text is a string without control characters, measured in bytes of UTF-8.
func (m *members) text(name string, p *string, least, most int) {
	fits := func(s string) bool { return len(s) >= least && len(s) <= most && printable(s) }
	m.str(name, func() string { return "text of " + span(least, most) }, *p == "", func(s string) bool {
		*p = strings.Clone(s) // s is a part of the whole message
		return fits(s)
	}, func() (string, bool) { return *p, fits(*p) })
}

// time is a time in UTC of whole seconds (RFC 3339 with Z).
// Spec: SPEC-TSM-PROTOCOL-009.
func (m *members) time(name string, p *time.Time) {
	m.str(name, func() string { return "time YYYY-MM-DDThh:mm:ssZ" }, p.IsZero(), func(s string) (ok bool) {
		*p, ok = parseTime(s)
		return ok
	}, func() (string, bool) {
		s := p.UTC().Format(timeForm)
		_, ok := parseTime(s)
		return s, ok && p.Nanosecond() == 0
	})
}

const timeForm = "2006-01-02T15:04:05Z"

func parseTime(s string) (time.Time, bool) {
	t, err := time.Parse(timeForm, s)
	var room [len(timeForm) + 8]byte
	return t, err == nil && len(s) == len(timeForm) && t.Year() >= 1950 && string(t.AppendFormat(room[:0], timeForm)) == s
}

func parseHex(s string) ([]byte, bool) {
	b := make([]byte, len(s)/2)
	return b, len(s)%2 == 0 && decodeHex(b, s)
}

// decodeHex reads upper-case hex of just as many bytes.
func decodeHex(b []byte, s string) bool {
	for i := range b {
		high, low := strings.IndexByte(upperHex, s[2*i]), strings.IndexByte(upperHex, s[2*i+1])
		if high < 0 || low < 0 {
			return false
		}
		b[i] = byte(high<<4 | low)
	}
	return true
}

// parseBase64 refuses what encodes otherwise: trailing bits that are not zero,
// and line ends, which the library skips.
func parseBase64(s string) ([]byte, bool) {
	b, err := strictBase64.DecodeString(s)
	return b, err == nil && base64.RawURLEncoding.EncodedLen(len(b)) == len(s)
}

var strictBase64 = base64.RawURLEncoding.Strict()

func printable(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == 0x7F || r == '\uFFFD' {
			return false
		}
	}
	return true
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func span(least, most int) string {
	if least == most {
		return plural(most)
	}
	return strconv.Itoa(least) + " to " + plural(most)
}

func plural(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
