package mac_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"inkan/core/mac"
	"inkan/spec/peer"
)

// opensslCBC encrypts whole blocks with openssl, IV given. Single DES is triple
// DES with three equal keys, which needs no legacy provider.
func opensslCBC(t *testing.T, key, iv, msg []byte) []byte {
	t.Helper()
	return peer.Run(t, msg, "openssl", "enc", "-des-ede3-cbc", "-nopad", "-K", hex.EncodeToString(key), "-iv", hex.EncodeToString(iv))
}

func TestDESMACsAgreeWithOpenSSL(t *testing.T) {
	peer.Need(t, "openssl")
	for n := range 26 {
		key, icv := make([]byte, 24), make([]byte, 8)
		for i := range key {
			key[i] = byte(17*n + 29*i + 3)
		}
		for i := range icv {
			icv[i] = byte(n * (i + 1))
		}
		msg := bytes.Repeat([]byte{byte(n), 0xA5, 0x3C}, n)[:n*2]

		full, err := mac.NewTDESMAC(key)
		if err != nil {
			t.Fatal(err)
		}
		full.Write(msg)
		padded := append(bytes.Clone(msg), make([]byte, (8-len(msg)%8)%8)...)
		if n == 0 {
			padded = make([]byte, 8)
		}
		want := opensslCBC(t, key, make([]byte, 8), padded)
		if got := full.Append(nil); !bytes.Equal(got, want[len(want)-8:]) {
			t.Errorf("triple-DES CBC-MAC of %d bytes: %X, openssl %X", len(msg), got, want[len(want)-8:])
		}

		retail, err := mac.NewRetail(key[:16])
		if err != nil {
			t.Fatal(err)
		}
		retail.ResetICV([8]byte(icv))
		retail.Write(msg)
		padded = append(bytes.Clone(msg), 0x80)
		for len(padded)%8 != 0 {
			padded = append(padded, 0)
		}
		chain, last := icv, padded[len(padded)-8:]
		if head := padded[:len(padded)-8]; len(head) > 0 {
			out := opensslCBC(t, bytes.Repeat(key[:8], 3), icv, head)
			chain = out[len(out)-8:]
		}
		want = opensslCBC(t, append(bytes.Clone(key[:16]), key[:8]...), chain, last)
		if got := retail.Append(nil); !bytes.Equal(got, want) {
			t.Errorf("retail MAC of %d bytes: %X, openssl %X", len(msg), got, want)
		}
	}
}
