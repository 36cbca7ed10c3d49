// Package disasm is a CAP file's bytecode as text, with the names of the
// platform's classes and methods.
//
// It must not judge the bytecode; that is the verifier's. It implements
// spec/CAP.md §Disassembly.
package disasm

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// Names gives what constants and references mean.
type Names struct{ file *cap.File }

// NewNames are the names in a package.
func NewNames(f *cap.File) Names { return Names{f} }

// api is the platform's package that a package token means; nil for another.
func (n Names) api(token byte) *jcapi.Package {
	if int(token) >= len(n.file.Imports) {
		return nil
	}
	p := n.file.Imports[token]
	return jcapi.ByAID(p.AID, p.Version.Major)
}

// Package is the name of an imported package, or its AID.
func (n Names) Package(token byte) string {
	if p := n.api(token); p != nil {
		return p.Name
	}
	if int(token) < len(n.file.Imports) {
		return fmt.Sprintf("%X", n.file.Imports[token].AID)
	}
	return fmt.Sprintf("package %d", token)
}

func (n Names) apiClass(ref cap.ClassRef) *jcapi.Class {
	if pkg, class, ok := ref.External(); ok {
		if p := n.api(pkg); p != nil {
			return p.Class(class)
		}
	}
	return nil
}

// Class is the name of a class: "javacard/framework/Applet", "F001020304/class
// 2" for a class of a library, "class 0010" or "interface 0000" for an own one.
func (n Names) Class(ref cap.ClassRef) string {
	if ref == cap.NoClass {
		return "none"
	}
	if c := n.apiClass(ref); c != nil {
		return c.FullName()
	}
	if pkg, class, ok := ref.External(); ok {
		return fmt.Sprintf("%s/class %d", n.Package(pkg), class)
	}
	if _, err := n.file.Class.InterfaceAt(ref); err == nil {
		return fmt.Sprintf("interface %04X", uint16(ref))
	}
	return fmt.Sprintf("class %04X", uint16(ref))
}

// Virtual is the name of a virtual method token of a class: the platform's
// method where the class inherits or overrides one.
func (n Names) Virtual(ref cap.ClassRef, token byte) string {
	name := n.Class(ref)
	for i := 0; i <= len(n.file.Class.Classes); i++ { // as deep as the hierarchy can be
		if c := n.apiClass(ref); c != nil {
			if m := c.Method(false, token); m != nil {
				return name + "." + m.Name + m.Descriptor
			}
			break
		}
		c, err := n.file.Class.ClassAt(ref)
		if err != nil {
			break
		}
		ref = c.Super
	}
	if token&0x80 != 0 {
		return fmt.Sprintf("%s.package-visible %d", name, token&0x7F)
	}
	return fmt.Sprintf("%s.virtual %d", name, token)
}

// Interface is the name of an interface's method.
func (n Names) Interface(ref cap.ClassRef, token byte) string {
	if c := n.apiClass(ref); c != nil {
		if m := c.Method(false, token); m != nil {
			return c.FullName() + "." + m.Name + m.Descriptor
		}
	}
	return fmt.Sprintf("%s.method %d", n.Class(ref), token)
}

// Constant is what a constant-pool entry names.
func (n Names) Constant(i uint16) string {
	if int(i) >= len(n.file.Constants) {
		return fmt.Sprintf("no constant %d", i)
	}
	c := n.file.Constants[i]
	switch c.Kind {
	case cap.Classref:
		return n.Class(c.Class())
	case cap.InstanceFieldref:
		return fmt.Sprintf("%s.field %d", n.Class(c.Class()), c.Token())
	case cap.VirtualMethodref:
		return n.Virtual(c.Class(), c.Token())
	case cap.SuperMethodref:
		return "super of " + n.Virtual(c.Class(), c.Token())
	}
	s := c.Static()
	field := c.Kind == cap.StaticFieldref
	switch {
	case !s.External && field:
		return fmt.Sprintf("static field %04X", s.Offset)
	case !s.External:
		return fmt.Sprintf("method %04X", s.Offset)
	}
	ref := cap.ExternalClass(s.Package, s.Class)
	if c := n.apiClass(ref); c != nil {
		if name := apiStatic(c, field, s.Token); name != "" {
			return c.FullName() + "." + name
		}
	}
	if field {
		return fmt.Sprintf("%s.static field %d", n.Class(ref), s.Token)
	}
	return fmt.Sprintf("%s.static method %d", n.Class(ref), s.Token)
}

// apiStatic is a static member of the platform; empty when there is none.
func apiStatic(c *jcapi.Class, field bool, token byte) string {
	if !field {
		if m := c.Method(true, token); m != nil {
			return m.Name + m.Descriptor
		}
		return ""
	}
	for _, f := range c.StaticFields {
		if f.Token == token {
			return f.Name
		}
	}
	return ""
}

// Type is the descriptor of a method or field type of the Descriptor
// component, with class names as Class gives them: "(S[B)V". It is empty when
// the offset holds no type.
func (n Names) Type(offset uint16, method bool) string {
	nibbles, err := n.file.Descriptor.TypeAt(offset)
	if err != nil {
		return ""
	}
	var types []string
	for len(nibbles) > 0 {
		t, size := n.nibble(nibbles)
		types, nibbles = append(types, t), nibbles[size:]
	}
	if !method || len(types) == 0 {
		return strings.Join(types, "")
	}
	last := len(types) - 1
	return "(" + strings.Join(types[:last], "") + ")" + types[last]
}

// nibble is one type of a type descriptor, and its size in nibbles.
func (n Names) nibble(b []byte) (string, int) {
	simple := map[byte]string{1: "V", 2: "Z", 3: "B", 4: "S", 5: "I", 10: "[Z", 11: "[B", 12: "[S", 13: "[I"}
	if s, ok := simple[b[0]]; ok {
		return s, 1
	}
	if (b[0] == 6 || b[0] == 14) && len(b) >= 5 {
		ref := cap.ClassRef(b[1])<<12 | cap.ClassRef(b[2])<<8 | cap.ClassRef(b[3])<<4 | cap.ClassRef(b[4])
		return map[byte]string{6: "L", 14: "[L"}[b[0]] + n.Class(ref) + ";", 5
	}
	return "?", len(b)
}
