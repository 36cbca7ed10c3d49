package entropy

import (
	"bytes"
	"fmt"
)

// Script is a Source that hands out given bytes in order, for published
// vectors. A test that uses one checks Left at its end.
type Script struct {
	left []byte
}

// Bytes returns a Script of the concatenation of parts, which it copies.
func Bytes(parts ...[]byte) *Script {
	return &Script{left: bytes.Join(parts, nil)}
}

// Fill takes the next len(dst) bytes. Asking for more than are left is a bug of
// the caller and panics, before anything is written.
// Spec: SPEC-ENTROPY-005, SPEC-ENTROPY-009.
func (s *Script) Fill(dst []byte) {
	if len(dst) > len(s.left) {
		panic(fmt.Sprintf("entropy: script has %d bytes left, %d were asked for", len(s.left), len(dst)))
	}
	copy(dst, s.left)
	s.left = s.left[len(dst):]
}

// Left is the number of bytes not handed out yet.
func (s *Script) Left() int { return len(s.left) }

// Format prints how many bytes are left, not which, whatever the verb.
func (s Script) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "Script(%d bytes left)", len(s.left)) }
