package verifier

// zone is what stands at a place of a field: whether it is a reference, and
// how much of the kind follows, in words of an instance or bytes of the static
// image. room 0: nothing is there.
type zone struct {
	reference bool
	room      int
	unit      int // bytes of one unit of room: 2 for words, 1 for bytes
}

// fits tells whether a field of a type may be there.
func (z zone) fits(f field) bool {
	size := map[byte]int{'a': 2, 'b': 1, 's': 2, 'i': 4}[f.letter]
	return z.room > 0 && z.reference == (f.letter == 'a') && z.room*z.unit >= size
}

// zone is what the class's instances have at an instance field token.
func (c *class) zone(token byte) zone {
	i := c.info
	t, first, n := int(token), int(i.FirstReference), int(i.ReferenceCount)
	switch {
	case t >= int(i.DeclaredSize):
		return zone{}
	case n > 0 && t >= first && t < first+n:
		return zone{true, 1, 2}
	case n > 0 && t < first:
		return zone{false, first - t, 2}
	}
	return zone{false, int(i.DeclaredSize) - t, 2}
}

// staticZone is what the static field image has at an offset. A reference
// begins at an even one.
func (p *pkg) staticZone(offset int) zone {
	s := &p.file.StaticField
	references := 2 * int(s.ReferenceCount)
	switch {
	case offset >= references:
		return zone{false, int(s.ImageSize) - offset, 1}
	case offset%2 == 0:
		return zone{true, 2, 1}
	}
	return zone{}
}
