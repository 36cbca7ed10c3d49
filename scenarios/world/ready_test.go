package world

import (
	"testing"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// An app asks how far the service is before it signs where the card has work first, and
// nowhere else.
func TestAsksBeforeSigning(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-130", "SPEC-SP-TSM-055")
	w, err := New(t.Context(), Config{Seed: 1, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p := newcomer(t, w, 1)
	asked, signed := 0, false
	w.Plan.Message = func(m *Message) Fault {
		signed = signed || m.Function == tsmp.SubmitApplication
		if m.Function == tsmp.GetProgress && !signed {
			asked++
		}
		return None
	}
	for _, action := range []uiapp.Action{uiapp.ResetPIN, uiapp.Dispose, uiapp.Apply} {
		asked, signed = 0, false
		if err := p.Enrol(t.Context(), action); err != nil {
			t.Fatal(action, err)
		}
		if !signed || (asked > 0) != (action == uiapp.ResetPIN) {
			t.Errorf("%v: asked %d times before it was signed", action, asked)
		}
	}
}
