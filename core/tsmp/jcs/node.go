package jcs

// Kind is the type of a JSON value.
type Kind byte

// Kinds of values. The zero Kind is no value.
const (
	Object Kind = iota + 1
	Array
	String
	Integer
	Boolean
)

// String names the kind as errors do.
func (k Kind) String() string {
	switch k {
	case Object:
		return "an object"
	case Array:
		return "an array"
	case String:
		return "a string"
	case Integer:
		return "an integer"
	case Boolean:
		return "true or false"
	}
	return "nothing"
}

// Node is one value of a document.
type Node struct {
	Kind    Kind
	Offset  int      // of its first byte in the document
	Text    string   // of a string, unescaped
	Int     int64    // of an integer
	Bool    bool     // of a boolean
	Items   []Node   // of an array
	Members []Member // of an object, in the document's order
}

// Member is a named value of an object.
type Member struct {
	Name   string
	Offset int // of the name's first quotation mark
	Value  Node
}

// Member finds a member of an object; nil when there is none.
func (n *Node) Member(name string) *Member {
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i]
		}
	}
	return nil
}
