package storm_test

import "math/rand/v2"

// interesting bytes are those at the edges of fields.
var interesting = []byte{0x00, 0x01, 0x02, 0x04, 0x0F, 0x10, 0x20, 0x40, 0x7F, 0x80, 0x81, 0x82, 0x83, 0xA0, 0xC0, 0xE0, 0xEF, 0xFE, 0xFF}

// classes and instructions that something on the card knows.
var (
	classes      = []byte{0x00, 0x01, 0x02, 0x03, 0x04, 0x0C, 0x10, 0x40, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x90, 0xA0, 0xC0, 0xE0, 0xFF}
	instructions = []byte{0x04, 0x0E, 0x10, 0x12, 0x14, 0x20, 0x22, 0x24, 0x26, 0x28, 0x2A, 0x2C, 0x32, 0x44, 0x46, 0x50, 0x70, 0x78, 0x7A, 0x82, 0x84,
		0x88, 0x89, 0xA2, 0xA4, 0xB0, 0xB2, 0xC0, 0xC2, 0xCA, 0xCB, 0xD6, 0xD8, 0xDC, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2}
)

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// randomCommand is bytes of no meaning, or a command with a header that has one.
func randomCommand(r *rand.Rand) []byte {
	if r.IntN(4) == 0 {
		return randomBytes(r, r.IntN(12))
	}
	b := []byte{pick(r, classes), pick(r, instructions), byte(r.Uint32()), byte(r.Uint32())}
	if r.IntN(2) == 0 {
		b[2], b[3] = pick(r, interesting), pick(r, interesting)
	}
	switch r.IntN(8) {
	case 0:
	case 1:
		return append(b, byte(r.Uint32()))
	case 2:
		n := r.IntN(600)
		return append(append(b, 0, byte(n>>8), byte(n)), randomBytes(r, n)...)
	default:
		n := 1 + r.IntN(1+r.IntN(255))
		b = append(append(b, byte(n)), randomBytes(r, n)...)
		if r.IntN(2) == 0 {
			b = append(b, 0)
		}
	}
	return b
}

// mutate changes a command in one to three places; its length field is put right
// again more often than not.
func mutate(r *rand.Rand, cmd []byte) []byte {
	b := append([]byte(nil), cmd...)
	for range 1 + r.IntN(3) {
		b = mutateOnce(r, b)
	}
	if len(b) > 5 && r.IntN(4) != 0 {
		n := min(len(b)-5, 255)
		b[4] = byte(n)
		b = b[:5+n]
	}
	return b
}

func mutateOnce(r *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return randomCommand(r)
	}
	at := r.IntN(len(b))
	if len(b) > 5 && r.IntN(3) != 0 {
		at = 5 + r.IntN(len(b)-5)
	}
	switch r.IntN(10) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
	case 1:
		b[at] = byte(r.Uint32())
	case 2:
		b[at] = pick(r, interesting)
	case 3:
		b[at]++
	case 4:
		b = append(b[:at], append(randomBytes(r, 1+r.IntN(4)), b[at:]...)...)
	case 5:
		b = append(b[:at], b[min(len(b), at+1+r.IntN(4)):]...)
	case 6:
		b = b[:at]
	case 7:
		part := append([]byte(nil), b[at:min(len(b), at+1+r.IntN(24))]...)
		to := r.IntN(len(b) + 1)
		b = append(b[:to], append(part, b[to:]...)...)
	case 8:
		b[0] = pick(r, classes)
	default:
		if header := r.IntN(4); header < len(b) {
			b[header] = pick(r, interesting)
		}
	}
	return b
}
