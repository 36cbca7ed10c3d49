package device

import "slices"

// matrix is the models of spec/HANDSET.md, in its order.
var matrix = []Model{
	{Maker: "Sakura", Name: "Sakura S1", TAC: "35900101", OS: OpenOS, Version: 14, Sale: SIMLocked, Networks: []string{"00111"},
		OMAPI: true, Relay: true, CardNFC: NFCA | NFCB | NFCF, ReadNFC: NFCA | NFCB | NFCF, Slots: 1, SIMSlot: 1, Extended: true, SMSPP: true, UIApp: true},
	{Maker: "Sakura", Name: "Sakura S1 Free", TAC: "35900102", OS: OpenOS, Version: 14, Sale: SIMFree,
		OMAPI: true, Relay: true, CardNFC: NFCA | NFCB | NFCF, ReadNFC: NFCA | NFCB | NFCF, Slots: 2, SIMSlot: 1, Extended: true, SMSPP: true, UIApp: true},
	{Maker: "Momiji", Name: "Momiji M", TAC: "35900201", OS: OpenOS, Version: 12, Sale: SIMLocked, Networks: []string{"00112"},
		OMAPI: true, Relay: true, CardNFC: NFCA | NFCB, ReadNFC: NFCA | NFCB | NFCF, Slots: 1, SIMSlot: 1, SMSPP: true, UIApp: true},
	{Maker: "Momiji", Name: "Momiji Lite", TAC: "35900202", OS: OpenOS, Version: 11, Sale: SIMFree,
		OMAPI: true, Relay: true, ReadNFC: NFCA | NFCB, Slots: 2, SMSPP: true, UIApp: true},
	{Maker: "Tsubaki", Name: "Tsubaki T", TAC: "35900301", OS: OpenOS, Version: 13, Sale: Unlocked,
		OMAPI: true, CardNFC: NFCA | NFCB | NFCF, ReadNFC: NFCA | NFCB | NFCF, Slots: 1, SIMSlot: 1, Extended: true, SMSPP: true, UIApp: true},
	{Maker: "Ringo", Name: "Ringo 9", TAC: "35900401", OS: ClosedOS, Version: 17, Sale: SIMFree,
		CardNFC: NFCA | NFCB | NFCF, ReadNFC: NFCA | NFCB | NFCF, Slots: 2, SIMSlot: 1, Extended: true, SMSPP: true},
	{Maker: "Ume", Name: "Ume Keitai", TAC: "35900501", OS: Feature, Version: 3, Sale: SIMLocked, Networks: []string{"00111"},
		CardNFC: NFCF, Slots: 1, SIMSlot: 1, SMSPP: true},
	{Maker: "Tsubaki", Name: "Tsubaki Zero", TAC: "35900302", OS: OpenOS, Version: 8, Sale: SIMFree,
		OMAPI: true, Relay: true, CardNFC: NFCA | NFCB, ReadNFC: NFCA | NFCB, Slots: 1, SIMSlot: 1, SMSPP: true, UIApp: true, Withdrawn: true},
}

// Models are all models.
func Models() []Model {
	all := slices.Clone(matrix)
	for i := range all {
		all[i].Networks = slices.Clone(all[i].Networks)
	}
	return all
}

// Named finds a model by its name.
func Named(name string) (Model, bool) {
	return find(func(m *Model) bool { return m.Name == name })
}

// ByTAC finds a model by its type allocation code. Spec: SPEC-HANDSET-062.
func ByTAC(tac string) (Model, bool) {
	return find(func(m *Model) bool { return m.TAC == tac })
}

func find(is func(*Model) bool) (Model, bool) {
	for i := range matrix {
		if is(&matrix[i]) {
			m := matrix[i]
			m.Networks = slices.Clone(m.Networks)
			return m, true
		}
	}
	return Model{}, false
}

// CapabilityProfile is what GetDeviceCapabilityProfileId answers for the device of an
// IMEI; ok is false for a model that nobody knows. Spec: SPEC-HANDSET-061, SPEC-HANDSET-062.
func CapabilityProfile(i IMEI) (id string, ok bool) {
	m, ok := ByTAC(i.TAC())
	if !ok {
		return "", false
	}
	return m.ProfileID(), true
}
