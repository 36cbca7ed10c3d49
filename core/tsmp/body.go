package tsmp

import (
	"inkan/core/tsmp/jcs"
	"inkan/core/wire"
)

// Body is what a function takes or gives: one of the request and answer types of
// this package.
type Body interface {
	// visit names the members.
	visit(*members)
}

// checked is a body with rules beyond its members' own. Caller.Seal and a Handler
// apply them; the codec does not.
type checked interface{ check() *Error }

// checkBody applies them; paths begin below the body.
func checkBody(b Body) *Error {
	if c, ok := b.(checked); ok {
		return c.check()
	}
	return nil
}

// EncodeBody is the canonical JSON of a body. It fails on a member outside its
// limits. Spec: SPEC-TSM-PROTOCOL-005, SPEC-TSM-PROTOCOL-012.
func EncodeBody(b Body) ([]byte, error) {
	n, err := bodyNode("body", b.visit)
	if err != nil {
		return nil, err
	}
	return canonical(&n), nil
}

// DecodeBody reads JSON into a zero body, in any order of names and with any
// white space. Errors are *wire.DecodeError. Spec: SPEC-TSM-PROTOCOL-006.
func DecodeBody(b []byte, into Body) error {
	n, err := jcs.Parse("TSM body", b)
	if err != nil {
		return err
	}
	return readNode(&n, "TSM body", "", into.visit)
}

// Rows are the members of a body, in the order of its type.
func Rows(b Body) []Row {
	m := members{mode: describing, shared: new(walk)}
	b.visit(&m)
	return m.shared.rows
}

// canonical is a node as it is signed.
func canonical(n *jcs.Node) []byte { return jcs.Append(make([]byte, 0, jcs.Size(n)), n) }

func bodyNode(format string, visit func(*members)) (jcs.Node, error) {
	n := jcs.Node{Kind: jcs.Object}
	m := members{mode: writing, node: &n, format: format, shared: new(walk)}
	visit(&m)
	return n, m.shared.err
}

// readNode reads an object at a path of its document.
func readNode(n *jcs.Node, format, path string, visit func(*members)) error {
	if n.Kind != jcs.Object {
		return &wire.DecodeError{Format: format, Path: path, Offset: n.Offset, Want: jcs.Object.String(), Got: n.Kind.String()}
	}
	m := members{mode: reading, path: path, node: n, format: format, shared: new(walk)}
	visit(&m)
	m.end()
	return m.shared.err
}
