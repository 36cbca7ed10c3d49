package scp03

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/spec/peer"
)

// opensslCMAC is AES-CMAC by OpenSSL.
func opensslCMAC(t *testing.T, key, message []byte) []byte {
	t.Helper()
	out := peer.Run(t, message, "openssl", "mac", "-cipher", fmt.Sprintf("AES-%d-CBC", 8*len(key)),
		"-macopt", "hexkey:"+hex.EncodeToString(key), "CMAC")
	return unhex(strings.TrimSpace(string(out)))
}

// opensslBlock is one AES block by OpenSSL.
func opensslBlock(t *testing.T, key, block []byte) []byte {
	t.Helper()
	return peer.Run(t, block, "openssl", "enc", fmt.Sprintf("-aes-%d-ecb", 8*len(key)), "-K", hex.EncodeToString(key), "-nopad")
}

// OpenSSL's own counter-mode KDF puts its input together in another order, so
// that its blocks are compared one by one: CMAC over the layout of the spec.
func opensslKDF(t *testing.T, key []byte, constant byte, size int, context []byte) (out []byte) {
	for i := byte(1); len(out) < size; i++ {
		input := append(make([]byte, 11), constant, 0, byte(8*size>>8), byte(8*size), i)
		out = append(out, opensslCMAC(t, key, append(input, context...))...)
	}
	return out[:size]
}

// TestOpenSSL recomputes the published and our own exchanges: keys,
// cryptograms, chaining values and ICVs.
func TestOpenSSL(t *testing.T) {
	for n, v := range exchanges(t) {
		if n%5 != 0 { // a process for every value is slow
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			context := append(bytes.Clone(v.host()), v.cardChallenge()...)
			for _, c := range []struct {
				name     string
				key      []byte
				constant byte
				want     []byte
			}{
				{"S-ENC", v.Enc, constSENC, v.SENC}, {"S-MAC", v.MAC, constSMAC, v.SMAC}, {"S-RMAC", v.MAC, constSRMAC, v.SRMAC},
				{"card cryptogram", v.SMAC, constCardCryptogram, v.CardCryptogram},
				{"host cryptogram", v.SMAC, constHostCryptogram, v.HostCryptogram},
			} {
				if got := opensslKDF(t, c.key, c.constant, len(c.want), context); !bytes.Equal(got, c.want) {
					t.Errorf("%s: OpenSSL says %X, the vector %X", c.name, got, c.want)
				}
			}
			for i, s := range v.Steps {
				if s.MACInput != nil {
					if got := opensslCMAC(t, v.SMAC, s.MACInput); !bytes.Equal(got, s.CMAC) {
						t.Errorf("step %d: OpenSSL's C-MAC %X, the vector's %X", i, got, s.CMAC)
					}
				}
				block := make([]byte, 16)
				block[15] = byte(s.Counter)
				if s.CommandICV != nil {
					if got := opensslBlock(t, v.SENC, block); !bytes.Equal(got, s.CommandICV) {
						t.Errorf("step %d: OpenSSL's ICV %X, the vector's %X", i, got, s.CommandICV)
					}
				}
				if block[0] = 0x80; s.ResponseICV != nil {
					if got := opensslBlock(t, v.SENC, block); !bytes.Equal(got, s.ResponseICV) {
						t.Errorf("step %d: OpenSSL's response ICV %X, the vector's %X", i, got, s.ResponseICV)
					}
				}
			}
		})
	}
}
