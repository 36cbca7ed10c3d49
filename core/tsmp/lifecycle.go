package tsmp

import (
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
)

// MaxCase is the longest case number in bytes.
const MaxCase = 64

// Cause is why a state is to change: a ground with what proves it.
type Cause struct {
	Ground        Ground
	ApplicationID ApplicationID // with GroundApplication
	Case          string        // with every other ground: the sender's own record of it
}

func (c *Cause) visit(m *members) {
	word(m, "ground", &c.Ground, groundWords)
	m.optional().id("applicationId", c.ApplicationID[:])
	m.optional().text("case", &c.Case, 1, MaxCase)
	m.demand((c.ApplicationID != ApplicationID{}) == (c.Ground == GroundApplication), "applicationId", "it with the ground application only")
	m.demand((c.Case != "") == (c.Ground != GroundApplication), "case", "it with every ground but application")
}

// RevokeRequest ends a service instance: its certificates are revoked, an open
// order is closed.
type RevokeRequest struct {
	Phone  PhoneID
	Cause  Cause
	Reason certificate.Reason // one that a revocation may have; Unspecified: none
}

func (b *RevokeRequest) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	b.Cause.visit(m)
	word(m.optional(), "reason", &b.Reason, revocationWords)
}

// SuspendRequest holds the certificates of a service instance.
type SuspendRequest struct {
	Phone PhoneID
	Cause Cause
}

func (b *SuspendRequest) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	b.Cause.visit(m)
}

// ResumeRequest lifts a suspension.
type ResumeRequest struct {
	Phone PhoneID
	Cause Cause
}

func (b *ResumeRequest) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	b.Cause.visit(m)
}

// StateAnswer is what a service instance's certificates are now: the answer to
// Revoke, Suspend, Resume and GetCertificateStatus. Empty: none was issued.
type StateAnswer struct {
	Certificates []CertificateState
}

// CertificateState is one certificate of a service instance.
type CertificateState struct {
	Role     jpki.Role
	State    certificate.State
	Since    time.Time
	Reason   certificate.Reason // of a suspended or revoked one; Unspecified: none is given
	NotAfter time.Time
}

func (c *CertificateState) visit(m *members) {
	word(m, "role", &c.Role, roleWords)
	word(m, "state", &c.State, stateWords)
	m.time("since", &c.Since)
	word(m.optional(), "reason", &c.Reason, reasonWords)
	m.time("notAfter", &c.NotAfter)
	out := c.State == certificate.Suspended || c.State == certificate.Revoked
	m.demand(out || c.Reason == certificate.Unspecified, "reason", "it with the states suspended and revoked only")
}

func (b *StateAnswer) visit(m *members) {
	list(m, "certificates", &b.Certificates, 0, 2, func(m *members, c *CertificateState) { c.visit(m) })
}

// GetCertificateStatusRequest asks for the state of a service instance.
type GetCertificateStatusRequest struct{ Phone PhoneID }

func (b *GetCertificateStatusRequest) visit(m *members) { m.id("phoneId", b.Phone[:]) }

// ReportEraseRequest brings the card's statement that it erased keys and
// certificates.
type ReportEraseRequest struct {
	Phone     PhoneID
	Statement []byte // statement 08 of spec/PERSO.md
}

func (b *ReportEraseRequest) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	m.bytes("statement", &b.Statement, 1, MaxStatement)
}

// ReportEraseAnswer says when the erasure was recorded.
type ReportEraseAnswer struct{ RecordedAt time.Time }

func (b *ReportEraseAnswer) visit(m *members) { m.time("recordedAt", &b.RecordedAt) }

// OrderPINResetRequest asks for an order whose challenge the holder will sign.
type OrderPINResetRequest struct{ Phone PhoneID }

func (b *OrderPINResetRequest) visit(m *members) { m.id("phoneId", b.Phone[:]) }

// SealPINResetRequest brings the card's answer to that order and the application
// with its challenge.
type SealPINResetRequest struct {
	OrderID        perso.OrderID
	ApplicationID  ApplicationID // of purpose PIN reset
	OrderStatement []byte
}

func (b *SealPINResetRequest) visit(m *members) {
	m.id("orderId", b.OrderID[:])
	m.id("applicationId", b.ApplicationID[:])
	m.bytes("orderStatement", &b.OrderStatement, 1, MaxStatement)
}

// SealPINResetAnswer is the envelope that sets the code on the card.
type SealPINResetAnswer struct {
	Envelope   []byte
	HolderCode []byte // the same code, encrypted for the UI app
}

func (b *SealPINResetAnswer) visit(m *members) {
	m.bytes("envelope", &b.Envelope, 34, MaxEnvelope)
	m.bytes("holderCode", &b.HolderCode, 1, MaxHolderCode)
}
