package keys

import "crypto/subtle"

// Wipe overwrites the buffers with zeros. Spec: SPEC-KEYS-007.
func Wipe(buffers ...[]byte) {
	for _, b := range buffers {
		clear(b)
	}
}

// SetOddParity sets the lowest bit of every byte so that the byte has an odd
// number of ones, the customary form of DES keys. Cards do not check it.
func SetOddParity(key []byte) {
	for i, b := range key {
		p := b >> 1
		p ^= p >> 4
		p ^= p >> 2
		p ^= p >> 1
		key[i] = b&^1 | ^p&1
	}
}

// Equal compares two keys of one type in constant time. The parity bits of
// DES keys do not count. Spec: SPEC-KEYS-005, SPEC-KEYS-006.
func Equal(t Type, a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	mask := byte(0xFF)
	if t.IsDES() {
		mask = 0xFE
	}
	var diff byte
	for i := range a {
		diff |= (a[i] ^ b[i]) & mask
	}
	return subtle.ConstantTimeByteEq(diff, 0) == 1
}

// TestKey is the key that GlobalPlatform cards in laboratories are delivered
// with, 16 bytes. It is public: it protects nothing. Production key material
// must never equal it; IsTestKey finds it. Spec: SPEC-KEYS-008.
func TestKey() []byte { return append([]byte(nil), testKeyBytes[:16]...) }

// testKeyBytes is 404142…5F: its first 16, 24 and 32 bytes are the published
// test keys of the three AES lengths.
var testKeyBytes = func() (k [32]byte) {
	for i := range k {
		k[i] = 0x40 + byte(i)
	}
	return k
}()

// pysimBases are the first bytes of the other published counting-up test keys.
var pysimBases = [...]byte{0x00, 0x10, 0x20}

// IsTestKey reports whether key is a published test key, in whatever length:
// 404142…, the counting-up keys 000102…, 101112…, 202122… and their repeated
// 24- and 32-byte forms, 404142…4F as a three-key DES key, or one byte
// throughout. Bytes that differ from one in DES parity bits only are taken
// for it too. Spec: SPEC-KEYS-009.
func IsTestKey(key []byte) bool {
	found := isCounting(key, 0x40, 32) | isCounting(key, 0x40, 16) | isConstant(key)
	for _, base := range pysimBases {
		found |= isCounting(key, base, 16) | isCounting(key, base, 32)
	}
	return len(key) > 0 && found == 1
}

// isCounting is 1 when key[i] is base + i%period, but for the lowest bits.
func isCounting(key []byte, base byte, period int) int {
	var diff byte
	for i, b := range key {
		diff |= (b ^ (base + byte(i%period))) & 0xFE
	}
	return subtle.ConstantTimeByteEq(diff, 0)
}

func isConstant(key []byte) int {
	var diff byte
	for _, b := range key {
		diff |= (b ^ key[0]) & 0xFE
	}
	return subtle.ConstantTimeByteEq(diff, 0)
}
