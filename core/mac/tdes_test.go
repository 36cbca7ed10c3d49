package mac_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/core/mac"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestExpandTDESKey(t *testing.T) {
	k16 := unhex(t, "000102030405060708090a0b0c0d0e0f")
	got, err := mac.ExpandTDESKey(k16)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(bytes.Clone(k16), k16[:8]...), got[:]); diff != "" {
		t.Error(diff)
	}
	k24 := unhex(t, "000102030405060708090a0b0c0d0e0f1011121314151617")
	got, err = mac.ExpandTDESKey(k24)
	if err != nil || !bytes.Equal(got[:], k24) {
		t.Errorf("24-byte key changed: %x, %v", got, err)
	}
	for n := range 40 {
		_, err := mac.ExpandTDESKey(make([]byte, n))
		if ok := n == 16 || n == 24; ok != (err == nil) {
			t.Errorf("%d bytes: error %v", n, err)
		}
		if _, err := mac.NewRetail(make([]byte, n)); (n == 16) != (err == nil) {
			t.Errorf("NewRetail, %d bytes: error %v", n, err)
		}
	}
}

// The MAC is the last block of a triple-DES CBC encryption.
func TestTDESMACIsLastCBCBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 24, 24).Draw(t, "key")[:rapid.SampledFrom([]int{16, 24}).Draw(t, "size")]
		msg := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "msg")
		m, err := mac.NewTDESMAC(key)
		if err != nil {
			t.Fatal(err)
		}
		writeSplit(t, m, msg)
		got := m.Append(nil)

		block, err := mac.NewTDES(key)
		if err != nil {
			t.Fatal(err)
		}
		padded := append(bytes.Clone(msg), make([]byte, (8-len(msg)%8)%8)...)
		if len(padded) == 0 {
			padded = make([]byte, 8)
		}
		want := make([]byte, 8)
		for ; len(padded) > 0; padded = padded[8:] {
			for i := range want {
				want[i] ^= padded[i]
			}
			block.Encrypt(want, want)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("got %x, want %x", got, want)
		}
	})
}

// writeSplit writes msg in pieces of random sizes.
func writeSplit(t *rapid.T, w interface{ Write([]byte) (int, error) }, msg []byte) {
	for len(msg) > 0 {
		n := rapid.IntRange(0, len(msg)).Draw(t, "piece")
		if got, err := w.Write(msg[:n]); got != n || err != nil {
			t.Fatalf("Write = %d, %v", got, err)
		}
		msg = msg[n:]
		if n == 0 {
			w.Write(msg[:1])
			msg = msg[1:]
		}
	}
}

func TestMACsDoNotAllocate(t *testing.T) {
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	r, _ := mac.NewRetail(key)
	d, _ := mac.NewTDESMAC(key)
	msg, out := make([]byte, 251), make([]byte, 0, 16)
	if n := testing.AllocsPerRun(100, func() {
		r.ResetEncryptedICV([8]byte{1})
		r.Write(msg)
		out = r.Append(out[:0])
		d.Reset()
		d.Write(msg)
		out = d.Append(out[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
