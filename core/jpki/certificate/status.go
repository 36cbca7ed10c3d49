package certificate

import (
	"fmt"
	"time"
)

// State is where a certificate is in its life, as the registry keeps it. That it
// has expired is no state: it follows from the time.
type State uint8

// The states. Pending: signed, not yet activated by the receipt of the card that
// is to hold it.
const (
	Pending State = iota + 1
	Active
	Suspended
	Revoked
)

// String is the state's name in lower case.
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Active:
		return "active"
	case Suspended:
		return "suspended"
	case Revoked:
		return "revoked"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Reason is a CRLReason (RFC 5280 §5.3.1).
type Reason uint8

// The reasons of RFC 5280; 7 is not used there.
const (
	Unspecified          Reason = 0
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	CertificateHold      Reason = 6
	RemoveFromCRL        Reason = 8
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

var reasonNames = map[Reason]string{
	Unspecified: "unspecified", KeyCompromise: "keyCompromise", CACompromise: "cACompromise", AffiliationChanged: "affiliationChanged",
	Superseded: "superseded", CessationOfOperation: "cessationOfOperation", CertificateHold: "certificateHold",
	RemoveFromCRL: "removeFromCRL", PrivilegeWithdrawn: "privilegeWithdrawn", AACompromise: "aACompromise",
}

// String is the name of RFC 5280.
func (r Reason) String() string {
	if name := reasonNames[r]; name != "" {
		return name
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Valid reports whether RFC 5280 has the reason.
func (r Reason) Valid() bool { return reasonNames[r] != "" }

// CertificateStatus is what the registry says of one certificate.
type CertificateStatus struct {
	Serial  uint64
	State   State
	Since   time.Time // when it came into State: the revocation date of a revoked or suspended one
	Reason  Reason    // of a revoked or suspended one, else 0
	Version uint64    // rises with every change of the certificate's record
	// Generation is that of the authority's key that signed it, from 1.
	Generation int
	// NotAfter is the certificate's own last second.
	NotAfter time.Time
}

// Serials run over all certificates of an authority's name, its own included,
// from FirstSerial, and fill four bytes. Spec: SPEC-CERT-PROFILE-002.
const (
	FirstSerial uint64 = 0x01000000
	MaxSerial   uint64 = 0x7FFFFFFF
)
