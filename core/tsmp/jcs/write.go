package jcs

import (
	"slices"
	"strconv"
	"strings"
)

// Append appends a value in canonical form: no white space, names in ascending
// order (RFC 8785 §3.2.3: of names that are ASCII, byte order is the order of
// UTF-16), strings with the shortest escapes. Spec: SPEC-TSM-PROTOCOL-005.
func Append(dst []byte, n *Node) []byte {
	switch n.Kind {
	case Object:
		return appendObject(dst, n.Members)
	case Array:
		dst = append(dst, '[')
		for i := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, &n.Items[i])
		}
		return append(dst, ']')
	case String:
		return appendString(dst, n.Text)
	case Integer:
		return strconv.AppendInt(dst, n.Int, 10)
	case Boolean:
		return strconv.AppendBool(dst, n.Bool)
	}
	panic("jcs: a node without kind")
}

func appendObject(dst []byte, members []Member) []byte {
	var room [MaxMembers]int
	order := room[:0]
	for i := range members {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(members[a].Name, members[b].Name) })
	dst = append(dst, '{')
	for n, i := range order {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, members[i].Name), ':')
		dst = Append(dst, &members[i].Value)
	}
	return append(dst, '}')
}

// Size is about the length of a value in canonical form: escapes are not counted, nor
// how many digits numbers have.
func Size(n *Node) int {
	const digits, word, around = 8, 5, 4 // around: quotation marks, colon and comma
	size := around
	switch n.Kind {
	case Object:
		for i := range n.Members {
			size += len(n.Members[i].Name) + around + Size(&n.Members[i].Value)
		}
	case Array:
		for i := range n.Items {
			size += Size(&n.Items[i])
		}
	case String:
		size += len(n.Text)
	case Integer:
		size += digits
	case Boolean:
		size += word
	}
	return size
}

// appendString is RFC 8785 §3.2.2.2.
func appendString(dst []byte, s string) []byte {
	const short, digits = "btnvfr", "0123456789abcdef"
	dst = append(dst, '"')
	from := 0 // of what is still to be copied as it is
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= 8 && c <= 13 && c != 11:
			dst = append(dst, '\\', short[c-8])
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
