package os

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestLoadedHash: the entry of a load file has the SHA-256 of what came, deciphered,
// whatever was announced, over a restart, and until it is deleted.
func TestLoadedHash(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-144", "SPEC-RUNTIME-142", "SPEC-RUNTIME-145")
	block := corpus(t, "pin")
	want := sha256.Sum256(block)
	announced := func(h crypto.Hash) []byte { b, _ := gp.LoadFileHash(h, block); return b }
	key, icv := keySet(0, 0x30).Enc, unhex(t, "000102030405060708090A0B0C0D0E0F")
	padded := append(bytes.Clone(block), 0x80)
	padded = append(padded, make([]byte, (16-len(padded)%16)%16)...)
	for name, c := range map[string]struct {
		hash []byte
		file gp.LoadFile
	}{
		"nothing announced": {nil, gp.LoadFile{Content: block}},
		"SHA-1":             {announced(crypto.SHA1), gp.LoadFile{Content: block}},
		"SHA-256":           {announced(crypto.SHA256), gp.LoadFile{Content: block}},
		"ciphered":          {nil, gp.LoadFile{Content: encryptCBC(t, key, icv, padded), Ciphered: true, ICV: icv}},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{})
			host := open(t, card, gp.AID{}, channelOf{})
			put(t, host, 0x75, 1, []gp.KeyValue{{Type: keys.AES, Value: key}}, iso7816.OK)
			do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, Hash: c.hash}, iso7816.OK)
			transfer(t, host, &c.file, iso7816.OK)
			knows := func(hash []byte) {
				t.Helper()
				got, ok := (*platform)(card).LoadFileOf(&runtime.Applet{PackageAID: pinPackage.Append(nil)})
				if ok != (hash != nil) || ok && !bytes.Equal(got[:], hash) {
					t.Errorf("the card knows %X, %v, want %X", got, ok, hash)
				}
			}
			knows(want[:])
			if _, err := card.Reset(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			knows(want[:])
			old, _ := card.entry(pinPackage)
			old.hash = nil // a card from before hashes were kept
			if err := card.put(&old); err != nil {
				t.Fatal(err)
			}
			knows(nil)
			host = open(t, card, gp.AID{}, channelOf{})
			do(t, host, gp.Delete{AID: pinPackage}, iso7816.OK)
			knows(nil)
		})
	}
}
