package transport

import (
	"bytes"
	"testing"
)

// Both protocols give the same responses.
func TestBothProtocols(t *testing.T) {
	for _, a := range [][]byte{answer(t, onT0), answer(t, onT1)} {
		s := build(t, a, nil)
		for _, cmd := range []string{"00A40000", "00B0000400", "00A4000002AABB", "00A4000402AABB04", "00A4000402AABB00", "00B0010000"} {
			raw := unhex(cmd)
			got := s.send(t, raw)
			if w := want(raw); !bytes.Equal(got, w) {
				t.Errorf("%s: %X, want %X", cmd, got, w)
			}
		}
	}
}
