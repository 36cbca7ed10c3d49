package atr

import (
	"fmt"
	"math/bits"

	"inkan/core/wire"
)

// Length is how long the answer is that begins with b: its length in bytes, and
// known, when b shows all interface bytes; else one more byte is needed to see
// further, and n is len(b)+1. It is at most 1+1+8*4+15+1 and may be more than
// MaxBytes for an answer that Decode refuses. Spec: SPEC-TRANSPORT-001.
func Length(b []byte) (n int, known bool) {
	if len(b) < 2 {
		return len(b) + 1, false
	}
	n, historical, tck := 2, int(b[1]&0x0F), 0
	for y := b[1] >> 4; ; {
		n += bits.OnesCount8(y)
		if y&8 == 0 {
			return n + historical + tck, true
		}
		if len(b) < n {
			return len(b) + 1, false
		}
		td := b[n-1]
		if td&0x0F != 0 {
			tck = 1
		}
		y = td >> 4
		if n > MaxBytes {
			return n, true
		}
	}
}

// Decode reads an answer to reset in its logical values, TS 3B or 3F. Errors are
// *wire.DecodeError with format "ATR". Historical bytes are borrowed.
// Spec: SPEC-TRANSPORT-001, SPEC-TRANSPORT-002, SPEC-TRANSPORT-003.
func Decode(b []byte) (*ATR, error) {
	r := wire.NewReader("ATR", b)
	a := &ATR{}
	switch ts := r.Byte("TS"); {
	case r.Err() != nil:
	case ts == Inverse:
		a.Inverse = true
	case ts != Direct:
		r.FailAt(0, "TS", "3B or 3F", fmt.Sprintf("%02X", ts))
	}
	if r.Err() == nil && len(b) > MaxBytes {
		r.FailAt(MaxBytes, "", "at most 33 bytes", fmt.Sprint(len(b)))
	}
	t0 := r.Byte("T0")
	a.Groups = decodeGroups(&r, t0>>4)
	a.Historical = r.Bytes(int(t0&0x0F), "historical bytes")
	if r.Err() == nil && a.NeedsTCK() {
		off := r.Offset()
		r.Byte("TCK")
		sum := byte(0)
		for _, c := range b[1:r.Offset()] {
			sum ^= c
		}
		if r.Err() == nil && sum != 0 {
			r.FailAt(off, "TCK", "the exclusive or of T0 to TCK to be 00", fmt.Sprintf("%02X", sum))
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return a, nil
}

func decodeGroups(r *wire.Reader, y byte) []Group {
	var groups []Group
	for i, t := 1, byte(0); r.Err() == nil; i++ {
		g := Group{T: t}
		if y&1 != 0 {
			g.TA = Some(r.Byte(fmt.Sprintf("TA%d", i)))
		}
		if y&2 != 0 {
			g.TB = Some(r.Byte(fmt.Sprintf("TB%d", i)))
		}
		if y&4 != 0 {
			g.TC = Some(r.Byte(fmt.Sprintf("TC%d", i)))
		}
		groups = append(groups, g)
		if y&8 == 0 {
			break
		}
		td := r.Byte(fmt.Sprintf("TD%d", i))
		y, t = td>>4, td&0x0F
	}
	return groups
}

// Append appends the encoded answer with its check byte, if one is due. It fails
// on what Decode would refuse. Spec: SPEC-TRANSPORT-001, SPEC-TRANSPORT-003.
func (a *ATR) Append(dst []byte) ([]byte, error) {
	if len(a.Historical) > 15 {
		return dst, fmt.Errorf("atr: %d historical bytes: want at most 15", len(a.Historical))
	}
	start := len(dst)
	ts := Direct
	if a.Inverse {
		ts = Inverse
	}
	out := append(dst, ts)
	groups := a.Groups
	if len(groups) == 0 {
		groups = []Group{{}}
	}
	low := byte(len(a.Historical))
	for i, g := range groups {
		y := byte(0)
		for bit, b := range [...]Byte{g.TA, g.TB, g.TC} {
			if b.Present {
				y |= 1 << bit
			}
		}
		if i+1 < len(groups) {
			y |= 8
		}
		out = append(out, y<<4|low)
		for _, b := range [...]Byte{g.TA, g.TB, g.TC} {
			if b.Present {
				out = append(out, b.Value)
			}
		}
		if i+1 < len(groups) {
			low = groups[i+1].T & 0x0F
		}
	}
	out = append(out, a.Historical...)
	if a.NeedsTCK() {
		sum := byte(0)
		for _, c := range out[start+1:] {
			sum ^= c
		}
		out = append(out, sum)
	}
	if n := len(out) - start; n > MaxBytes {
		return dst, fmt.Errorf("atr: %d bytes: want at most %d", n, MaxBytes)
	}
	return out, nil
}
