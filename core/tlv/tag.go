package tlv

const hexDigits = "0123456789ABCDEF"

// Tag is a BER-TLV tag: its bytes as written, right-aligned (0x84, 0x9F70,
// 0x5F37, 0x7F21). The zero Tag is none.
type Tag uint32

// Class is the class of a tag, bits b8 b7 of its first byte.
type Class uint8

// The four classes (ISO/IEC 8825-1 §8.1.2.2).
const (
	Universal       Class = 0
	Application     Class = 1
	ContextSpecific Class = 2
	Private         Class = 3
)

// Len is the number of bytes the tag is written in, 1 to 4.
func (t Tag) Len() int {
	switch {
	case t > 0xFFFFFF:
		return 4
	case t > 0xFFFF:
		return 3
	case t > 0xFF:
		return 2
	}
	return 1
}

func (t Tag) first() byte { return byte(t >> (8 * (t.Len() - 1))) }

// Class is the tag's class.
func (t Tag) Class() Class { return Class(t.first() >> 6) }

// Constructed reports bit b6 of the first byte: the value is itself a sequence
// of BER-TLV objects.
func (t Tag) Constructed() bool { return t.first()&0x20 != 0 }

// Number is the tag number, without class and constructed bit.
func (t Tag) Number() uint32 {
	if t.Len() == 1 {
		return uint32(t) & 0x1F
	}
	var n uint32
	for i := t.Len() - 2; i >= 0; i-- {
		n = n<<7 | uint32(t>>(8*i))&0x7F
	}
	return n
}

// Valid reports whether a Reader in its default mode would read the tag as it
// is written: one to three bytes, not 00, and the length that its own
// continuation bits say. Spec: SPEC-TLV-001, SPEC-TLV-002, SPEC-TLV-003.
func (t Tag) Valid() bool {
	var b [4]byte
	n := len(appendTag(b[:0], t))
	got, used, f := parseTag(b[:n], 0)
	return f == nil && used == n && got == t
}

// String is the tag's bytes in upper-case hex: "9F70".
func (t Tag) String() string {
	var b [8]byte
	return string(t.appendHex(b[:0]))
}

func (t Tag) appendHex(dst []byte) []byte {
	for i := 2*t.Len() - 1; i >= 0; i-- {
		dst = append(dst, hexDigits[t>>(4*i)&0xF])
	}
	return dst
}

func appendTag(dst []byte, t Tag) []byte {
	for i := t.Len() - 1; i >= 0; i-- {
		dst = append(dst, byte(t>>(8*i)))
	}
	return dst
}
