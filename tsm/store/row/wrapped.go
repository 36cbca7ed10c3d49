package row

import (
	"errors"
	"fmt"

	"inkan/tsm/store/codec"
)

// Wrapped is key material as rows hold it: encrypted by a key that an HSM has,
// or the HSM's own handle of the key. Spec: SPEC-STORE-050.
type Wrapped struct {
	Label string // of the wrapping key, or of the HSM that has the key
	Blob  []byte // opaque to everything but the HSM
}

// Format prints the label and no byte of the blob, whatever the verb.
func (w Wrapped) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "wrapped by %q", w.Label) }

// MarshalText is what Format prints.
func (w Wrapped) MarshalText() ([]byte, error) { return fmt.Append(nil, w), nil }

// Zero reports whether there is no key.
func (w *Wrapped) Zero() bool { return w.Label == "" && len(w.Blob) == 0 }

func (w *Wrapped) fields(f *codec.Fields) {
	codec.Text(f, "key label", &w.Label)
	f.Bytes("key blob", &w.Blob)
}

// valid says that a blob without the label of what opens it is no wrapped key.
func (w *Wrapped) valid() error {
	if (w.Label == "") != (len(w.Blob) == 0) {
		return errors.New("wrapped key: want both label and blob, or neither")
	}
	return nil
}

// Key is one key, or key set, of a card.
type Key struct {
	Use     string // what it is for: "scp80", "scp03", "token"
	Version byte   // KeyVersion of the card
	Wrapped Wrapped
}

func (k *Key) fields(f *codec.Fields) {
	codec.Text(f, "key use", &k.Use)
	f.Byte("key version", &k.Version)
	k.Wrapped.fields(f)
}

func keysValid(keys []Key) error {
	for i := range keys {
		if err := name("key use", keys[i].Use); err != nil {
			return err
		}
		if keys[i].Wrapped.Zero() {
			return fmt.Errorf("key %s: want it wrapped", keys[i].Use)
		}
		if err := keys[i].Wrapped.valid(); err != nil {
			return err
		}
	}
	return nil
}
