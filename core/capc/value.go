package capc

// value is a word, reference or number on the operand stack or in a local
// variable. Values that can be the same one at run time are united.
type value struct {
	parent *value // of a united value; nil: this one counts
	ref    bool   // reference, else number
	// Of numbers. Each only ever changes from false to true.
	isInt    bool // has 32 bits at run time
	overflow bool // its 16 bits may not be the number that Java computes
	big      bool // may be outside -128 to 127
	negative bool // may be below 0
	first    int  // instruction that gives it; of united values the lowest
	merged   bool // united with another
	// Of numbers, but not shared with what a value was united with: only how it
	// stands on the card is.
	wide bool     // may be no short
	ways []*value // what it may be
	// Of local variables.
	declared byte // the type that the class file tells: a descriptor's first character, or 0
	holds    bool // a number that may be no short
	counter  bool // the index of an enhanced for loop
	named    bool // from the table of local variables: never the same as another
}

// of is the value that stands for all that v was united with.
func of(v *value) *value {
	for v.parent != nil {
		if v.parent.parent != nil {
			v.parent = v.parent.parent
		}
		v = v.parent
	}
	return v
}

// unite makes two values one. It is false when one is a reference and the
// other a number.
func unite(a, b *value) bool {
	if a == nil || b == nil {
		return a == b
	}
	a, b = of(a), of(b)
	if a == b {
		return true
	}
	if a.ref != b.ref || a.named || b.named {
		return false
	}
	if a.declared != b.declared {
		a.declared = 0 // an argument that is assigned, or its variable used again
	}
	b.parent = a
	a.first, a.merged = min(a.first, b.first), true
	a.isInt, a.overflow = a.isInt || b.isInt, a.overflow || b.overflow
	a.big, a.negative, a.holds = a.big || b.big, a.negative || b.negative, a.holds || b.holds
	return true
}

// typed is a new value of a type.
func typed(desc string) *value {
	switch desc[0] {
	case 'Z':
		return &value{}
	case 'B':
		return &value{negative: true}
	case 'I':
		return &value{isInt: true, big: true, negative: true, wide: true, holds: true}
	case 'S':
		return &value{big: true, negative: true}
	}
	return &value{ref: true}
}

// number is a new value of a constant.
func number(n int32) *value {
	wide := n < -0x8000 || n > 0x7FFF
	return &value{isInt: wide, big: n < -0x80 || n > 0x7F, negative: n < 0, wide: wide}
}

// follow makes a value's range include that of another.
func (f *flow) follow(to, from *value) {
	if to != from && to != nil && !of(to).ref {
		to.ways = append(to.ways, from)
		f.linked = append(f.linked, to)
	}
}

// copied is a number that dup puts on the stack: the same one as far as the card
// goes, but what it meets later says nothing of the other copies.
func (f *flow) copied(v *value) *value {
	if of(v).ref {
		return v
	}
	w := &value{parent: of(v)}
	f.follow(w, v)
	return w
}

// words is the value's size.
func (v *value) words() int {
	if of(v).isInt {
		return 2
	}
	return 1
}
