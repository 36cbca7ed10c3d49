package tlv

// Find returns the value of the first object at the path of tags, outermost
// first, borrowed from b. Every object that fits a step of the path is
// searched in order, constructed bit or not. Find reads no further than the
// object it finds: err is a *wire.DecodeError for a fault before it, and a
// fault behind it goes unseen (Validate sees all). Not found is ok false and
// no error. An empty path finds b itself. Spec: SPEC-TLV-011.
func Find(b []byte, path ...Tag) (value []byte, ok bool, err error) {
	return FindMode(b, 0, path...)
}

// FindMode is Find with a reader mode.
func FindMode(b []byte, m Mode, path ...Tag) (value []byte, ok bool, err error) {
	if len(path) == 0 {
		return b, true, nil
	}
	return find(NewReaderMode(b, m), path)
}

// find takes the reader by value: a pointer passed down a recursion would
// move every level's reader to the heap.
func find(r Reader, path []Tag) ([]byte, bool, error) {
	for r.Next() {
		if r.tag != path[0] {
			continue
		}
		if len(path) == 1 {
			return r.value, true, nil
		}
		if v, ok, err := find(r.Children(), path[1:]); ok || err != nil {
			return v, ok, err
		}
	}
	return nil, false, r.Err()
}
