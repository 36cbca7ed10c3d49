package os

import (
	"bytes"
	"testing"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
)

// FuzzCard sends bytes as commands: in clear, then through a session. The card
// answers each, never shows a key, and boots again.
func FuzzCard(f *testing.F) {
	for _, s := range []string{"00A4040000", "80CA006600", "80F28002024F00", "80E60C001A07A000000151535008A00000015153504108A000000151535099018002C90000",
		"80E602000D08F0696E6B616E430F0000000000", "80E880000AC408AABBCCDDEEFF0011", "80E400800A4F08F0696E6B616E430F00", "80D80081204088108899AABBCCDDEEFF8899AABBCCDDEEFF03112233",
		"80E28800060070034201AA00", "80E2880019" + "00A60FA60D90020301950 15C8001888101108301317F4900", "80F0800F", "80F040830 5A000000151", "807A100101 00", "0070000001", "80CA00E000"} {
		f.Add(unhexLoose(s))
	}
	f.Add(unhexLoose("AA07220580CA006600"))
	f.Add(unhexLoose("AE80220580CA0066000000"))
	secret := bytes.Repeat([]byte{0xE5, 0x1C}, 8)
	set := &scp.KeySet{Version: 0x30, Enc: secret, MAC: secret, DEK: secret}
	ota := &scp.KeySet{Version: 1, Enc: secret, MAC: secret, DEK: secret}
	f.Fuzz(func(t *testing.T, b []byte) {
		card := newCard(t, Config{Issuer: Issuer{Keys: append(KeySet(keys.AES, set), KeySet(keys.AES, ota)...)}, Channels: 3, Contactless: true})
		check := func(out []byte, err error) {
			t.Helper()
			if err != nil || len(out) < 2 {
				t.Fatalf("%X: %X, %v", b, out, err)
			}
			if bytes.Contains(out, secret[:8]) {
				t.Fatalf("%X: a key in %X", b, out)
			}
		}
		check(card.Transmit(ctx, b, nil))
		host := open(t, card, gp.AID{}, channelOf{keys: set})
		if len(b) >= 5 && len(b) < 200 && scp.PlainClass(b[0]) {
			if wrapped, err := host.Host.Wrap(nil, b); err == nil {
				check(card.Transmit(ctx, wrapped, nil))
			}
		}
		if _, err := card.Receive(b); err != nil {
			t.Fatal(err)
		}
		packet, _, err := server(t, ota, fullSPI, scp80.AES, new(memoryCounter)).Seal(nil, scp80.TARIssuerSD, b)
		if err == nil {
			if out, err := card.Receive(packet); err != nil || bytes.Contains(out.Packet, secret[:8]) {
				t.Fatalf("%X: %+v, %v", b, out, err)
			}
		}
		before := snapshot(t, card)
		if _, err := card.Reset(ctx, true); err != nil {
			t.Fatal(err)
		}
		if after := snapshot(t, card); after != before {
			t.Fatalf("%X: a reset changes\n%q\nto\n%q", b, before, after)
		}
	})
}

func unhexLoose(s string) []byte {
	var b []byte
	n, v := 0, byte(0)
	for _, c := range []byte(s) {
		i := bytes.IndexByte([]byte("0123456789ABCDEF"), c)
		if i < 0 {
			continue
		}
		v = v<<4 | byte(i)
		if n++; n%2 == 0 {
			b = append(b, v)
		}
	}
	return b
}
