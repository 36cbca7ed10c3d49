package certificate

import "strings"

// AttributeType is a kind of attribute that occurs in the service's names.
type AttributeType uint8

// The attribute types, all of X.520; the last byte of their object identifier
// 2.5.4.n.
const (
	CommonName         AttributeType = 3
	Country            AttributeType = 6
	Locality           AttributeType = 7
	Organization       AttributeType = 10
	OrganizationalUnit AttributeType = 11
)

// String is the short name of RFC 4514.
func (t AttributeType) String() string {
	switch t {
	case CommonName:
		return "CN"
	case Country:
		return "C"
	case Locality:
		return "L"
	case Organization:
		return "O"
	case OrganizationalUnit:
		return "OU"
	}
	return "?"
}

// Attribute is one type and value. In the encoding each is a relative name of
// its own.
type Attribute struct {
	Type  AttributeType
	Value string
}

// Name is a distinguished name in the order of its encoding.
type Name []Attribute

// String writes the attributes in the order of the encoding: "C=JP,O=INKAN-TEST".
// For people; no parser reads it.
func (n Name) String() string {
	var b strings.Builder
	for i, a := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(a.Type.String())
		b.WriteByte('=')
		b.WriteString(a.Value)
	}
	return b.String()
}

// Equal compares type and value of all attributes in order.
func (n Name) Equal(other Name) bool {
	if len(n) != len(other) {
		return false
	}
	for i := range n {
		if n[i] != other[i] {
			return false
		}
	}
	return true
}

// All returns the values of a type in order.
func (n Name) All(t AttributeType) []string {
	var values []string
	for _, a := range n {
		if a.Type == t {
			values = append(values, a.Value)
		}
	}
	return values
}
