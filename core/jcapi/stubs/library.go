package stubs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"inkan/core/cap/exp"
	"inkan/core/jcapi"
	"inkan/core/wire"
)

// Library gives the declarations of a library package from its export file,
// sorted by path. Errors are *wire.DecodeError: a name or descriptor that Java
// does not have.
//
// Spec: SPEC-STUBS-007, SPEC-STUBS-008.
func Library(f *exp.File) ([]Source, error) {
	p := &jcapi.Package{Name: f.Name(f.ThisIndex)}
	if !slashed.MatchString(p.Name) {
		return nil, bad("this_package", "a package name", p.Name)
	}
	w := world{library: map[string]*jcapi.Class{}}
	supers := map[string]int{} // how many superclasses a class has
	for i := range f.Classes {
		c, err := libraryClass(f, p, &f.Classes[i])
		if err != nil {
			return nil, err
		}
		p.Classes = append(p.Classes, c)
		w.library[c.FullName()], supers[c.FullName()] = c, len(f.Classes[i].Supers)
	}
	for i, c := range p.Classes {
		c.Super = w.nearest(names(f, f.Classes[i].Supers), supers)
	}
	sources := w.sources(p)
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	return sources, nil
}

var (
	slashed    = regexp.MustCompile(`^[A-Za-z_]\w*(/[A-Za-z_]\w*)*$`)
	identifier = regexp.MustCompile(`^[A-Za-z_]\w*(\$\w+)*$`)
	simpleType = regexp.MustCompile(`^\[*([BISZ]|L[A-Za-z_]\w*([/$]\w+)*;)$`)
	signature  = regexp.MustCompile(`^\((\[*([BISZ]|L[A-Za-z_]\w*([/$]\w+)*;))*\)(V|\[*([BISZ]|L[A-Za-z_]\w*([/$]\w+)*;))$`)
)

func bad(path, want, got string) error {
	return &wire.DecodeError{Format: "export file", Path: path, Want: want, Got: fmt.Sprintf("%q", got)}
}

// names are the names of Classref constants.
func names(f *exp.File, indices []uint16) (list []string) {
	for _, i := range indices {
		list = append(list, f.Name(i))
	}
	return list
}

// nearest is the direct superclass among all superclasses: the one that has
// most itself.
func (w world) nearest(list []string, supers map[string]int) string {
	best, most := "java/lang/Object", 0
	for _, name := range list {
		n, own := supers[name]
		if !own {
			n = w.depth(w.lookup(name))
		}
		if n > most {
			best, most = name, n
		}
	}
	return best
}

func libraryClass(f *exp.File, p *jcapi.Package, from *exp.Class) (*jcapi.Class, error) {
	name, ok := strings.CutPrefix(f.Name(from.NameIndex), p.Name+"/")
	if !ok || !identifier.MatchString(name) {
		return nil, bad("class/name_index", "a class of the package", f.Name(from.NameIndex))
	}
	for _, above := range append(names(f, from.Supers), names(f, from.Interfaces)...) {
		if !simpleType.MatchString("L" + above + ";") {
			return nil, bad("class/"+name, "a class name", above)
		}
	}
	c := &jcapi.Class{Package: p, Token: from.Token, Name: name, Access: access(from.AccessFlags), Interfaces: names(f, from.Interfaces)}
	for i := range from.Fields {
		if err := addField(f, c, &from.Fields[i]); err != nil {
			return nil, err
		}
	}
	for _, m := range from.Methods {
		name, descriptor := f.Name(m.NameIndex), f.Name(m.DescriptorIndex)
		if name != "<init>" && !identifier.MatchString(name) || !signature.MatchString(descriptor) {
			return nil, bad("class/"+c.Name+"/method", "a method's name and descriptor", name+descriptor)
		}
		a := access(m.AccessFlags)
		c.Methods = append(c.Methods, jcapi.Method{Static: a&jcapi.Static != 0 || name == "<init>", Token: m.Token, Name: name, Descriptor: descriptor, Access: a})
	}
	return c, nil
}

func addField(f *exp.File, c *jcapi.Class, from *exp.Field) error {
	name, descriptor := f.Name(from.NameIndex), f.Name(from.DescriptorIndex)
	if !identifier.MatchString(name) || !simpleType.MatchString(descriptor) {
		return bad("class/"+c.Name+"/field", "a field's name and descriptor", name+" "+descriptor)
	}
	if value, ok := f.ConstantValue(from); ok {
		c.Constants = append(c.Constants, jcapi.Constant{Name: name, Descriptor: descriptor, Value: value})
		return nil
	}
	c.StaticFields = append(c.StaticFields, jcapi.Field{Token: from.Token, Name: name, Descriptor: descriptor, Access: access(from.AccessFlags)})
	return nil
}

// access translates the flags of an export file (JCVM 3.0.5 §5.7 to 5.9).
func access(flags uint16) (a jcapi.Access) {
	for _, m := range []struct {
		flag   uint16
		access jcapi.Access
	}{
		{0x0001, jcapi.Public}, {0x0004, jcapi.Protected}, {0x0008, jcapi.Static}, {0x0010, jcapi.Final},
		{0x0200, jcapi.Interface}, {0x0400, jcapi.Abstract}, {0x0800, jcapi.Shareable}, {0x1000, jcapi.Remote},
	} {
		if flags&m.flag != 0 {
			a |= m.access
		}
	}
	return a
}
