package mac

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/spec/peer"
)

// TestOpenSSLCMAC compares with OpenSSL for every length around the blocks.
func TestOpenSSLCMAC(t *testing.T) {
	for _, size := range []int{16, 24, 32} {
		key := bytes.Repeat([]byte{byte(size), 0x5A}, size/2)
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 272, 273, 1000} {
			message := bytes.Repeat([]byte{byte(n), 0x80, 0x00}, n)[:n]
			out := peer.Run(t, message, "openssl", "mac", "-cipher", fmt.Sprintf("AES-%d-CBC", 8*size),
				"-macopt", "hexkey:"+hex.EncodeToString(key), "CMAC")
			want := strings.ToLower(strings.TrimSpace(string(out)))
			m, _ := NewCMAC(key)
			m.Write(message)
			if got := hex.EncodeToString(m.Append(nil)); got != want {
				t.Errorf("AES-%d, %d bytes: %s, OpenSSL says %s", 8*size, n, got, want)
			}
		}
	}
}

// TestOpenSSLKDF compares with OpenSSL's KBKDF: a four-byte counter, then label
// || 00 || context || L (four bytes, bits).
func TestOpenSSLKDF(t *testing.T) {
	for _, size := range []int{16, 24, 32, 80} {
		key, label, context := bytes.Repeat([]byte{0x42}, 16), []byte("label"), []byte("context")
		out := peer.Run(t, nil, "openssl", "kdf", "-binary", "-keylen", fmt.Sprint(size), "-kdfopt", "mac:CMAC", "-kdfopt", "cipher:AES-128-CBC",
			"-kdfopt", "mode:COUNTER", "-kdfopt", "hexkey:"+hex.EncodeToString(key), "-kdfopt", "salt:"+string(label),
			"-kdfopt", "info:"+string(context), "KBKDF")
		bits := 8 * size
		after := append([]byte("label\x00context"), 0, 0, byte(bits>>8), byte(bits))
		k, _ := NewKDF(key)
		got := make([]byte, size)
		if err := k.Counter(got, 4, nil, after); err != nil || !bytes.Equal(got, out) {
			t.Errorf("%d bytes: %X, OpenSSL says %X", size, got, out)
		}
	}
}
