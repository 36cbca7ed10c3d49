package stubs

import (
	"fmt"
	"strings"

	"inkan/core/jcapi"
)

// inherited tells whether a listed method needs no declaration of its own,
// because a superclass or superinterface declares it and the class neither
// makes an abstract method concrete nor changes its access or return type.
// Object's public equals is one unless it is final here.
//
// Spec: SPEC-STUBS-004.
func (w world) inherited(c *jcapi.Class, m jcapi.Method) bool {
	if m.Static {
		return false
	}
	if m.Name == "equals" && m.Descriptor == "(Ljava/lang/Object;)Z" && c.Super == "java/lang/Object" {
		return m.Access&jcapi.Final == 0
	}
	if overridden(c, m) {
		return true
	}
	parents := c.Interfaces
	if c.Access&jcapi.Interface == 0 {
		parents = []string{c.Super} // of an interface's method the class has the body
	}
	for _, name := range parents {
		parent := w.lookup(name)
		if parent == nil {
			continue
		}
		if above := parent.MethodNamed(m.Name, m.Descriptor); above != nil && !above.Static {
			return above.Access == m.Access
		}
	}
	return false
}

// overridden tells whether the class lists a second method with the same name
// and parameters that returns something else: the table has the inherited one
// first, Java source declares the last one only.
func overridden(c *jcapi.Class, m jcapi.Method) bool {
	parameters := m.Descriptor[:strings.IndexByte(m.Descriptor, ')')]
	for _, other := range c.Methods {
		if !other.Static && other.Name == m.Name && other.Token > m.Token &&
			strings.HasPrefix(other.Descriptor, parameters+")") {
			return true
		}
	}
	return false
}

// constructors writes what the table lists. A class without any cannot be made
// by an applet: its constructor is visible in its package only.
func (w *writer) constructors(c *jcapi.Class) {
	if c.Access&jcapi.Interface != 0 {
		return
	}
	name := c.Name[strings.LastIndexByte(c.Name, '$')+1:]
	call := w.superCall(c)
	found := false
	for _, m := range c.Methods {
		if m.Name == "<init>" {
			found = true
			w.line("%s%s(%s) {%s}", modifiers(m.Access&^jcapi.Static), name, parameters(m.Descriptor), call)
		}
	}
	if !found {
		w.line("%s() {%s}", name, call)
	}
}

// superCall calls the superclass's constructor with zeros, where that needs to
// be written.
func (w world) superCall(c *jcapi.Class) string {
	super := w.lookup(c.Super)
	if super == nil {
		return ""
	}
	call := ""
	for _, m := range super.Methods {
		if m.Name != "<init>" {
			continue
		}
		if m.Descriptor == "()V" {
			return ""
		}
		if call == "" {
			var zeros []string
			for _, d := range split(m.Descriptor) {
				zeros = append(zeros, fmt.Sprintf("(%s) %s", javaType(d), zero(d)))
			}
			call = " super(" + strings.Join(zeros, ", ") + "); "
		}
	}
	return call
}

// method writes a method, with a body unless it is abstract.
//
// Spec: SPEC-STUBS-005.
func (w *writer) method(c *jcapi.Class, m jcapi.Method) {
	result := m.Descriptor[strings.IndexByte(m.Descriptor, ')')+1:]
	access := m.Access
	if c.Access&jcapi.Interface != 0 {
		access &^= jcapi.Abstract | jcapi.Public
	}
	text := fmt.Sprintf("%s%s %s(%s)", modifiers(access), javaType(result), m.Name, parameters(m.Descriptor))
	if m.Name == "throwIt" && w.derives(c, "java/lang/Exception") && !w.derives(c, "java/lang/RuntimeException") {
		text += " throws " + dotted(c.FullName()) // a checked exception
	}
	switch {
	case m.Access&jcapi.Abstract != 0:
		w.line("%s;", text)
	case result == "V":
		w.line("%s {}", text)
	default:
		w.line("%s { return %s; }", text, zero(result))
	}
}

// parameters are the declared parameters of a descriptor.
func parameters(descriptor string) string {
	var names []string
	for i, d := range split(descriptor) {
		names = append(names, fmt.Sprintf("%s p%d", javaType(d), i))
	}
	return strings.Join(names, ", ")
}

// split gives the descriptors of a method descriptor's parameters.
func split(descriptor string) []string {
	var list []string
	rest := descriptor[1:strings.IndexByte(descriptor, ')')]
	for rest != "" {
		n := len(rest) - len(strings.TrimLeft(rest, "[")) + 1
		if rest[n-1] == 'L' {
			n += strings.IndexByte(rest[n:], ';') + 1
		}
		list, rest = append(list, rest[:n]), rest[n:]
	}
	return list
}

// javaType is a descriptor's type as Java source has it.
func javaType(descriptor string) string {
	element := strings.TrimLeft(descriptor, "[")
	brackets := strings.Repeat("[]", len(descriptor)-len(element))
	if element[0] == 'L' {
		return dotted(element[1:len(element)-1]) + brackets
	}
	return map[string]string{"B": "byte", "I": "int", "S": "short", "V": "void", "Z": "boolean"}[element] + brackets
}

// zero is a value of a descriptor's type.
func zero(descriptor string) string {
	switch descriptor {
	case "Z":
		return "false"
	case "B", "I", "S":
		return "0"
	}
	return "null"
}
