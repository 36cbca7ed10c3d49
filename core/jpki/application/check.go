package application

import (
	"crypto/ecdh"
	"errors"
	"fmt"

	"inkan/core/jpki"
)

// ErrInconsistent is an application that contradicts itself. Errors wrap it and
// name the field.
var ErrInconsistent = errors.New("application: inconsistent")

func inconsistent(name, want string) error {
	return fmt.Errorf("%w: %s: want %s", ErrInconsistent, name, want)
}

// Check reports the first contradiction in an application: a field that its
// purpose does not have or lacks, a value outside its table, a reply key off the
// curve. Spec: SPEC-APPLICATION-021, SPEC-APPLICATION-022.
func (a *Application) Check() error {
	if !a.Purpose.Valid() {
		return inconsistent("purpose", "one of the table")
	}
	for _, f := range fields {
		switch rule := f.rule(a.Purpose); {
		case rule == mandatory && !f.has(a):
			return inconsistent(f.name, "it with the purpose "+a.Purpose.String())
		case rule == absent && f.has(a):
			return inconsistent(f.name, "none with the purpose "+a.Purpose.String())
		}
	}
	return a.checkValues()
}

func (a *Application) checkValues() error {
	switch {
	case a.Nonce == [IDLen]byte{}:
		return inconsistent("nonce", "one that is not zero")
	case a.Time.Nanosecond() != 0 || a.Time.UTC().Year() < 2000 || a.Time.UTC().Year() > 9999:
		return inconsistent("time", "whole seconds in the years 2000 to 9999")
	case a.Language != Japanese && a.Language != English:
		return inconsistent("language", "ja or en")
	case a.Roles > jpki.Both:
		return inconsistent("roles", "auth, sign or both")
	case a.Origin > jpki.OriginDelivered:
		return inconsistent("keyOrigin", "on the card or delivered")
	}
	if a.Purpose.Issues() || a.Purpose == PINReset {
		if _, err := ecdh.P256().NewPublicKey(a.ReplyKey[:]); err != nil {
			return inconsistent("replyKey", "a point of P-256")
		}
	}
	if p := a.Presence; p != nil && (len(p.AID) < 5 || len(p.AID) > 16 || len(p.Attestation) < 1 || len(p.Attestation) > maxAttestation) {
		return inconsistent("presence", "an AID of 5 to 16 bytes and an attestation of 1 to 255")
	}
	return nil
}
