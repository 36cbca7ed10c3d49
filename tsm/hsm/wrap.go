package hsm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"inkan/tsm/store/row"
)

// KEKBytes is the length of the key under which a Software wraps others.
const KEKBytes = 32

// wrapper wraps keys: AES-256-GCM, whose nonce is a MAC of what is wrapped, so that no
// source of randomness can make it come twice for different keys.
type wrapper struct {
	label string
	seal  cipher.AEAD
	nonce []byte // key of the nonces
}

func newWrapper(label string, kek []byte) (*wrapper, error) {
	if len(kek) != KEKBytes || label == "" {
		return nil, fmt.Errorf("hsm: a label and a key-encryption key of %d bytes are wanted", KEKBytes)
	}
	derived, err := hkdf.Key(sha256.New, kek, nil, "inkan hsm wrap", 2*KEKBytes)
	if err != nil {
		return nil, err
	}
	defer clear(derived[:KEKBytes])
	block, err := aes.NewCipher(derived[:KEKBytes])
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	return &wrapper{label, seal, derived[KEKBytes:]}, err
}

// context is what a blob is authenticated with: who made it, and what it is.
func (w *wrapper) context(kind string) []byte { return append(append([]byte(w.label), 0), kind...) }

// wrap enciphers; the caller wipes plain. Spec: SPEC-HSM-013.
func (w *wrapper) wrap(kind string, plain []byte) row.Wrapped {
	context := w.context(kind)
	h := hmac.New(sha256.New, w.nonce)
	h.Write(append(context, 0))
	h.Write(plain)
	nonce := h.Sum(nil)[:w.seal.NonceSize()]
	return row.Wrapped{Label: w.label, Blob: w.seal.Seal(nonce, nonce, plain, context)}
}

// unwrap is the inverse; the caller wipes the result. Errors are ErrWrapped.
// Spec: SPEC-HSM-014.
func (w *wrapper) unwrap(kind string, wrapped *row.Wrapped) ([]byte, error) {
	n := w.seal.NonceSize()
	if wrapped.Label != w.label || len(wrapped.Blob) < n {
		return nil, ErrWrapped
	}
	plain, err := w.seal.Open(nil, wrapped.Blob[:n], wrapped.Blob[n:], w.context(kind))
	if err != nil {
		return nil, ErrWrapped
	}
	return plain, nil
}
