package entropy

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/spec/req"
)

func TestScript(t *testing.T) {
	req.Covers(t, "SPEC-ENTROPY-005", "SPEC-ENTROPY-009")
	given := []byte{1, 2, 3}
	s := Bytes(given, nil, []byte{4, 5})
	given[0] = 9 // it was copied
	if got := take(s, 2); !bytes.Equal(got, []byte{1, 2}) || s.Left() != 3 {
		t.Errorf("%X, %d left", got, s.Left())
	}
	s.Fill(nil)
	dst := []byte{7, 7, 7, 7}
	func() {
		defer func() {
			const want = "entropy: script has 3 bytes left, 4 were asked for"
			if got := recover(); got != want {
				t.Errorf("panic %v, want %q", got, want)
			}
		}()
		s.Fill(dst)
	}()
	if !bytes.Equal(dst, []byte{7, 7, 7, 7}) || s.Left() != 3 {
		t.Error("an exhausted script handed out bytes")
	}
	if got := fmt.Sprintf("%v %+v", s, *s); got != "Script(3 bytes left) Script(3 bytes left)" {
		t.Error(got)
	}
	if got := take(s, 3); !bytes.Equal(got, []byte{3, 4, 5}) || s.Left() != 0 {
		t.Errorf("%X, %d left", got, s.Left())
	}
}

func TestSystemFillsAll(t *testing.T) {
	s := System()
	s.Fill(nil)
	seen := make([]byte, 64) // OR over many runs: every byte is reached
	for range 64 {
		b := make([]byte, len(seen))
		s.Fill(b)
		for i := range b {
			seen[i] |= b[i]
		}
	}
	for i, b := range seen {
		if b == 0 {
			t.Errorf("byte %d stayed zero in 64 runs", i)
		}
	}
	if bytes.Equal(take(s, 32), take(s, 32)) {
		t.Error("two times the same 32 bytes")
	}
}
