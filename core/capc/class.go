package capc

import (
	"inkan/core/classfile"
)

// class is a class or interface: of the package itself, or of an import.
type class struct {
	name       string // with slashes
	lib        *library
	token      int // class token; -1: not visible outside
	access     uint16
	super      *class
	interfaces []*class // as declared, in their order
	methods    []*method
	fields     []*field
	byKey      map[string]*method

	// Own classes only.
	file             *classfile.Class
	ref              uint16 // offset in the Class component
	offsetKnown      bool
	public           []*method // virtual method table by token; nil: of an imported superclass
	packageVisible   []*method
	size             int // words of instance fields declared here
	firstRef         int
	refs             int
	lowPublic, lowPk int // lowest token that this class declares
}

// method is a method or constructor.
type method struct {
	class      *class
	name, desc string
	named      string // key, once somebody asked
	access     uint16
	token      int // static, virtual or interface token; -1: none
	pkgToken   int // token among the package-visible virtual methods; -1: none
	since      byte
	file       *classfile.Method
	out        *translation
	offset     int
}

// field is a field that exists at run time, or a compile-time constant.
type field struct {
	class      *class
	name, desc string
	access     uint16
	token      int
	since      byte
	constant   *int32
	offset     int // of a static field in the image
}

func (k *class) has(flag uint16) bool  { return k.access&flag != 0 }
func (m *method) has(flag uint16) bool { return m.access&flag != 0 }
func (f *field) has(flag uint16) bool  { return f.access&flag != 0 }

const visible = classfile.AccPublic | classfile.AccProtected

// virtual tells whether the method is called by a virtual method token.
func (m *method) virtual() bool {
	return !m.has(classfile.AccStatic|classfile.AccPrivate) && m.name != "<init>" && m.name != "<clinit>"
}

func (m *method) key() string {
	if m.named == "" {
		m.named = m.name + m.desc
	}
	return m.named
}

// find is the method of the class itself with a name and descriptor.
func (k *class) find(key string) *method { return k.byKey[key] }

func (k *class) add(m *method) {
	if k.byKey == nil {
		k.byKey = map[string]*method{}
	}
	k.methods = append(k.methods, m)
	if k.byKey[m.key()] == nil {
		k.byKey[m.key()] = m
	}
}

// closure appends the superinterfaces of a list and the list itself, supers
// first, each once. What is there already has its supers there, too: paths to
// an interface can be many more than interfaces.
func closure(dst []*class, list []*class) []*class {
	for _, i := range list {
		if !contains(dst, i) {
			dst = append(closure(dst, i.interfaces), i)
		}
	}
	return dst
}

func contains(list []*class, k *class) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}

const shareableName = "javacard/framework/Shareable"

// shareable tells whether the class is, extends or implements Shareable.
func (k *class) shareable() bool {
	for x := k; x != nil; x = x.super {
		if x.name == shareableName {
			return true
		}
		for _, i := range closure(nil, x.interfaces) {
			if i.name == shareableName {
				return true
			}
		}
	}
	return false
}

// words is the size of a type in stack and local variable words.
func words(desc string) int {
	switch desc {
	case "V":
		return 0
	case "I":
		return 2
	}
	return 1
}

// argWords is the size of a method's arguments.
func (m *method) argWords() int {
	params, _, _ := classfile.Signature(m.desc)
	n := 0
	if !m.has(classfile.AccStatic) {
		n = 1
	}
	for _, p := range params {
		n += words(p)
	}
	return n
}

func isRef(desc string) bool { return desc[0] == 'L' || desc[0] == '[' }
