package personalise_test

import (
	"context"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki/perso"
	"inkan/scenarios/personalise"
	"inkan/sim/os"
	"inkan/spec/req"
)

// TestUICC personalises and uses the application on a card with the whole
// operating system, over both channel protocols.
func TestUICC(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-033", "SPEC-UICC-OS-041", "SPEC-UICC-OS-066")
	for _, protocol := range []byte{gp.SCP03, gp.SCP02} {
		card, err := os.New(os.Config{})
		if err != nil {
			t.Fatal(err)
		}
		file, err := personalise.LoadFile(context.Background(), "../../sim/applets/jpki/jpki.cap")
		if err != nil {
			t.Fatal(err)
		}
		_, err = personalise.Run(context.Background(), personalise.Config{Card: card, LoadFile: file, SCP: protocol, LifeCycle: true,
			Authority: perso.ECDSAAuthority{Key: card.AuthorityKey()}})
		if err != nil {
			t.Errorf("SCP%02X: %v", protocol, err)
		}
	}
}
