package verifier

import (
	"strings"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// class is a class or interface.
type class struct {
	id          value
	name        string
	pkg         *pkg // nil for a class of the platform
	isInterface bool
	isAbstract  bool
	isFinal     bool
	super       *class
	interfaces  []*class
	depth       int
	api         *jcapi.Class
	info        *cap.ClassInfo
	public      map[byte]*method // by virtual method token, or interface method token
	visible     map[byte]*method // package-visible ones, by token without the high bit
	statics     map[byte]*method // of the platform
	size        int              // of the table of public virtual methods
	visibleSize int
	fields      map[byte]field // with a Descriptor: declared instance fields
}

// method is a method of the world.
type method struct {
	name       string
	pkg        *pkg
	class      *class // that declares it; nil when unknown
	offset     int    // of its header, in a CAP file
	header     cap.MethodHeader
	isStatic   bool // has no this; constructors have one
	isInit     bool
	isAbstract bool
	isFinal    bool
	isProtected,
	isPrivate bool
	known  bool    // params and result are
	params []value // words behind this
	result []value // words
	args   int     // words of arguments with this; -1 unknown
	ends   bool    // mode Kinds: it never returns
	own    int     // index in the package's list, of a method with code
}

// extends tells whether c is super or a subclass of it.
func (c *class) extends(super *class) bool {
	for x := c; x != nil; x = x.super {
		if x == super {
			return true
		}
	}
	return super.name == "java/lang/Object" && c.isInterface
}

// implements tells whether c or one of its superclasses implements i. It looks
// at each interface once: a hostile package has many more ways up than
// interfaces.
func (c *class) implements(i *class) bool { return c.reaches(i, nil) }

func (c *class) reaches(i *class, seen map[*class]bool) bool {
	for x := c; x != nil; x = x.super {
		if x == i {
			return true
		}
		for _, y := range x.interfaces {
			if seen == nil {
				seen = map[*class]bool{}
			}
			if !seen[y] {
				seen[y] = true
				if y.reaches(i, seen) {
					return true
				}
			}
		}
	}
	return false
}

// virtual finds the method that a virtual method token means for objects of
// the class; nil when there is none. Spec: SPEC-VERIFIER-012.
func (c *class) virtual(token byte) *method {
	visible := token&0x80 != 0
	for x := c; x != nil; x = x.super {
		var m *method
		if visible {
			if x.pkg != c.pkg {
				return nil
			}
			m = x.visible[token&^0x80]
		} else {
			m = x.public[token]
		}
		if m != nil {
			return m
		}
	}
	return nil
}

// lacks is a virtual method of the class that is abstract; nil when there is
// none.
func (c *class) lacks() *method {
	for token := range 256 {
		if m := c.virtual(byte(token)); m != nil && m.isAbstract {
			return m
		}
	}
	return nil
}

// add gives the class an id.
func (w *world) add(c *class) *class {
	c.id = value(len(w.classes))
	w.classes = append(w.classes, c)
	return c
}

// apiClass is the class of the platform, with its methods.
func (w *world) apiClass(a *jcapi.Class) *class {
	if c := w.api[a]; c != nil {
		return c
	}
	c := w.add(&class{
		name: a.FullName(), api: a, public: map[byte]*method{}, statics: map[byte]*method{},
		isInterface: a.Access&jcapi.Interface != 0, isAbstract: a.Access&jcapi.Abstract != 0, isFinal: a.Access&jcapi.Final != 0,
	})
	w.api[a] = c
	if super := jcapi.ClassByName(a.Super); super != nil && !c.isInterface {
		c.super = w.apiClass(super)
		c.depth = c.super.depth + 1
	}
	for _, name := range a.Interfaces {
		if i := jcapi.ClassByName(name); i != nil {
			c.interfaces = append(c.interfaces, w.apiClass(i))
		}
	}
	for i := range a.Methods {
		m := &a.Methods[i]
		if m.Static {
			c.statics[m.Token] = w.apiMethod(c, m)
			continue
		}
		c.public[m.Token] = w.apiMethod(c, m)
		c.size = max(c.size, int(m.Token)+1)
	}
	return c
}

func (w *world) apiMethod(c *class, m *jcapi.Method) *method {
	params, result := w.descriptor(m.Descriptor)
	out := &method{
		name: c.name + "." + m.Name + m.Descriptor, class: c, known: true, params: params, result: result, args: len(params),
		isInit: m.Name == "<init>", isStatic: m.Static && m.Name != "<init>",
		isAbstract: m.Access&jcapi.Abstract != 0, isFinal: m.Access&jcapi.Final != 0, isProtected: m.Access&jcapi.Protected != 0,
	}
	if !out.isStatic {
		out.args++
	}
	return out
}

// descriptor reads a descriptor such as "([BSLjava/lang/Object;)V".
func (w *world) descriptor(d string) (params, result []value) {
	inside, after, _ := strings.Cut(strings.TrimPrefix(d, "("), ")")
	for inside != "" {
		var words []value
		words, inside = w.typeOf(inside)
		params = append(params, words...)
	}
	if after != "V" {
		result, _ = w.typeOf(after)
	}
	return params, result
}

// typeOf reads one type of a descriptor.
func (w *world) typeOf(d string) (words []value, rest string) {
	switch d[0] {
	case 'I':
		return []value{intHigh, intLow}, d[1:]
	case 'L':
		name, rest, _ := strings.Cut(d[1:], ";")
		return []value{object | w.named(name).id}, rest
	case '[':
		element, rest := w.typeOf(d[1:])
		switch {
		case d[1] == 'Z':
			return []value{booleans}, rest
		case d[1] == 'B':
			return []value{bytes_}, rest
		case d[1] == 'S':
			return []value{shorts}, rest
		case d[1] == 'I':
			return []value{ints}, rest
		}
		return []value{objects | element[0]&restMask}, rest
	}
	return []value{short}, d[1:]
}

// named is a class of the platform by name. One that no package of the
// platform has counts as Object.
func (w *world) named(name string) *class {
	if c := jcapi.ClassByName(name); c != nil {
		return w.apiClass(c)
	}
	return w.object
}
