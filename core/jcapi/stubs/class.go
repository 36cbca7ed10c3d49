package stubs

import (
	"fmt"
	"slices"
	"strings"

	"inkan/core/jcapi"
)

// writer builds the text of one file.
type writer struct {
	world
	strings.Builder
	indent string
}

func (w *writer) line(form string, args ...any) {
	w.WriteString(w.indent)
	fmt.Fprintf(w, form, args...)
	w.WriteByte('\n')
}

// file is the text of the file of a top-level class.
func (of world) file(c *jcapi.Class) string {
	w := &writer{world: of}
	w.line("package %s;", dotted(c.Package.Name))
	w.line("")
	w.class(c)
	return w.String()
}

// class writes a class with its members and the classes inside it.
func (w *writer) class(c *jcapi.Class) {
	w.line("%s {", head(c))
	outer := w.indent
	w.indent += "\t"
	for _, k := range constants(c) {
		w.line("%s", constant(k))
	}
	for _, f := range c.StaticFields {
		w.line("%s", field(f))
	}
	w.constructors(c)
	for _, m := range c.Methods {
		if m.Name != "<init>" && !w.inherited(c, m) {
			w.method(c, m)
		}
	}
	for _, inner := range c.Package.Classes {
		if rest, ok := strings.CutPrefix(inner.Name, c.Name+"$"); ok && !strings.Contains(rest, "$") {
			w.class(inner)
		}
	}
	w.indent = outer
	w.line("}")
}

// head is the declaration of a class up to its opening brace.
func head(c *jcapi.Class) string {
	var b strings.Builder
	name := c.Name[strings.LastIndexByte(c.Name, '$')+1:]
	if c.Access&jcapi.Interface != 0 {
		fmt.Fprintf(&b, "public interface %s", name)
		list(&b, " extends ", c.Interfaces)
		return b.String()
	}
	access := c.Access &^ jcapi.Shareable
	if name != c.Name {
		access |= jcapi.Static
	}
	fmt.Fprintf(&b, "%sclass %s", modifiers(access), name)
	if c.Super != "java/lang/Object" {
		list(&b, " extends ", []string{c.Super})
	}
	list(&b, " implements ", c.Interfaces)
	return b.String()
}

// list appends names after a keyword, nothing if there are none.
func list(b *strings.Builder, keyword string, names []string) {
	for i, name := range names {
		if i > 0 {
			keyword = ", "
		}
		b.WriteString(keyword + dotted(name))
	}
}

// constant is a field that javac inlines wherever it is used.
//
// Spec: SPEC-STUBS-003.
func constant(k jcapi.Constant) string {
	value := fmt.Sprint(k.Value)
	switch k.Descriptor {
	case "Z":
		value = fmt.Sprint(k.Value != 0)
	case "B", "S":
		value = fmt.Sprintf("(%s) %d", javaType(k.Descriptor), k.Value)
	}
	return fmt.Sprintf("public static final %s %s = %s;", javaType(k.Descriptor), k.Name, value)
}

// constants are a class's constants, each once. Where editions of the package
// disagree the table has a name several times: the last value of the narrowest
// type counts, for a byte fits wherever a short does.
func constants(c *jcapi.Class) []jcapi.Constant {
	var list []jcapi.Constant
	for _, k := range c.Constants {
		i := slices.IndexFunc(list, func(other jcapi.Constant) bool { return other.Name == k.Name })
		switch {
		case i < 0:
			list = append(list, k)
		case k.Descriptor <= list[i].Descriptor:
			list[i] = k
		}
	}
	return list
}

// field is a field that is no constant. A final one with a simple type loses
// that, or javac would take its zero for a constant.
func field(f jcapi.Field) string {
	value := zero(f.Descriptor)
	if value != "null" {
		f.Access &^= jcapi.Final
	}
	return fmt.Sprintf("%s%s %s = %s;", modifiers(f.Access), javaType(f.Descriptor), f.Name, value)
}

// modifiers are the keywords of access flags, each with a blank after it.
func modifiers(a jcapi.Access) string {
	var s string
	for _, m := range []struct {
		flag jcapi.Access
		word string
	}{
		{jcapi.Public, "public "}, {jcapi.Protected, "protected "}, {jcapi.Static, "static "},
		{jcapi.Final, "final "}, {jcapi.Abstract, "abstract "},
	} {
		if a&m.flag != 0 {
			s += m.word
		}
	}
	return s
}

// dotted is a name as Java source has it.
func dotted(name string) string { return strings.NewReplacer("/", ".", "$", ".").Replace(name) }
