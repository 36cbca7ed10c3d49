package tlv

import "inkan/core/wire"

// MaxDepth is how deep Children can be nested: deeper input is a fault, so
// that forged input cannot exhaust the stack.
const MaxDepth = 16

const formatBER = "BER-TLV"

// Reader walks over a sequence of BER-TLV objects. It allocates only when it
// fails. The first fault sticks: Next is false from then on and Err tells it.
type Reader struct {
	b     []byte
	next  int // index in b of the next object
	base  int // offset of b in the whole input
	off   int // offset of the present object in the whole input
	val   int // offset of its value in the whole input
	tag   Tag
	value []byte
	path  [MaxDepth]Tag
	depth uint8
	mode  Mode
	err   *wire.DecodeError
}

// NewReader reads b in the default mode: any definite length of up to four
// bytes after the first, no padding. Faults have the format "BER-TLV".
func NewReader(b []byte) Reader { return Reader{b: b} }

// NewReaderMode reads b in the given mode, which Children inherit.
func NewReaderMode(b []byte, m Mode) Reader { return Reader{b: b, mode: m} }

// NewReaderAt reads b, which begins at offset base of the whole input, so that
// Offset and faults name offsets of the whole.
func NewReaderAt(b []byte, base int, m Mode) Reader {
	return Reader{b: b, base: base, mode: m}
}

// Next goes to the next object. It is false at the end of the input and at a
// fault; Err tells which.
func (r *Reader) Next() bool {
	r.tag, r.value = 0, nil
	if r.err != nil {
		return false
	}
	for r.next < len(r.b) && r.mode.padding(r.b[r.next]) {
		r.next++
	}
	if r.next >= len(r.b) {
		return false
	}
	rest := r.b[r.next:]
	tag, used, f := parseTag(rest, r.mode)
	if f != nil {
		return r.fail(f, 0)
	}
	n, k, f := parseLength(rest[used:], r.mode, 4)
	if f != nil {
		return r.fail(f.at(used), tag)
	}
	value, f := parseValue(rest, used+k, n)
	if f != nil {
		return r.fail(f, tag)
	}
	r.off = r.base + r.next
	r.val = r.off + used + k
	r.tag, r.value = tag, value
	r.next += used + k + len(value)
	return true
}

// Tag is the present object's tag.
func (r *Reader) Tag() Tag { return r.tag }

// Value is the present object's value, borrowed from the input.
func (r *Reader) Value() []byte { return r.value }

// Offset is the offset of the present object's tag in the whole input.
func (r *Reader) Offset() int { return r.off }

// ValueOffset is the offset of the present object's value in the whole input.
func (r *Reader) ValueOffset() int { return r.val }

// Children reads the present object's value as a sequence of objects, whatever
// the tag's constructed bit says; offsets and the path of faults count from
// the whole input. More than MaxDepth levels are a fault of the returned
// reader. Spec: SPEC-TLV-010.
func (r *Reader) Children() Reader {
	if r.tag == 0 {
		return Reader{mode: r.mode, err: r.err}
	}
	c := Reader{b: r.value, base: r.val, mode: r.mode, path: r.path, depth: r.depth}
	if int(r.depth) == MaxDepth {
		c.fail(errDepth, 0)
		return c
	}
	c.path[c.depth] = r.tag
	c.depth++
	return c
}

var errDepth = &fault{want: "at most 16 levels", got: "one more"}

// Err is the first fault as a *wire.DecodeError, or nil. A fault in Children
// is theirs alone.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Fault makes a *wire.DecodeError at the present object, for a caller whose
// format wants something else there.
func (r *Reader) Fault(want, got string) *wire.DecodeError {
	f := fault{want: want, got: got}
	return f.decodeError(formatBER, r.pathTo(r.tag), r.off)
}

func (r *Reader) fail(f *fault, tag Tag) bool {
	r.err = f.decodeError(formatBER, r.pathTo(tag), r.base+r.next)
	return false
}

// pathTo is the slash-separated path from the outermost object to tag.
func (r *Reader) pathTo(tag Tag) string {
	var s []byte
	for _, t := range r.path[:r.depth] {
		s = append(t.appendHex(s), '/')
	}
	if tag != 0 {
		s = tag.appendHex(s)
	} else if len(s) > 0 {
		s = s[:len(s)-1]
	}
	return string(s)
}
