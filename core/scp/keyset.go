package scp

import (
	"errors"
	"fmt"
)

// ErrEnded is the error of every call after a session has ended.
var ErrEnded = errors.New("scp: the session has ended")

// KeySet is a set of static secure-channel keys under one key version number.
// Every fmt verb, JSON and slog show version and length only, but fmt does not
// ask the unexported fields of a struct: keep a *KeySet there, not a KeySet.
type KeySet struct {
	Version       byte // key version number (KVN)
	Enc, MAC, DEK []byte
}

// Wipe overwrites the keys with zeros.
func (k *KeySet) Wipe() {
	clear(k.Enc)
	clear(k.MAC)
	clear(k.DEK)
}

// Format prints "keys 30 (16 bytes each)", whatever the verb.
func (k KeySet) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "keys %02X (%d bytes each)", k.Version, len(k.Enc))
}

// MarshalText is what Format prints, for JSON and logs.
func (k KeySet) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }
