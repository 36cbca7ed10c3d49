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
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	dst = append(dst, '{')
	for i := range sorted {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, sorted[i].Name), ':')
		dst = Append(dst, &sorted[i].Value)
	}
	return append(dst, '}')
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
