package hsm

import (
	"bytes"
	"testing"

	"inkan/core/entropy"
	"inkan/core/keys"
	"inkan/core/scp"
)

// module is one with a master of each use.
func module(t testing.TB, seed uint64) *Software {
	t.Helper()
	m, err := NewSoftware(Config{Label: "hsm-1", KEK: bytes.Repeat([]byte{0x11}, KEKBytes), Entropy: entropy.Seeded(seed, "hsm")})
	if err != nil {
		t.Fatal(err)
	}
	for label, master := range map[string]Master{
		"packets": {UseSCP80, keys.AES, keys.KDF3, set80(1)},
		"old":     {UseSCP80, keys.DES, keys.EMV, set80(2)},
		"channel": {UseSCP03, keys.AES, keys.KDF3, filled(0x30, 32)},
		"legacy":  {UseSCP02, keys.DES, keys.VISA2, filled(0x20, 16)},
		"receipt": {UseReceipt, keys.AES, keys.KDF3, scp.KeySet{Version: 0x71, Enc: canary(9, 16)}},
	} {
		if err := m.AddMaster(label, master); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// canary is a key that a search finds again.
func canary(n byte, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = 0xC0 ^ n ^ byte(i*37)
	}
	return b
}

func filled(version byte, size int) scp.KeySet {
	return scp.KeySet{Version: version, Enc: canary(version, size), MAC: canary(version+1, size), DEK: canary(version+2, size)}
}

func set80(version byte) scp.KeySet { return filled(version, 16) }

var kdd = []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
