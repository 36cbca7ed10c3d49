package capc

import (
	"fmt"
	"strings"

	"inkan/core/classfile"
)

// accVarargs is the access flag of a method with a variable number of arguments.
const accVarargs = 0x0080

// checkSubset refuses declarations that are not of the Java Card language
// subset. Spec: SPEC-CAPC-010, SPEC-CAPC-011.
func (c *converter) checkSubset() {
	for _, k := range c.own {
		at := where{class: k.name}
		if k.file.Access&classfile.AccEnum != 0 {
			c.report(at, "enum", "use static final byte or short constants")
		}
		if k.file.Access&classfile.AccAnnotation != 0 {
			c.report(at, "annotation type", "leave annotations out of the package")
		}
		if k.file.Bootstraps > 0 {
			c.report(at, "lambda expression, method reference or string concatenation (invokedynamic)", "write a class that implements the interface")
		}
		for _, f := range k.fields {
			c.checkField(k, f)
		}
		for _, m := range k.methods {
			c.checkMethod(k, m)
		}
	}
}

func (c *converter) checkField(k *class, f *field) {
	at := where{class: k.name, member: f.name}
	c.checkType(f.desc, at)
	if strings.HasPrefix(f.name, "$assertionsDisabled") {
		c.report(at, "assert", "test the condition and throw an exception")
	}
	if k.has(classfile.AccInterface) && f.constant == nil {
		c.report(at, "field of an interface that is not a compile-time constant", "move it to a class")
	}
}

func (c *converter) checkMethod(k *class, m *method) {
	params, result, _ := classfile.Signature(m.desc)
	at := where{class: k.name, member: m.key()}
	if m.file.Code != nil {
		at.line = m.file.Code.LineAt(0)
	}
	for _, p := range params {
		c.checkType(p, at)
	}
	if result != "V" {
		c.checkType(result, at)
	}
	for _, refused := range []struct {
		flag        uint16
		why, advice string
	}{
		{classfile.AccSynchronized, "synchronized method", "there are no threads: leave the word out"},
		{classfile.AccNative, "native method", "write it in Java"},
		{accVarargs, "method with a variable number of arguments", "declare an array"},
	} {
		if m.has(refused.flag) {
			c.report(at, refused.why, refused.advice)
		}
	}
	concrete := !m.has(classfile.AccAbstract | classfile.AccNative)
	if concrete != (m.file.Code != nil) {
		c.report(at, "the class file is not valid: a method has code if it is neither abstract nor native", "")
	}
	if k.has(classfile.AccInterface) && m.name != "<clinit>" && concrete {
		c.report(at, "method with a body in an interface", "move it to a class")
	}
	if n := m.argWords(); n > 255 {
		c.report(at, fmt.Sprintf("%d words of arguments", n), "a method can take 255, this included")
	}
}

// checkType refuses types that the machine does not have.
func (c *converter) checkType(desc string, at where) {
	element := strings.TrimLeft(desc, "[")
	if len(desc)-len(element) > 1 {
		c.report(at, "array of more than one dimension", "use one array and compute the index")
	}
	switch element[0] {
	case 'J':
		c.report(at, "type long", "use short or int")
	case 'F', 'D':
		c.report(at, "floating-point type", "use short or int")
	case 'C':
		c.report(at, "type char", "use byte or short")
	case 'I':
		if !c.opt.Int {
			c.report(at, "type int", "use short, or convert with int support for cards that have it")
		}
	case 'L':
		c.class(element[1:len(element)-1], at)
	}
}
