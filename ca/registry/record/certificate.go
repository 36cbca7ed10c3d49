package record

import (
	"time"

	"inkan/core/jpki/certificate"
)

// Stage is how far the issue of a certificate has come. The zero value is none.
type Stage uint8

// Reserved: a serial number is given, nothing is signed. Issued: the certificate
// is there, in some state.
const (
	Reserved Stage = iota + 1
	Issued
)

// Origin is where a certificate's key was made. The zero value is where nobody
// says: a card's at the municipality, a service's at the ceremony.
type Origin uint8

// The origins of a phone's key.
const (
	OnCard Origin = iota + 1
	Delivered
)

// Certificate is what the registry keeps of one certificate.
type Certificate struct {
	Authority           certificate.Authority
	Serial              uint64
	Generation          uint32
	Kind                certificate.Kind
	Stage               Stage
	Person              PersonID // zero for the service's own
	Card                CardID
	Phone               PhoneID
	Order               OrderID
	NotBefore, NotAfter time.Time
	Key                 Hash   // of the SubjectPublicKeyInfo
	DER                 Hash   // of the certificate; zero before it is issued
	Partition           string // of the revocation list
	AttributesVersion   uint32 // of the holder, at the reservation
	Origin              Origin
	// Signature and Parent are the card's certificates that a phone's one rests
	// on: what the application was signed with, and what it ends with.
	Signature, Parent uint64
	// Deadline ends a reservation or a pending certificate.
	Deadline time.Time
	// Envelope is the hash of the sealed envelope that is kept until the receipt.
	Envelope Hash
	// Receipt is the hash of the card's receipt, and Activated when it came.
	Receipt   Hash
	Activated time.Time

	State   certificate.State // 0 before it is issued
	Since   time.Time
	Reason  certificate.Reason
	Version uint64
}

func (*Certificate) format() string { return "registry certificate" }

func (c *Certificate) fields(f *fields) {
	enum(f, "authority", &c.Authority, certificate.SignatureAuthority, certificate.AuthenticationAuthority)
	f.uint64("serial", &c.Serial)
	f.uint32("generation", &c.Generation)
	enum(f, "kind", &c.Kind, certificate.CardSignature, certificate.OCSPResponder)
	enum(f, "stage", &c.Stage, Reserved, Issued)
	f.raw("person", c.Person[:])
	f.raw("card", c.Card[:])
	f.raw("phone", c.Phone[:])
	f.raw("order", c.Order[:])
	f.time("not before", &c.NotBefore)
	f.time("not after", &c.NotAfter)
	f.raw("key", c.Key[:])
	f.raw("DER", c.DER[:])
	f.text("partition", &c.Partition)
	f.uint32("attributes version", &c.AttributesVersion)
	enum(f, "origin", &c.Origin, 0, Delivered)
	f.uint64("signature", &c.Signature)
	f.uint64("parent", &c.Parent)
	f.time("deadline", &c.Deadline)
	f.raw("envelope", c.Envelope[:])
	f.raw("receipt", c.Receipt[:])
	f.time("activated", &c.Activated)
	enum(f, "state", &c.State, 0, certificate.Revoked)
	f.time("since", &c.Since)
	enum(f, "reason", &c.Reason, 0, certificate.AACompromise)
	f.uint64("version", &c.Version)
}

// Status is the record in the terms of whoever publishes it.
func (c *Certificate) Status() certificate.CertificateStatus {
	return certificate.CertificateStatus{Serial: c.Serial, State: c.State, Since: c.Since, Reason: c.Reason,
		Version: c.Version, Generation: int(c.Generation), NotAfter: c.NotAfter}
}

// Live reports whether the certificate is active or suspended, and has not
// expired at a time. Spec: SPEC-CA-LIFECYCLE-004.
func (c *Certificate) Live(now time.Time) bool {
	return (c.State == certificate.Active || c.State == certificate.Suspended) && !now.After(c.NotAfter)
}
