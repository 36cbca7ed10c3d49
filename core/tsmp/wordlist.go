package tsmp

import (
	"strconv"

	"inkan/core/tsmp/jcs"
)

// wordList is a member that is an array of words, none of them twice.
func wordList[T comparable](m *members, name string, p *[]T, least, most int, words []named[T]) {
	describe := func() string {
		return "array of " + counted(least, most, "word") + ", different ones of " + joined(words)
	}
	seen := map[T]bool{}
	array(m, name, describe, p, least, most, func(n *jcs.Node, i int, item *T) {
		// The only member of an object that is not there: the same checks.
		box := jcs.Node{Kind: jcs.Object}
		key := strconv.Itoa(i)
		if m.mode == reading {
			box.Members = []jcs.Member{{Name: key, Value: *n}}
		}
		inner := m.inner(name, &box)
		if m.mode == describing {
			return
		}
		word(inner, key, item, words)
		inner.demand(!seen[*item], key, "no word twice")
		seen[*item] = true
		if m.mode == writing {
			*n = box.Members[0].Value
		}
	})
}
