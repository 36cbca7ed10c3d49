package vm

import (
	"fmt"

	"inkan/core/cap"
)

// Method is a method on the card.
type Method struct {
	pkg       *Package // nil: of ROM
	offset    uint16   // of the header in the Method component
	entry     int32    // offset of the first instruction
	args      int32    // words, this included
	locals    int32    // words, arguments included
	maxStack  int32    // words
	abstract  bool
	native    *nativeMethod
	notLinked string // name of an API method that has no native
}

// Package is the loaded package of the method.
func (m *Method) Package() *Package { return m.pkg }

// nativeMethod is a native with its parameters found.
type nativeMethod struct {
	info   *Native
	class  *APIClass
	params []int // cell of each parameter
	result byte  // first letter of the result's descriptor
}

// nativeMethodOf makes the method of a native. Constructors have a this.
func nativeMethodOf(class *APIClass, n *Native, virtual bool) (*Method, error) {
	wrong := func() (*Method, error) {
		return nil, fmt.Errorf("vm: %s.%s has the descriptor %q", class.Name, n.Name, n.Descriptor)
	}
	d := n.Descriptor
	if len(d) < 3 || d[0] != '(' {
		return wrong()
	}
	words := 0
	if virtual || n.Name == "<init>" {
		words = 1
	}
	k := &nativeMethod{info: n, class: class}
	i := 1
	for i < len(d) && d[i] != ')' {
		k.params = append(k.params, words)
		words++
		if d[i] == 'I' {
			words++
		}
		next := skipType(d, i)
		if next < 0 {
			return wrong()
		}
		i = next
	}
	if i+1 >= len(d) {
		return wrong()
	}
	k.result = d[i+1]
	return &Method{args: int32(words), native: k}, nil
}

// skipType is the index behind the type at i, or -1.
func skipType(d string, i int) int {
	for i < len(d) && d[i] == '[' {
		i++
	}
	if i >= len(d) {
		return -1
	}
	switch d[i] {
	case 'B', 'S', 'Z', 'I', 'V':
		return i + 1
	case 'L':
		for ; i < len(d); i++ {
			if d[i] == ';' {
				return i + 1
			}
		}
	}
	return -1
}

// method is the package's method whose header is at an offset.
func (p *Package) method(offset uint16) (*Method, error) {
	if k := p.methods[offset]; k != nil {
		return k, nil
	}
	h, err := p.file.Method.HeaderAt(int(offset))
	if err != nil {
		return nil, err
	}
	k := &Method{pkg: p, offset: offset, entry: int32(h.Code), args: int32(h.Args),
		locals: int32(h.Args) + int32(h.MaxLocals), maxStack: int32(h.MaxStack), abstract: h.Flags&cap.MethodAbstract != 0}
	p.methods[offset] = k
	return k, nil
}
