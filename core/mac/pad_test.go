package mac

import (
	"bytes"
	"testing"

	"inkan/spec/req"
	"pgregory.net/rapid"
)

func TestPad80(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-044", "SPEC-SCP03-045")
	for n := range 50 {
		for _, size := range []int{8, 16} {
			prefix := []byte{1, 2, 3}
			p := AppendPad80(append(prefix, bytes.Repeat([]byte{0x80}, n)...), len(prefix), size)[len(prefix):]
			if len(p) != PaddedLen(n, size) || len(p)%size != 0 || len(p) <= n || len(p)-n > size {
				t.Errorf("%d bytes padded to %d by blocks of %d", n, len(p), size)
			}
			if got, ok := Unpad80(p); !ok || got != n {
				t.Errorf("Unpad80 of %d bytes: %d, %v", n, got, ok)
			}
		}
	}
	for _, bad := range [][]byte{nil, {0}, make([]byte, 16), {0x80, 0x01}, {0x80, 0, 0x81}, bytes.Repeat([]byte{0xFF}, 16)} {
		if n, ok := Unpad80(bad); ok || n != 0 {
			t.Errorf("Unpad80(%X): %d, %v", bad, n, ok)
		}
	}
}

// simpleUnpad is Unpad80 said the obvious, branching way.
func simpleUnpad(b []byte) (int, bool) {
	i := len(bytes.TrimRight(b, "\x00")) - 1
	if i < 0 || b[i] != 0x80 {
		return 0, false
	}
	return i, true
}

func TestUnpad80Model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 0x80, 0x80, 1, 0xFF}), 0, 40).Draw(t, "b")
		n, ok := Unpad80(b)
		if wantN, wantOK := simpleUnpad(b); n != wantN || ok != wantOK {
			t.Fatalf("%X: %d %v, want %d %v", b, n, ok, wantN, wantOK)
		}
	})
}

func FuzzUnpad80(f *testing.F) {
	for _, s := range []string{"", "\x80", "\x00", "abc\x80\x00\x00", "\x80\x80", "\x80\x01", "0123456789abcdef"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := Unpad80(b)
		if wantN, wantOK := simpleUnpad(b); n != wantN || ok != wantOK {
			t.Fatalf("%X: %d %v, want %d %v", b, n, ok, wantN, wantOK)
		}
		if ok && !bytes.Equal(AppendPad80(bytes.Clone(b[:n]), 0, len(b)), b) {
			t.Fatalf("%X does not pad again to itself", b)
		}
	})
}
