package security

import (
	"math/big"
	"testing"
)

// FuzzParseSignature: a signature that is read is written again the same.
func FuzzParseSignature(f *testing.F) {
	f.Add(derSignature(big.NewInt(1), big.NewInt(255)))
	f.Add(derSignature(new(big.Int).Lsh(big.NewInt(1), 520), new(big.Int).Lsh(big.NewInt(1), 519)))
	f.Add([]byte{0x30, 6, 2, 1, 1, 2, 1, 1})
	f.Add([]byte{0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}) // length not in its shortest form
	f.Add([]byte{0x30, 7, 2, 2, 0, 1, 2, 1, 1})    // number not in its shortest form
	f.Add([]byte{0x30, 6, 2, 1, 1, 2, 1, 1, 0})    // a byte behind
	f.Fuzz(func(t *testing.T, b []byte) {
		r, s, ok := parseSignature(b)
		if ok && string(derSignature(r, s)) != string(b) {
			t.Fatalf("%X", b)
		}
	})
}

// Only the first of these is a signature.
func TestParseSignatureIsStrict(t *testing.T) {
	whole := []byte{0x30, 6, 2, 1, 1, 2, 1, 1}
	if _, _, ok := parseSignature(whole); !ok {
		t.Error("refused")
	}
	for n := range whole {
		if _, _, ok := parseSignature(whole[:n]); ok {
			t.Errorf("%d bytes of it are accepted", n)
		}
	}
	for _, b := range [][]byte{append(whole, 0), {0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}, {0x30, 7, 2, 2, 0, 1, 2, 1, 1}, {0x30, 6, 2, 1, 0x81, 2, 1, 1}, {0x31, 6, 2, 1, 1, 2, 1, 1}} {
		if _, _, ok := parseSignature(b); ok {
			t.Errorf("%X is accepted", b)
		}
	}
}
