package tsmp

import (
	"crypto"
	"fmt"
	"time"
)

// Key is a signature key of a party.
type Key struct {
	ID     string // kid: unique among all parties
	Party  PartyID
	Role   Role // one
	Public crypto.PublicKey
	// From and Until bound the times of what it signs; zero: not bounded.
	From, Until time.Time
}

// at reports whether the key was in force at a time. Spec: SPEC-TSM-PROTOCOL-024.
func (k *Key) at(t time.Time) bool {
	return (k.From.IsZero() || !t.Before(k.From)) && (k.Until.IsZero() || !t.After(k.Until))
}

// Directory knows the keys of all parties.
type Directory interface {
	// Key finds a key by its ID.
	Key(id string) (Key, bool)
}

// Keys is a Directory in memory.
type Keys map[string]Key

// Key implements Directory.
func (k Keys) Key(id string) (Key, bool) {
	key, ok := k[id]
	return key, ok && key.ID == id
}

// Identity is what a party signs with.
type Identity struct {
	Party  PartyID
	KeyID  string
	Signer crypto.Signer
}

// Format prints party and key ID and no key, whatever the verb.
func (i Identity) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s with key %s", i.Party, i.KeyID) }

// MarshalText is what Format prints.
func (i Identity) MarshalText() ([]byte, error) { return fmt.Append(nil, i), nil }
