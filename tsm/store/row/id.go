package row

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"inkan/core/tsmp"
)

// ApplicationID names an application to the service manager that took it; the
// authority has another name for it.
type ApplicationID [16]byte

// SubscriberID names a contract to its carrier, and to nobody else.
type SubscriberID [16]byte

// WorkflowID names a workflow to the service manager that runs it.
type WorkflowID [16]byte

// SubjectID is the identifier of whatever a workflow or an audit entry is about:
// a service instance, an application, a SIM. Zero is nothing.
type SubjectID [16]byte

// String is the identifier in hex.
func (id ApplicationID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id SubscriberID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id WorkflowID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id SubjectID) String() string { return hexText(id[:]) }

func hexText(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hex.
func (h Hash) String() string { return hexText(h[:]) }

// HashOf is the hash of bytes.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

// digits checks an identifier of decimal digits; the error does not show it.
func digits(what, s string, least, most int) error {
	ok := len(s) >= least && len(s) <= most
	for i := 0; i < len(s); i++ {
		ok = ok && s[i] >= '0' && s[i] <= '9'
	}
	if !ok {
		return fmt.Errorf("%s: want %d to %d decimal digits", what, least, most)
	}
	return nil
}

// name checks a text that is part of a key: 1 to 128 bytes from ! to ~.
func name(what, s string) error {
	ok := len(s) >= 1 && len(s) <= MaxName
	for i := 0; i < len(s); i++ {
		ok = ok && s[i] > ' ' && s[i] < 0x7F
	}
	if !ok {
		return fmt.Errorf("%s %q: want 1 to %d printable bytes of ASCII without blanks", what, clip(s), MaxName)
	}
	return nil
}

func clip(s string) string { return s[:min(len(s), MaxName)] }

// MaxName is the longest text in a key, in bytes.
const MaxName = 128

func party(what string, p tsmp.PartyID) error {
	if !p.Valid() {
		return fmt.Errorf("%s %q: not a party's name", what, clip(string(p)))
	}
	return nil
}
