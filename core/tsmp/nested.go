package tsmp

import (
	"encoding/base64"
	"strconv"
	"strings"

	"inkan/core/tsmp/jcs"
)

// number is an integer between two limits. 0 is absence of an optional one.
func (m *members) number(name string, p *uint64, least, most uint64) {
	describe := func() string {
		return "integer, " + strconv.FormatUint(least, 10) + " to " + strconv.FormatUint(most, 10)
	}
	optional := m.absent
	n := m.value(name, jcs.Integer, describe)
	switch {
	case n != nil && (n.Int < 0 || uint64(n.Int) < least || uint64(n.Int) > most):
		m.fault(n.Offset, jcs.Join(m.path, name), describe(), "another number")
	case n != nil:
		*p = uint64(n.Int)
	case m.mode == writing && !(optional && *p == 0):
		if *p < least || *p > most {
			m.unfit(name, describe())
			return
		}
		m.write(name, jcs.Node{Kind: jcs.Integer, Int: int64(*p)})
	}
}

// word is one of a list of words; the zero value of T is none of them.
func word[T comparable](m *members, name string, p *T, words []named[T]) {
	var none T
	m.str(name, func() string { return "one of " + joined(words) }, *p == none, func(s string) bool {
		for _, w := range words {
			if w.name == s {
				*p = w.value
				return true
			}
		}
		return false
	}, func() (string, bool) {
		for _, w := range words {
			if w.value == *p {
				return w.name, true
			}
		}
		return "", false
	})
}

func joined[T comparable](words []named[T]) string {
	var all []string
	for _, w := range words {
		all = append(all, w.name)
	}
	return strings.Join(all, ", ")
}

// named is a value and its word in messages.
type named[T comparable] struct {
	value T
	name  string
}

// object is a member that is an object.
func (m *members) object(name string, present bool, visit func(*members)) {
	optional := m.absent
	n := m.value(name, jcs.Object, anObject)
	if m.mode == reading && n == nil || m.mode == writing && !present && optional {
		return
	}
	inner := m.inner(name, n)
	switch {
	case m.mode == describing:
		visit(inner)
	case m.mode == reading:
		visit(inner)
		inner.end()
	default:
		inner.node = &jcs.Node{Kind: jcs.Object}
		visit(inner)
		m.write(name, *inner.node)
	}
}

func anObject() string { return "object" }

func (m *members) inner(name string, n *jcs.Node) *members {
	return &members{mode: m.mode, path: jcs.Join(m.path, name), node: n, format: m.format, shared: m.shared}
}

// list is a member that is an array of objects.
func list[T any](m *members, name string, p *[]T, least, most int, visit func(*members, *T)) {
	items := func(n *jcs.Node, i int) *members { return m.inner(name+"/"+strconv.Itoa(i), n) }
	array(m, name, func() string { return "array of " + counted(least, most, "object") }, p, least, most, func(n *jcs.Node, i int, item *T) {
		switch {
		case m.mode == reading && n.Kind != jcs.Object:
			m.fault(n.Offset, items(n, i).path, jcs.Object.String(), n.Kind.String())
		case m.mode == reading:
			inner := items(n, i)
			visit(inner, item)
			inner.end()
		case m.mode == writing:
			n.Kind = jcs.Object
			visit(items(n, i), item)
		default:
			visit(m.inner(name, nil), item)
		}
	})
}

// byteStrings is a member that is an array of byte strings, in base64url.
func (m *members) byteStrings(name string, p *[][]byte, least, most, shortest, longest int) {
	each := func() string { return span(shortest, longest) + " in base64url" }
	fits := func(b []byte) bool { return len(b) >= shortest && len(b) <= longest }
	array(m, name, func() string { return "array of " + counted(least, most, "string") + ", each " + each() }, p, least, most, func(n *jcs.Node, i int, item *[]byte) {
		switch {
		case m.shared.err != nil || m.mode == describing:
		case m.mode == writing:
			if !fits(*item) {
				m.unfit(name+"/"+strconv.Itoa(i), each())
			}
			*n = jcs.Node{Kind: jcs.String, Text: base64.RawURLEncoding.EncodeToString(*item)}
		case n.Kind != jcs.String:
			m.fault(n.Offset, jcs.Join(m.path, name+"/"+strconv.Itoa(i)), jcs.String.String(), n.Kind.String())
		default:
			var ok bool
			if *item, ok = parseBase64(n.Text); !ok || !fits(*item) {
				m.fault(n.Offset, jcs.Join(m.path, name+"/"+strconv.Itoa(i)), each(), "another string")
			}
		}
	})
}

// array is the common part of both.
func array[T any](m *members, name string, describe func() string, p *[]T, least, most int, each func(*jcs.Node, int, *T)) {
	optional := m.absent
	n := m.value(name, jcs.Array, describe)
	switch {
	case m.mode == describing:
		each(nil, 0, new(T))
	case m.mode == reading && n != nil && (len(n.Items) < least || len(n.Items) > most):
		m.fault(n.Offset, jcs.Join(m.path, name), describe(), strconv.Itoa(len(n.Items)))
	case m.mode == reading && n != nil:
		*p = make([]T, len(n.Items))
		for i := range n.Items {
			each(&n.Items[i], i, &(*p)[i])
		}
	case m.mode == writing && !(optional && len(*p) == 0):
		if len(*p) < least || len(*p) > most {
			m.unfit(name, describe())
			return
		}
		out := jcs.Node{Kind: jcs.Array, Items: make([]jcs.Node, len(*p))}
		for i := range *p {
			each(&out.Items[i], i, &(*p)[i])
		}
		m.write(name, out)
	}
}

func counted(least, most int, what string) string {
	switch {
	case least == most && most == 1:
		return "1 " + what
	case least == most:
		return strconv.Itoa(most) + " " + what + "s"
	}
	return strconv.Itoa(least) + " to " + strconv.Itoa(most) + " " + what + "s"
}

// flag is a member that is true or false.
func (m *members) flag(name string, p *bool) {
	n := m.value(name, jcs.Boolean, func() string { return "true or false" })
	switch {
	case n != nil:
		*p = n.Bool
	case m.mode == writing:
		m.write(name, jcs.Node{Kind: jcs.Boolean, Bool: *p})
	}
}

// mark is a member that is true, or absent.
func (m *members) mark(name string, p *bool) {
	n := m.optional().value(name, jcs.Boolean, func() string { return "true" })
	switch {
	case n != nil && !n.Bool:
		m.fault(n.Offset, jcs.Join(m.path, name), "true", "false")
	case n != nil:
		*p = true
	case m.mode == writing && *p:
		m.write(name, jcs.Node{Kind: jcs.Boolean, Bool: true})
	}
}

// demand is a rule between members of one object, after all of them.
// Spec: SPEC-TSM-PROTOCOL-010.
func (m *members) demand(ok bool, name, want string) {
	switch {
	case ok || m.mode == describing:
	case m.mode == writing:
		m.unfit(name, want)
	default:
		offset := m.node.Offset
		if member := m.node.Member(name); member != nil {
			offset = member.Value.Offset
		}
		m.fault(offset, jcs.Join(m.path, name), want, "another")
	}
}
