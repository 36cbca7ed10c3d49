package hsm

import (
	"fmt"

	"inkan/core/keys"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Use is what a key set is for: the words of row.Key.Use.
type Use string

// Uses.
const (
	UseSCP80   Use = "scp80"   // KIc, KID, KIK of packets
	UseSCP02   Use = "scp02"   // a secure channel's keys
	UseSCP03   Use = "scp03"   // a secure channel's keys
	UseReceipt Use = "receipt" // one key, of a card's receipts
)

// known tells whether key sets have this use.
func (u Use) known() bool { return u == UseSCP80 || u == UseSCP02 || u == UseSCP03 || u == UseReceipt }

// KeyRef names a key set: by a master key set of the module and the card's
// diversification data, or by a blob of the module. It has no key in it.
type KeyRef struct {
	Use     Use
	Version byte   // key version number on the card
	Master  string // label of the master keys; empty: Wrapped
	// Diversification is the card's KDD, 10 bytes, with Master. Without it the keys of
	// a channel are those of the card that answers INITIALIZE UPDATE.
	Diversification []byte
	Wrapped         row.Wrapped // without Master
}

// Stored is the key set of a row.
func Stored(k row.Key) KeyRef { return KeyRef{Use: Use(k.Use), Version: k.Version, Wrapped: k.Wrapped} }

// Row is the key set as rows have it; it is for wrapped ones.
func (k *KeyRef) Row() row.Key {
	return row.Key{Use: string(k.Use), Version: k.Version, Wrapped: k.Wrapped}
}

// Zero reports whether nothing is named.
func (k *KeyRef) Zero() bool { return k.Use == "" && k.Master == "" && k.Wrapped.Zero() }

// Valid tells what is wrong with a reference. Spec: SPEC-HSM-010.
func (k *KeyRef) Valid() error {
	switch {
	case !k.Use.known():
		return fmt.Errorf("hsm: key of use %q: want scp80, scp02, scp03 or receipt", k.Use)
	case (k.Master == "") == k.Wrapped.Zero():
		return fmt.Errorf("hsm: %s key %02X: want a master's label or a wrapped key", k.Use, k.Version)
	case k.Master == "" && len(k.Diversification) > 0:
		return fmt.Errorf("hsm: %s key %02X: diversification data without a master", k.Use, k.Version)
	case len(k.Diversification) != 0 && len(k.Diversification) != keys.KDDSize:
		return fmt.Errorf("hsm: %s key %02X: diversification data of %d bytes, want %d", k.Use, k.Version, len(k.Diversification), keys.KDDSize)
	}
	return nil
}

// Fields describes a reference to a strict codec, for states that hold one. Zero is
// encoded too.
func (k *KeyRef) Fields(f *codec.Fields, path string) {
	codec.Text(f, path+" use", &k.Use)
	f.Byte(path+" version", &k.Version)
	codec.Text(f, path+" master", &k.Master)
	f.Bytes(path+" diversification", &k.Diversification)
	codec.Text(f, path+" wrapped label", &k.Wrapped.Label)
	f.Bytes(path+" wrapped", &k.Wrapped.Blob)
}
