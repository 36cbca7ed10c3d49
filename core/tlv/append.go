package tlv

// Append appends a BER-TLV object with the shortest length form. The tag is
// written as it is; one that is not Valid makes an object that Reader refuses.
// Spec: SPEC-TLV-008.
func Append(dst []byte, tag Tag, value []byte) []byte {
	return append(AppendHeader(dst, tag, len(value)), value...)
}

// AppendHeader appends tag and length of an object whose n bytes of value the
// caller appends after it.
func AppendHeader(dst []byte, tag Tag, n int) []byte {
	return AppendLength(appendTag(dst, tag), n)
}

// AppendLength appends a BER length in its shortest form. It panics when n is
// negative or needs more than four bytes. Spec: SPEC-TLV-008.
func AppendLength(dst []byte, n int) []byte {
	if n < 0 || uint64(n) > 0xFFFFFFFF {
		panic("tlv: length out of range")
	}
	k := lengthLen(uint64(n)) - 1
	if k == 0 {
		return append(dst, byte(n))
	}
	dst = append(dst, 0x80|byte(k))
	for i := k - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// Len is the number of bytes that Append writes for a value of n bytes.
func Len(tag Tag, n int) int { return tag.Len() + lengthLen(uint64(n)) + n }

// Begin appends a tag and room for a length. What is appended from there on
// until End(dst, mark) is the object's value; pairs of Begin and End nest.
func Begin(dst []byte, tag Tag) (out []byte, mark int) {
	out = append(appendTag(dst, tag), 0)
	return out, len(out)
}

// End sets the length of the object that Begin with this mark opened, in its
// shortest form; a value of 128 bytes or more is moved to make room.
// Spec: SPEC-TLV-008.
func End(dst []byte, mark int) []byte {
	n := len(dst) - mark
	k := lengthLen(uint64(n)) - 1
	if k == 0 {
		dst[mark-1] = byte(n)
		return dst
	}
	var room [4]byte
	dst = append(dst, room[:k]...)
	copy(dst[mark+k:], dst[mark:mark+n])
	AppendLength(dst[:mark-1], n)
	return dst
}
