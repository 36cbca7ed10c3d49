package mno_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"inkan/core/entropy"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// TestCanary: what an SP-TSM sends to its domain under its own keys, and the keys of
// the cards, are in no byte of what the carrier has stored, in no form.
func TestCanary(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-075")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelAuthorised)
	canary := []byte("canary: PIN, key or code")
	own := scp.KeySet{Version: 0x30, Enc: fill(0x11), MAC: fill(0x12), DEK: fill(0x13)}
	// The provider's domain: a card of its own, whose channel only the two ends know.
	domain, err := scp03.NewCard(scp03.CardConfig{Options: 0x60, AID: domainAID, Entropy: entropy.Seeded(7, "domain"),
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return &own, sequence{} }})
	must(t, err)
	host, err := scp03.Open(ctx, cardOf{domain}, scp03.HostConfig{Keys: scp03.FixedKeys(&own), KeyVersion: own.Version, Level: scp.CMAC | scp.CDecryption | scp.RMAC, Entropy: entropy.Seeded(8, "host")})
	must(t, err)
	plain := append([]byte{0x80, 0xE2, 0x90, 0x00, byte(len(canary))}, canary...)
	wrapped, err := host.Wrap(nil, plain)
	must(t, err)
	sp := w.as(spName)
	talk, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: []tsmp.Bearer{tsmp.BearerRelay}})
	must(t, err)
	_, err = sp.SendScript(ctx, w.call(), &tsmp.SendScriptRequest{Conversation: talk.Conversation, Script: 1, AID: domainAID, Form: tsmp.FormCommands, Commands: [][]byte{wrapped}})
	must(t, err)
	got := []byte(nil)
	w.join(talk.Relay, c.iccid).carry = func(cmd []byte) []byte {
		out, err := domain.Unwrap(nil, cmd)
		must(t, err)
		got = append(got, out...)
		back, err := domain.Wrap(nil, []byte{0x90, 0x00})
		must(t, err)
		return back
	}
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	if !bytes.Contains(got, canary) {
		t.Fatalf("the card got %X", got)
	}
	must(t, w.store.Close())
	all := w.files()
	if !bytes.Contains(all, []byte("deployment-ordered")) {
		t.Fatal("the files are not those of the store")
	}
	secrets := map[string][]byte{"canary": canary, "channel key": channelKeys.Enc, "packet key": packetKeys.MAC, "receipt key": receiptKey, "provider's key": own.Enc}
	for name, secret := range secrets {
		for form, b := range map[string][]byte{"bytes": secret, "hex": []byte(hex.EncodeToString(secret)), "base64": []byte(base64.RawURLEncoding.EncodeToString(secret))[:16]} {
			if bytes.Contains(all, b) || bytes.Contains(all, bytes.ToUpper(b)) {
				t.Errorf("%s is in the store as %s", name, form)
			}
		}
	}
}
