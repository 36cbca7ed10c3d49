package instance

import (
	"errors"
	"slices"

	"inkan/core/keys"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Format implements codec.Row.
func (*TakeOver) Format() string { return "take-over program" }

// Version implements codec.Row.
func (*TakeOver) Version() byte { return 1 }

// Fields implements codec.Row.
func (t *TakeOver) Fields(f *codec.Fields) {
	h := &t.handover
	f.Raw("reference", h.Reference[:])
	f.Raw("SE", h.SE[:])
	codec.List(f, "sets", &h.Sets, func(f *codec.Fields, s *KeySet) {
		codec.Text(f, "use", &s.Use)
		f.Byte("version", &s.Version)
		codec.Enum(f, "type", &s.Type, keys.DES, keys.AES)
		size := byte(s.SizeBytes)
		f.Byte("size", &size)
		s.SizeBytes = int(size)
	})
	codec.List(f, "bearers", &h.Bearers, func(f *codec.Fields, b *tsmp.Bearer) { codec.Enum(f, "bearer", b, tsmp.BearerSMS, tsmp.BearerRelay) })
	codec.Enum(f, "stage", &t.stage, takeAuthority, takeDone)
	codec.Enum(f, "refusals", &t.refusals, 0, maxRefusals)
	f.Bytes("agreement key", &t.agreement)
	f.Raw("attestation key", t.attestation[:])
	wrapped(f, "ephemeral", &t.ephemeral)
	f.Bytes("ephemeral point", &t.public)
	codec.List(f, "held", &t.held, func(f *codec.Fields, k *row.Key) {
		codec.Text(f, "use", &k.Use)
		f.Byte("version", &k.Version)
		wrapped(f, "key", &k.Wrapped)
	})
	f.Bytes("versions", &t.versions)
}

func wrapped(f *codec.Fields, path string, w *row.Wrapped) {
	codec.Text(f, path+" label", &w.Label)
	f.Bytes(path, &w.Blob)
}

// check tells what no TakeOver can be. Spec: SPEC-INSTANCE-005.
func (t *TakeOver) check() error {
	if err := t.handover.valid(); err != nil {
		return err
	}
	const pointLen = 65
	switch enrolling, held := t.stage == takeEnrol, t.stage > takeEnrol; {
	case (len(t.agreement) == pointLen) != (t.stage > takeAuthority) || len(t.agreement) != 0 && len(t.agreement) != pointLen:
		return errors.New("the authority's key missing, or too early")
	case (t.attestation != [32]byte{}) && t.stage == takeAuthority:
		return errors.New("the key that attests too early")
	case t.ephemeral.Zero() == enrolling || (len(t.public) == pointLen) != enrolling || len(t.public) != 0 && !enrolling:
		return errors.New("the ephemeral key missing, or not needed")
	case !held && len(t.held) > 0 || held && len(t.held) != len(t.handover.Sets):
		return errors.New("keys missing, or too early")
	case (len(t.versions) > 0) && t.stage < takeInventory || len(t.versions) == 0 && t.stage > takeInventory:
		return errors.New("versions missing, or too early")
	case !slices.IsSorted(t.versions) || len(slices.Compact(slices.Clone(t.versions))) != len(t.versions):
		return errors.New("versions not rising")
	}
	for i, k := range t.held {
		if s := t.handover.Sets[i]; hsm.Use(k.Use) != s.Use || k.Version != s.Version || k.Wrapped.Zero() {
			return errors.New("keys of another set")
		}
	}
	return nil
}
