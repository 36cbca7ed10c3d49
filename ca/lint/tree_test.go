package lint_test

import (
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// node is a DER element that can be changed and written again.
type node struct {
	tag      tag.Tag
	children []*node // of a constructed one, and of an extension's OCTET STRING
	value    []byte  // of a primitive one
}

// extensionDepth is where the OCTET STRINGs are whose content is DER, counted
// from the TBSCertificate.
const extensionDepth = 4

// parseTree reads the elements of b.
func parseTree(t *testing.T, b []byte, depth int) []*node {
	t.Helper()
	var list []*node
	s := cryptobyte.String(b)
	for !s.Empty() {
		var value cryptobyte.String
		n := new(node)
		if !s.ReadAnyASN1(&value, &n.tag) {
			t.Fatal("not DER")
		}
		if byte(n.tag)&0x20 != 0 || n.tag == tag.OCTET_STRING && depth == extensionDepth {
			n.children = parseTree(t, value, depth+1)
		} else {
			n.value = slices.Clone([]byte(value))
		}
		list = append(list, n)
	}
	return list
}

// encode writes the element.
func (n *node) encode() []byte {
	var b cryptobyte.Builder
	b.AddASN1(n.tag, func(b *cryptobyte.Builder) {
		b.AddBytes(n.value)
		for _, c := range n.children {
			b.AddBytes(c.encode())
		}
	})
	return b.BytesOrPanic()
}

// at goes down by positions.
func (n *node) at(path ...int) *node {
	for _, i := range path {
		n = n.children[i]
	}
	return n
}

// Fields of a TBSCertificate by position.
const (
	fieldVersion = iota
	fieldSerial
	fieldSignature
	fieldIssuer
	fieldValidity
	fieldSubject
	fieldKey
	fieldExtensions
)

// extension is the n-th Extension.
func (n *node) extension(i int) *node { return n.at(fieldExtensions, 0, i) }

// content is what the n-th extension's OCTET STRING holds.
func (n *node) content(i int) *node {
	e := n.extension(i)
	return e.children[len(e.children)-1].children[0]
}

// leaf makes a primitive element.
func leaf(t tag.Tag, value string) *node { return &node{tag: t, value: []byte(value)} }
