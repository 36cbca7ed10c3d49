package tsmp

import (
	"fmt"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// Limits of members in bytes.
const (
	MaxApplication = 16384 // CMS SignedData
	MaxStatement   = perso.MaxAnswerLen
	MaxEnvelope    = perso.MaxCiphertextLen + 18
	MaxEnvelopes   = 4
	MaxCertificate = jpki.MaxCertificateBytes
	MaxHolderCode  = 256 // the code for the PIN, encrypted for the UI app
	CodeLen        = 12  // the one-time code on the phone, characters
)

// VerifyApplicationRequest has the authority verify and record what the
// applicant signed.
type VerifyApplicationRequest struct {
	Application []byte // CMS SignedData of spec/APPLICATION.md
	Code        string // the one-time code that the phone showed, without hyphens; "" where the application has none
}

func (b *VerifyApplicationRequest) visit(m *members) {
	m.bytes("application", &b.Application, 1, MaxApplication)
	m.optional().text("code", &b.Code, CodeLen, CodeLen)
}

// Format prints no code, whatever the verb.
func (b VerifyApplicationRequest) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "application of %d bytes", len(b.Application))
}

// MarshalText is what Format prints; messages are made by EncodeBody.
func (b VerifyApplicationRequest) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

// VerifyApplicationAnswer names what was recorded.
type VerifyApplicationAnswer struct {
	ApplicationID ApplicationID
	Purpose       Purpose
	Phone         PhoneID // new with purposes issue and transfer, else the one that the application names
	Replaces      PhoneID // with purpose transfer: the instance that ends at activation; else zero
	Pseudonym     Pseudonym
	Origin        jpki.Origin // with purposes issue and transfer
	UsableUntil   time.Time   // the function that it is for has to come before
	NotAfter      time.Time   // with purposes issue and transfer: the latest end of a certificate's validity
}

func (b *VerifyApplicationAnswer) visit(m *members) {
	m.id("applicationId", b.ApplicationID[:])
	word(m, "purpose", &b.Purpose, purposeWords)
	m.id("phoneId", b.Phone[:])
	m.optional().id("replacesPhoneId", b.Replaces[:])
	m.id("pseudonym", b.Pseudonym[:])
	word(m.optional(), "keyOrigin", &b.Origin, originWords)
	m.time("usableUntil", &b.UsableUntil)
	m.optional().time("notAfter", &b.NotAfter)
	issue := b.Purpose.Issues()
	m.demand((b.Origin != 0) == issue, "keyOrigin", "it with the purposes issue and transfer only")
	m.demand(b.NotAfter.IsZero() != issue, "notAfter", "it with the purposes issue and transfer only")
	m.demand((b.Replaces != PhoneID{}) == (b.Purpose == PurposeTransfer), "replacesPhoneId", "it with the purpose transfer only")
}

// PlaceOrderRequest binds an application to one SIM and one load file.
type PlaceOrderRequest struct {
	ApplicationID  ApplicationID
	SIM            [16]byte // identifier as in the order of spec/PERSO.md
	InstanceAID    []byte   // of the application's instance on that SIM
	LoadFileHash   perso.Hash
	AttestationKey perso.Hash // SHA-256 of the CASD's SubjectPublicKeyInfo; zero: the card attests nothing
}

func (b *PlaceOrderRequest) visit(m *members) {
	m.id("applicationId", b.ApplicationID[:])
	m.id("sim", b.SIM[:])
	m.hex("instanceAid", &b.InstanceAID, 5, 16)
	m.id("loadFileHash", b.LoadFileHash[:])
	m.optional().id("attestationKey", b.AttestationKey[:])
}

// PlaceOrderAnswer is the order for the card.
type PlaceOrderAnswer struct {
	OrderID    perso.OrderID
	Order      []byte    // 138 bytes for data group ORDER
	OrderUntil time.Time // Issue has to come before
}

func (b *PlaceOrderAnswer) visit(m *members) {
	m.id("orderId", b.OrderID[:])
	m.bytes("order", &b.Order, perso.OrderLen, perso.OrderLen)
	m.time("orderUntil", &b.OrderUntil)
}

// IssueRequest brings what the card answered.
type IssueRequest struct {
	OrderID        perso.OrderID
	OrderStatement []byte
	KeyStatements  [][]byte // one for each role of an order with on-card keys, else none
}

func (b *IssueRequest) visit(m *members) {
	m.id("orderId", b.OrderID[:])
	m.bytes("orderStatement", &b.OrderStatement, 1, MaxStatement)
	m.optional().byteStrings("keyStatements", &b.KeyStatements, 1, 2, 1, MaxStatement)
}

// IssueAnswer is what the card is to have. The certificate itself is inside an
// envelope: the SP-TSM does not see it. Sent again, it is the same to the byte.
type IssueAnswer struct {
	Envelopes      [][]byte // for data group ENVELOPE, in this order, the first with sequence 1
	CACertificates []CACertificate
	HolderCode     []byte    // the code for the first PIN, encrypted for the UI app (spec/APPLICATION.md)
	NotAfter       time.Time // end of the certificate's validity
	PendingUntil   time.Time // Activate has to come before
}

// CACertificate is for data group CA CERT.
type CACertificate struct {
	Role        jpki.Role
	Certificate []byte // DER
}

func (b *CACertificate) visit(m *members) {
	word(m, "role", &b.Role, roleWords)
	m.bytes("certificate", &b.Certificate, 1, MaxCertificate)
}

func (b *IssueAnswer) visit(m *members) {
	m.byteStrings("envelopes", &b.Envelopes, 1, MaxEnvelopes, 34, MaxEnvelope)
	list(m, "caCertificates", &b.CACertificates, 1, 2, func(m *members, c *CACertificate) { c.visit(m) })
	m.bytes("holderCode", &b.HolderCode, 1, MaxHolderCode)
	m.time("notAfter", &b.NotAfter)
	m.time("pendingUntil", &b.PendingUntil)
}

// ActivateRequest brings the card's receipt.
type ActivateRequest struct {
	OrderID perso.OrderID
	Receipt []byte
}

func (b *ActivateRequest) visit(m *members) {
	m.id("orderId", b.OrderID[:])
	m.bytes("receipt", &b.Receipt, 1, MaxStatement)
}

// ActivateAnswer says what the authority did in one commit.
type ActivateAnswer struct {
	ActivatedAt time.Time
	Superseded  PhoneID // whose certificate was revoked by it and which is to be erased; zero: none
}

func (b *ActivateAnswer) visit(m *members) {
	m.time("activatedAt", &b.ActivatedAt)
	m.optional().id("supersededPhoneId", b.Superseded[:])
}
