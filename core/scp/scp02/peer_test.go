package scp02

import (
	"encoding/hex"
	"slices"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/vectors"
)

// opensslTDES runs openssl's two-key triple DES, IV zero.
func opensslTDES(t *testing.T, mode, key string, msg []byte, args ...string) []byte {
	t.Helper()
	all := append([]string{"enc", mode, "-nopad", "-K", key}, args...)
	if mode == "-des-ede-cbc" {
		all = append(all, "-iv", "0000000000000000")
	}
	return peer.Run(t, msg, "openssl", all...)
}

// TestVectorsAgreeWithOpenSSL recomputes session keys, cryptograms, encrypted
// commands and sensitive data of the vectors with openssl.
func TestVectorsAgreeWithOpenSSL(t *testing.T) {
	peer.Need(t, "openssl")
	for _, v := range vectors.Load[vector](t, "scp02.json") {
		t.Run(v.Name, func(t *testing.T) {
			seq := v.Response[12:14]
			macKey := v.MAC
			if len(macKey) == 0 {
				macKey = v.Enc
			}
			for _, k := range []struct {
				constant byte
				base     []byte
				want     []byte
			}{{0x82, v.Enc, v.SENC}, {0x01, macKey, v.SMAC}, {0x02, macKey, v.SRMAC}} {
				if len(k.want) > 0 {
					data := slices.Concat([]byte{0x01, k.constant}, seq, make([]byte, 12))
					wantBytes(t, "session key", opensslTDES(t, "-des-ede-cbc", hex.EncodeToString(k.base), data), k.want)
				}
			}
			sENC := hex.EncodeToString(v.SENC)
			host, card := v.InitializeUpdate[5:13], v.Response[12:20]
			got := opensslTDES(t, "-des-ede-cbc", sENC, oraclePad(slices.Concat(host, card)))
			wantBytes(t, "card cryptogram", got[16:], v.CardCryptogram)
			got = opensslTDES(t, "-des-ede-cbc", sENC, oraclePad(slices.Concat(card, host)))
			wantBytes(t, "host cryptogram", got[16:], v.HostCryptogram)
			for _, x := range v.Commands {
				if v.Level[0]&0x02 != 0 && len(x.Plain) > 5 {
					n := int(x.Protected[4]) - 8
					data := opensslTDES(t, "-des-ede-cbc", sENC, x.Protected[5:5+n], "-d")
					wantBytes(t, "decrypted data", data, oraclePad(x.Plain[5:5+int(x.Plain[4])]))
				}
			}
			if s := v.Sensitive; s != nil {
				wantBytes(t, "sensitive data", opensslTDES(t, "-des-ede", hex.EncodeToString(v.SDEK), s.Plain), s.Encrypted)
			}
		})
	}
}
