package cap

import "fmt"

// Kind is a constant-pool entry's tag.
type Kind byte

// Kinds of constants (JCVM 3.0.5 §6.8).
const (
	Classref Kind = iota + 1
	InstanceFieldref
	VirtualMethodref
	SuperMethodref
	StaticFieldref
	StaticMethodref
)

var kindNames = [...]string{
	Classref: "Classref", InstanceFieldref: "InstanceFieldref", VirtualMethodref: "VirtualMethodref",
	SuperMethodref: "SuperMethodref", StaticFieldref: "StaticFieldref", StaticMethodref: "StaticMethodref",
}

// String is the kind's name without the prefix CONSTANT_.
func (k Kind) String() string {
	if k >= Classref && k <= StaticMethodref {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", byte(k))
}

// ClassRef names a class: an offset into the Class component, or a package
// token with the high bit set and a class token.
type ClassRef uint16

// NoClass is the superclass reference of a class that has none.
const NoClass ClassRef = 0xFFFF

// External splits an external class reference.
func (c ClassRef) External() (pkg, class byte, ok bool) {
	if c&0x8000 == 0 || c == NoClass {
		return 0, 0, false
	}
	return byte(c>>8) &^ 0x80, byte(c), true
}

// ExternalClass makes an external class reference.
func ExternalClass(pkg, class byte) ClassRef { return ClassRef(pkg|0x80)<<8 | ClassRef(class) }

// Constant is a constant-pool entry: tag and three bytes.
type Constant struct {
	Kind Kind
	Info [3]byte
}

// Class is the class of a Classref, InstanceFieldref, VirtualMethodref or
// SuperMethodref.
func (c Constant) Class() ClassRef { return ClassRef(c.Info[0])<<8 | ClassRef(c.Info[1]) }

// Token is the field or method token of an InstanceFieldref, VirtualMethodref
// or SuperMethodref.
func (c Constant) Token() byte { return c.Info[2] }

// Static is what a StaticFieldref or StaticMethodref names: an offset (into
// the static field image or the Method component) or an external reference.
func (c Constant) Static() (ref StaticRef) {
	if c.Info[0]&0x80 != 0 {
		return StaticRef{External: true, Package: c.Info[0] &^ 0x80, Class: c.Info[1], Token: c.Info[2]}
	}
	return StaticRef{Offset: uint16(c.Info[1])<<8 | uint16(c.Info[2])}
}

// StaticRef is a reference to a static field or method.
type StaticRef struct {
	External              bool
	Offset                uint16 // internal
	Package, Class, Token byte   // external
}

// decodeConstants reads a ConstantPool component. Spec: SPEC-CAP-014.
func decodeConstants(b []byte) ([]Constant, error) {
	r := reader(TagConstantPool, b)
	n := int(r.Uint16("count"))
	if r.Err() == nil && r.Len() != 4*n {
		r.Fail("constant_pool", fmt.Sprintf("%d bytes for %d entries", 4*n, n), fmt.Sprint(r.Len()))
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	constants := make([]Constant, n)
	for i := range constants {
		at := r.Offset()
		e := r.Bytes(4, "entry")
		c := Constant{Kind: Kind(e[0]), Info: [3]byte(e[1:])}
		if c.Kind < Classref || c.Kind > StaticMethodref {
			r.FailAt(at, fmt.Sprintf("entry %d", i), "tag 1 to 6", fmt.Sprint(e[0]))
			return nil, r.Err()
		}
		constants[i] = c
	}
	return constants, r.End()
}

func appendConstants(dst []byte, constants []Constant) []byte {
	dst = append16(dst, uint16(len(constants)))
	for _, c := range constants {
		dst = append(append(dst, byte(c.Kind)), c.Info[:]...)
	}
	return dst
}
