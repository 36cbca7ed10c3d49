package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/spec/req"
)

// The life cycle state that commands are decided by is that of the memory, also when
// the transaction that changed it is taken back.
func TestStateInRAM(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-071", "SPEC-UICC-OS-072")
	cfg, _ := onFlash(t)
	cfg.State = gp.CardSecured
	card := newCard(t, cfg)
	want := func(s gp.LifeCycle) {
		t.Helper()
		if card.state() != s || revive(t, card.cfg.Flash).state() != s {
			t.Fatalf("%v, in the memory %v, want %v", card.state(), revive(t, card.cfg.Flash).state(), s)
		}
	}
	want(gp.CardSecured)
	if err := card.guarded(func() error {
		return card.transaction(func() error {
			if err := card.setState(gp.CardLocked); err != nil || card.state() != gp.CardLocked {
				t.Errorf("in the transaction %v, %v", card.state(), err)
			}
			return iso7816.ConditionsNotSatisfied
		})
	}); err != iso7816.ConditionsNotSatisfied {
		t.Fatal(err)
	}
	want(gp.CardSecured)
	if err := card.guarded(func() error { return card.setState(gp.CardLocked) }); err != nil {
		t.Fatal(err)
	}
	want(gp.CardLocked)
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	want(gp.CardLocked)
}
