package application

import (
	"crypto/sha256"
	"errors"

	"inkan/core/jpki/perso"
)

// ErrPresence is a statement that the SIM is there which does not verify, or
// none.
var ErrPresence = errors.New("application: no good statement that the SIM is present")

const presenceLabel = "INKAN-PRESENCE-1"

// PresenceMessage is what the card's authority is asked to sign, without the LV
// of the asking application's AID and the hash of its load file that the authority
// puts in front (spec/RUNTIME.md): 16 bytes of label and a SHA-256.
// Spec: SPEC-APPLICATION-040.
func (a *Application) PresenceMessage() []byte {
	h := sha256.New()
	h.Write([]byte{byte(a.Purpose)})
	h.Write(a.Nonce[:])
	h.Write(a.SIM[:])
	return h.Sum([]byte(presenceLabel))
}

// CheckPresence verifies the statement under the key of the authority that it
// names; ErrPresence otherwise. Spec: SPEC-APPLICATION-040.
func (a *Application) CheckPresence(authority perso.Authority) error {
	p := a.Presence
	if p == nil || authority == nil {
		return ErrPresence
	}
	message := append(perso.AuthorityPrefix(p.AID, p.LoadFile), a.PresenceMessage()...)
	if !authority.Verify(message, p.Attestation) {
		return ErrPresence
	}
	return nil
}
