// Package dertree takes certificates apart for tests, so that one thing can be
// changed and the rest written again.
//
// It must not know what is right: any DER will do, and any change. It serves the
// tests of spec/CERT-PROFILE.md.
package dertree

import (
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Node is a DER element.
type Node struct {
	Tag      tag.Tag
	Children []*Node // of a constructed one, and of an extension's OCTET STRING
	Value    []byte  // of a primitive one
}

// Fields of a TBSCertificate by position.
const (
	Version = iota
	Serial
	Signature
	Issuer
	Validity
	Subject
	Key
	Extensions
)

// extensionDepth is where the OCTET STRINGs are whose content is DER, counted
// from the TBSCertificate.
const extensionDepth = 4

// ParseTBS reads a TBSCertificate. The test fails when b is not one element.
func ParseTBS(t testing.TB, b []byte) *Node {
	t.Helper()
	list := parse(t, b, 0)
	if len(list) != 1 {
		t.Fatalf("dertree: %d elements, want 1", len(list))
	}
	return list[0]
}

func parse(t testing.TB, b []byte, depth int) []*Node {
	t.Helper()
	var list []*Node
	s := cryptobyte.String(b)
	for !s.Empty() {
		var value cryptobyte.String
		n := new(Node)
		if !s.ReadAnyASN1(&value, &n.Tag) {
			t.Fatal("dertree: not DER")
		}
		if byte(n.Tag)&0x20 != 0 || n.Tag == tag.OCTET_STRING && depth == extensionDepth {
			n.Children = parse(t, value, depth+1)
		} else {
			n.Value = slices.Clone([]byte(value))
		}
		list = append(list, n)
	}
	return list
}

// Leaf makes a primitive element.
func Leaf(t tag.Tag, value string) *Node { return &Node{Tag: t, Value: []byte(value)} }

// Encode writes the element.
func (n *Node) Encode() []byte {
	var b cryptobyte.Builder
	b.AddASN1(n.Tag, func(b *cryptobyte.Builder) {
		b.AddBytes(n.Value)
		for _, c := range n.Children {
			b.AddBytes(c.Encode())
		}
	})
	return b.BytesOrPanic()
}

// At goes down by positions.
func (n *Node) At(path ...int) *Node {
	for _, i := range path {
		n = n.Children[i]
	}
	return n
}

// Extension is the i-th Extension of a TBSCertificate.
func (n *Node) Extension(i int) *Node { return n.At(Extensions, 0, i) }

// Content is what the i-th extension's OCTET STRING holds.
func (n *Node) Content(i int) *Node {
	e := n.Extension(i)
	return e.Children[len(e.Children)-1].Children[0]
}

// Drop removes the children from i to before j.
func (n *Node) Drop(i, j int) { n.Children = slices.Delete(n.Children, i, j) }

// Repeat adds the i-th child once more at the end.
func (n *Node) Repeat(i int) { n.Children = append(n.Children, n.Children[i]) }

// Swap exchanges two children.
func (n *Node) Swap(i, j int) { n.Children[i], n.Children[j] = n.Children[j], n.Children[i] }
