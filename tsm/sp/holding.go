package sp

import (
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// holding is what a service instance's row keeps besides.
type holding struct {
	App         tsmp.PartyID   // the device key
	Busy        row.WorkflowID // that works on it; zero: none
	Phase       tsmp.Phase     // on the card; 0: nothing personal
	Profile     string         // of the SIM
	Bearers     []tsmp.Bearer  // that reach it in the phone it was issued for, the preferred one first
	Order       []byte         // that what is on the card came of, 138 bytes; nil: not known
	Touched     bool           // an order may have reached the card: there may be something to erase
	Software    [32]byte       // of the load file on the card; zero: none, or not known
	Attestation [32]byte       // identifier of the authority's key
	Pseudonym   tsmp.Pseudonym
	Counter     uint64 // of the last packet
	NotAfter    time.Time
	Erased      time.Time // when the authority recorded it

	Wanted tsmp.Phase // by the authority's last word about the certificate: operational or held; 0: none is known
	Since  time.Time  // of that state, by the authority's clock
	Unsure bool       // a hold or its end may have reached the card, and Phase be of before
}

// Format implements codec.Row.
func (*holding) Format() string { return "service instance's holding" }

// Version implements codec.Row.
func (*holding) Version() byte { return 2 }

// Fields implements codec.Row.
func (h *holding) Fields(f *codec.Fields) {
	holding1{h}.Fields(f)
	codec.Enum(f, "wanted", &h.Wanted, 0, tsmp.PhaseErased)
	f.Time("since", &h.Since)
	f.Bool("unsure", &h.Unsure)
}

// holding1 is a holding from before the authority's word was kept.
type holding1 struct{ *holding }

// Version implements codec.Row.
func (holding1) Version() byte { return 1 }

// Fields implements codec.Row.
func (h holding1) Fields(f *codec.Fields) {
	codec.Text(f, "app", &h.App)
	f.Raw("busy", h.Busy[:])
	codec.Enum(f, "phase", &h.Phase, 0, tsmp.PhaseErased)
	f.Bytes("order", &h.Order)
	codec.Text(f, "profile", &h.Profile)
	bearers(f, "bearers", &h.Bearers)
	f.Bool("touched", &h.Touched)
	f.Raw("software", h.Software[:])
	f.Raw("attestation", h.Attestation[:])
	f.Raw("pseudonym", h.Pseudonym[:])
	f.Uint64("counter", &h.Counter)
	f.Time("not after", &h.NotAfter)
	f.Time("erased", &h.Erased)
}

// read decodes a holding of either version. Of an earlier one it is not known whether the
// card is in the phase that is written. Spec: SPEC-SP-TSM-039.
func (h *holding) read(b []byte) error {
	if len(b) > 0 && b[0] == (holding1{}).Version() {
		h.Wanted, h.Since, h.Unsure = 0, time.Time{}, true
		return codec.Decode(b, holding1{h})
	}
	return codec.Decode(b, h)
}
