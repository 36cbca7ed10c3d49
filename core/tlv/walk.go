package tlv

import "strconv"

// Object is one object as Walk meets it.
type Object struct {
	Tag    Tag
	Value  []byte // borrowed
	Offset int    // of the tag, in the whole input
	Depth  int    // 0 for the outermost objects
}

// Walk calls fn for every object of b in the order they are written, and goes
// into those whose constructed bit is set. It stops at the first fault, which
// it returns as a *wire.DecodeError, or at the first error of fn. Objects
// nested deeper than maxDepth levels (1 to MaxDepth) are a fault.
// Spec: SPEC-TLV-010, SPEC-TLV-012.
func Walk(b []byte, m Mode, maxDepth int, fn func(Object) error) error {
	return walk(NewReaderMode(b, m), min(max(maxDepth, 1), MaxDepth), fn)
}

// Validate is Walk without a visit: it reports the first fault anywhere in b.
func Validate(b []byte, m Mode, maxDepth int) error {
	return Walk(b, m, maxDepth, nil)
}

// walk takes the reader by value for the reason that find does.
func walk(r Reader, maxDepth int, fn func(Object) error) error {
	for r.Next() {
		if fn != nil {
			if err := fn(Object{Tag: r.tag, Value: r.value, Offset: r.off, Depth: int(r.depth)}); err != nil {
				return err
			}
		}
		if !r.tag.Constructed() || len(r.value) == 0 {
			continue
		}
		if int(r.depth)+1 >= maxDepth {
			return r.Fault("at most "+strconv.Itoa(maxDepth)+" levels", "one more")
		}
		if err := walk(r.Children(), maxDepth, fn); err != nil {
			return err
		}
	}
	return r.Err()
}
