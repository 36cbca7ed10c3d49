package pcsc

import (
	"path/filepath"
	"testing"

	"inkan/scenarios/overtheair"
	"inkan/sim/profile"
	"inkan/spec/peer"
)

// OpenSC signs with a card whose application arrived by LOAD through a secure
// channel, was deleted, and came again by short messages alone.
func TestOverTheAir(t *testing.T) {
	for _, program := range []string{"pcscd", "vpcd-config", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl"} {
		peer.Need(t, program)
	}
	if !alone(t) {
		return
	}
	daemonUp(t)
	for _, p := range profile.All() {
		t.Run(p.Name, func(t *testing.T) {
			o := Options{Demo: true, Profile: p.Name, Image: filepath.Join(t.TempDir(), "card")}
			_, out := inserted(t, o, firstSlot)
			signs(t)
			out()
			s := open(t, o)
			if _, err := overtheair.Run(t.Context(), overtheair.Config{Card: s.Card, Seed: 2, Delivered: true, Conditions: overtheair.Conditions{Loss: 5}}); err != nil {
				t.Fatal(err)
			}
			closed(t, s)
			again, out := inserted(t, o, firstSlot)
			if !again.Known {
				t.Error("another card")
			}
			says(t, []string{"jpki"}, "opensc-tool", "-n")
			signs(t)
			out()
		})
	}
}
