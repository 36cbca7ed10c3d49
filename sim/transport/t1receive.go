package transport

// incoming collects the characters of one block of T=1. A block ends with its
// last character by LEN and silence after it: BGT after a good block, or CWT
// after one that is wrong in any way, so that the rest of it is not taken for
// the next. Spec: SPEC-TRANSPORT-043.
type incoming struct {
	raw  []byte // cap is the longest block
	bad  bool   // parity error, a character too many, or silence too early
	full bool
}

func (in *incoming) reset() { *in = incoming{raw: in.raw[:0]} }

func (in *incoming) begun() bool { return len(in.raw) > 0 || in.bad }

// take adds a character and gives how long to wait for the next.
func (in *incoming) take(c Character, crc bool, t *timing) (wait uint64) {
	switch {
	case in.full || len(in.raw) == cap(in.raw):
		in.bad = true
	default:
		in.raw = append(in.raw, c.Value)
	}
	in.bad = in.bad || c.Bad
	if n := len(in.raw); n >= 3 {
		if in.raw[2] == 0xFF {
			in.bad = true
		}
		in.full = n == 3+int(in.raw[2])+checkBytes(crc)
	}
	if in.full && !in.bad {
		in.bad = !checks(in.raw, crc)
	}
	if in.full && !in.bad {
		return t.etu(blockGuardETU)
	}
	if in.bad {
		return min(t.characterWaiting(), t.blockWaiting()/2)
	}
	return t.characterWaiting()
}

// block is the block, when the silence after it has come; ok is false for one
// that failed its check.
func (in *incoming) block(crc bool) (b Block, ok bool) {
	if !in.full || in.bad {
		return Block{}, false
	}
	n := len(in.raw) - checkBytes(crc)
	return Block{NAD: in.raw[0], PCB: in.raw[1], Information: in.raw[3:n]}, true
}
