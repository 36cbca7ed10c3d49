package scp80

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/vectors"
)

// opensslCC is the CC by OpenSSL.
func opensslCC(t *testing.T, a Algorithm, key, input []byte, size int) []byte {
	t.Helper()
	k := hex.EncodeToString(key)
	if a == AES {
		out := peer.Run(t, input, "openssl", "mac", "-cipher", fmt.Sprintf("AES-%d-CBC", 8*len(key)), "-macopt", "hexkey:"+k, "CMAC")
		full, err := hex.DecodeString(strings.TrimSpace(string(out)))
		if err != nil {
			t.Fatal(err)
		}
		return full[:size]
	}
	padded := append(bytes.Clone(input), make([]byte, (8-len(input)%8)%8)...)
	out := opensslCBC(t, a, key, padded)
	return out[len(out)-8:]
}

// opensslCBC is CBC encryption with a zero IV by OpenSSL.
func opensslCBC(t *testing.T, a Algorithm, key, plain []byte) []byte {
	t.Helper()
	name, iv := map[Algorithm]string{DES: "-des-ede-cbc", TDES2: "-des-ede-cbc", TDES3: "-des-ede3-cbc"}[a], 16
	if a == DES { // OpenSSL 3 has single DES in its legacy provider only
		key = append(bytes.Clone(key), key...)
	}
	if a == AES {
		name, iv = fmt.Sprintf("-aes-%d-cbc", 8*len(key)), 32
	}
	return peer.Run(t, plain, "openssl", "enc", name, "-K", hex.EncodeToString(key), "-iv", strings.Repeat("0", iv), "-nopad")
}

// TestVectorsAgainstOpenSSL computes CC and ciphertext of every command vector
// from its intermediate values.
func TestVectorsAgainstOpenSSL(t *testing.T) {
	peer.Need(t, "openssl")
	for _, v := range vectors.Load[commandVector](t, "scp80_command.json") {
		if v.Fail != "" {
			continue
		}
		spi, kid, kic := spiOf(v.SPI), KeyReference(v.KIDRef[0]), KeyReference(v.KIcRef[0])
		inside := v.Packet[headLen+commandClear:]
		if spi.Ciphered() {
			if got := opensslCBC(t, kic.Algorithm(), v.KIc, v.Inner); !bytes.Equal(got, inside) {
				t.Errorf("%s: ciphertext %X", v.Name, got)
			}
			inside = v.Inner
		}
		if spi.Integrity() != CC {
			continue
		}
		size := int(v.Packet[2]) - 13
		if got := opensslCC(t, kid.Algorithm(), v.KID, v.CCInput, size); !bytes.Equal(got, inside[counterTail:counterTail+size]) {
			t.Errorf("%s: CC %X", v.Name, got)
		}
	}
}
