package world

import (
	"testing"

	"inkan/core/jpki"
	"inkan/sim/handset/uiapp"
)

// deployed is a world in which a resident has key and certificate in the SIM.
func deployed(t *testing.T) (*World, *Phone) {
	t.Helper()
	w, err := New(t.Context(), Config{Seed: 1, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, newcomer(t, w, 1)
}

// newcomer is a resident who has applied and has everything.
func newcomer(t *testing.T, w *World, n uint32) *Phone {
	t.Helper()
	who, err := w.Resident(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Carriers["minato"].Sell(t.Context(), who.Name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Phone(t.Context(), who, s, PhoneConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Enrol(t.Context(), uiapp.Apply); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestInvariantsHold(t *testing.T) {
	w, p := deployed(t)
	if err := w.Invariants(t.Context()); err != nil {
		t.Error(err)
	}
	traces, err := p.SIM.Traces(t.Context())
	if err != nil || !traces.Domain || !traces.Applet || !traces.LoadFile || traces.Phase != jpki.Active || len(traces.Certificate) == 0 {
		t.Errorf("%+v, %v", traces, err)
	}
}
