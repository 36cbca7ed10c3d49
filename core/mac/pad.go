package mac

import "crypto/subtle"

// AppendPad80 pads the part of dst that begins at from to whole blocks, by
// appending 80 and then 00 until len(dst)-from is a multiple of blockSize
// (ISO/IEC 9797-1 padding method 2). At least one byte is always appended.
// To pad a message of its own: AppendPad80(message, 0, 16).
// Spec: SPEC-SCP03-044.
func AppendPad80(dst []byte, from, blockSize int) []byte {
	dst = append(dst, 0x80)
	for (len(dst)-from)%blockSize != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// PaddedLen is the length of n bytes after AppendPad80.
func PaddedLen(n, blockSize int) int { return n/blockSize*blockSize + blockSize }

// Unpad80 finds the 80 00… padding at the end of b: n is the length without it,
// ok is false (and n 0) when there is none. It looks at every byte of b and
// neither branches nor indexes on their values, so that its time tells only
// len(b). That the padding is shorter than a block is the caller's to check
// (len(b)-n <= block size) and is not secret once the MAC is verified.
// Spec: SPEC-SCP03-045.
func Unpad80(b []byte) (n int, ok bool) {
	open, found, at := 1, 0, 0
	for i := len(b) - 1; i >= 0; i-- {
		zero := subtle.ConstantTimeByteEq(b[i], 0x00)
		mark := subtle.ConstantTimeByteEq(b[i], 0x80) & open
		at = subtle.ConstantTimeSelect(mark, i, at)
		found |= mark
		open &= zero // only zeros may follow the mark
	}
	return at, found == 1
}
