package verifier

// value is what the analysis knows of one word: a kind in the high byte, and
// what the kind needs in the rest.
type value uint32

const (
	top       value = iota << 24 // anything: not usable
	short                        // short, byte or boolean
	intHigh                      // the deeper word of an int
	intLow                       // the upper word of an int
	null                         // the null reference
	object                       // reference to an object; rest: class
	booleans                     // boolean[]
	bytes_                       // byte[]
	shorts                       // short[]
	ints                         // int[]
	objects                      // array of references; rest: element class
	reference                    // a reference of unknown type (mode Kinds)
	returnTo                     // return address; rest: subroutine context
	raw                          // object whose constructor was not called; rest: offset of its new
	rawThis                      // this, before the constructor called another
	parameter                    // a parameter of unknown kind; rest: word (mode Kinds)
	unused                       // a parameter that nothing uses: takes any word (mode Kinds)
)

const kindMask, restMask value = 0xFF000000, 0x00FFFFFF

func (x value) kind() value { return x & kindMask }
func (x value) rest() int   { return int(x & restMask) }

// isReference tells whether the word is a reference to an initialised object,
// an array, or null.
func (x value) isReference() bool {
	k := x.kind()
	return k >= null && k <= reference
}

// isPointer is isReference or a reference to an object that is not initialised.
func (x value) isPointer() bool {
	return x.isReference() || x.kind() == raw || x.kind() == rawThis
}

// isWord tells whether the word is usable alone, whatever it is.
func (x value) isWord() bool {
	return x != top && x != intHigh && x != intLow && x.kind() != parameter
}

var kindNames = map[value]string{
	top: "an unusable word", short: "a short", intHigh: "half of an int", intLow: "an int", null: "null",
	booleans: "boolean[]", bytes_: "byte[]", shorts: "short[]", ints: "int[]", reference: "a reference",
	returnTo: "a return address", raw: "an uninitialised object", rawThis: "uninitialised this",
	parameter: "a parameter of unknown kind", unused: "any word",
}

// name is the value for people.
func (w *world) name(x value) string {
	switch x.kind() {
	case object:
		return w.classes[x.rest()].name
	case objects:
		return w.classes[x.rest()].name + "[]"
	}
	return kindNames[x.kind()]
}

// merge is the value that a word has when it is a or b.
// Spec: SPEC-VERIFIER-040.
func (w *world) merge(a, b value) value {
	switch {
	case a == b:
		return a
	case !a.isReference() || !b.isReference():
		return top
	case a == null:
		return b
	case b == null:
		return a
	case a == reference || b == reference:
		return reference
	case a.kind() == object && b.kind() == object:
		return object | w.common(a.rest(), b.rest())
	case a.kind() == objects && b.kind() == objects:
		return objects | w.common(a.rest(), b.rest())
	}
	return object | w.object.id
}

// common is the nearest class that two classes extend; of an interface that is
// Object.
func (w *world) common(a, b int) value {
	x, y := w.classes[a], w.classes[b]
	if x.isInterface || y.isInterface {
		switch {
		case x.isInterface && y.implements(x):
			return x.id
		case y.isInterface && x.implements(y):
			return y.id
		}
		return w.object.id
	}
	for ; x.depth > y.depth; x = x.super {
	}
	for ; y.depth > x.depth; y = y.super {
	}
	for x != y {
		x, y = x.super, y.super
	}
	return x.id
}

// assignable tells whether a word may stand where want is expected. Interfaces
// are taken for Object: the machine checks them where they are called.
// Spec: SPEC-VERIFIER-041.
func (w *world) assignable(x, want value) bool {
	switch want.kind() {
	case unused:
		return x != top && x.kind() != parameter
	case reference:
		return x.isReference()
	case object:
		c := w.classes[want.rest()]
		switch x.kind() {
		case null, reference:
			return true
		case object:
			return c.isInterface || w.classes[x.rest()].extends(c)
		case booleans, bytes_, shorts, ints, objects:
			return c == w.object
		}
		return false
	case objects:
		if x.kind() == objects {
			c := w.classes[want.rest()]
			return c.isInterface || w.classes[x.rest()].extends(c)
		}
		return x == null || x == reference
	case booleans, bytes_, shorts, ints:
		return x == want || x == null || x == reference
	}
	return x == want
}
