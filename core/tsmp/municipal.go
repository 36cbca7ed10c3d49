package tsmp

import (
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
)

// MaxCertificateRequest is the longest PKCS #10 request in bytes.
const MaxCertificateRequest = 4096

// visitCase is the sender's own record of what it asks for.
func visitCase(m *members, p *string) { m.text("case", p, 1, MaxCase) }

// RegisterPersonRequest takes a resident into the authority's registry.
type RegisterPersonRequest struct {
	Birth      certificate.Date
	Attributes Attributes
	Case       string
}

func (b *RegisterPersonRequest) visit(m *members) {
	m.date("birth", &b.Birth)
	m.object("attributes", true, b.Attributes.visit)
	visitCase(m, &b.Case)
}

// Format prints nothing personal, whatever the verb.
func (b RegisterPersonRequest) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "person of case %q", b.Case)
}

// MarshalText is what Format prints; messages are made by EncodeBody.
func (b RegisterPersonRequest) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

// RegisterPersonAnswer names the person from then on.
type RegisterPersonAnswer struct {
	Person     PersonID
	RecordedAt time.Time
}

func (b *RegisterPersonAnswer) visit(m *members) {
	m.id("personId", b.Person[:])
	m.time("recordedAt", &b.RecordedAt)
}

// ChangePersonRequest replaces a person's attributes, all of them.
type ChangePersonRequest struct {
	Person     PersonID
	Attributes Attributes
	Case       string
}

func (b *ChangePersonRequest) visit(m *members) {
	m.id("personId", b.Person[:])
	m.object("attributes", true, b.Attributes.visit)
	visitCase(m, &b.Case)
}

// RecordedAnswer says when something was recorded.
type RecordedAnswer struct{ RecordedAt time.Time }

func (b *RecordedAnswer) visit(m *members) { m.time("recordedAt", &b.RecordedAt) }

// Departure is how a person leaves the register.
type Departure byte

// Departures.
const (
	DepartureDeath      Departure = iota + 1 // 死亡
	DepartureEmigration                      // 国外転出
)

var departureWords = []named[Departure]{{DepartureDeath, "death"}, {DepartureEmigration, "emigration"}}

// String is the departure's word in messages.
func (d Departure) String() string { return wordOf(departureWords, d) }

// ReportDepartureRequest ends card, certificates and service instances of a
// person.
type ReportDepartureRequest struct {
	Person    PersonID
	Departure Departure
	Case      string
}

func (b *ReportDepartureRequest) visit(m *members) {
	m.id("personId", b.Person[:])
	word(m, "departure", &b.Departure, departureWords)
	visitCase(m, &b.Case)
}

// IssueCardRequest gives a person a card; the one before it is replaced.
type IssueCardRequest struct {
	Person   PersonID
	NotAfter time.Time // end of the card's own validity
	Case     string
}

func (b *IssueCardRequest) visit(m *members) {
	m.id("personId", b.Person[:])
	m.time("notAfter", &b.NotAfter)
	visitCase(m, &b.Case)
}

// IssueCardAnswer names the card.
type IssueCardAnswer struct {
	Card     CardID
	Replaced CardID // zero: there was none in force
}

func (b *IssueCardAnswer) visit(m *members) {
	m.id("cardId", b.Card[:])
	m.optional().id("replacedCardId", b.Replaced[:])
}

// IssueCardCertificatesRequest asks for both certificates of a card at once.
type IssueCardCertificatesRequest struct {
	Card CardID
	// PKCS #10 CertificationRequests, DER, of the card's two keys.
	SignatureRequest, AuthenticationRequest []byte
	Case                                    string
}

func (b *IssueCardCertificatesRequest) visit(m *members) {
	m.id("cardId", b.Card[:])
	m.bytes("signatureRequest", &b.SignatureRequest, 1, MaxCertificateRequest)
	m.bytes("authenticationRequest", &b.AuthenticationRequest, 1, MaxCertificateRequest)
	visitCase(m, &b.Case)
}

// IssueCardCertificatesAnswer is what the card is to have.
type IssueCardCertificatesAnswer struct {
	Signature, Authentication IssueCardCertificateAnswer
}

func (b *IssueCardCertificatesAnswer) visit(m *members) {
	m.object("signature", true, b.Signature.visit)
	m.object("authentication", true, b.Authentication.visit)
}

// IssueCardCertificateRequest asks for one of a card's two certificates.
type IssueCardCertificateRequest struct {
	Card    CardID
	Kind    certificate.Kind // CardSignature or CardAuthentication
	Request []byte           // PKCS #10 CertificationRequest, DER; its subject and attributes are not looked at
	Case    string
}

func (b *IssueCardCertificateRequest) visit(m *members) {
	m.id("cardId", b.Card[:])
	word(m, "kind", &b.Kind, cardKindWords)
	m.bytes("request", &b.Request, 1, MaxCertificateRequest)
	visitCase(m, &b.Case)
}

var cardKindWords = []named[certificate.Kind]{{certificate.CardSignature, "signature"}, {certificate.CardAuthentication, "authentication"}}

// IssueCardCertificateAnswer is what the card is to have.
type IssueCardCertificateAnswer struct {
	Certificate   []byte // DER
	CACertificate []byte // DER, of the generation that signed it
}

func (b *IssueCardCertificateAnswer) visit(m *members) {
	m.bytes("certificate", &b.Certificate, 1, MaxCertificate)
	m.bytes("caCertificate", &b.CACertificate, 1, MaxCertificate)
}

// Format prints nothing personal, whatever the verb: a signature certificate has
// its holder's name.
func (b IssueCardCertificateAnswer) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "certificate of %d bytes", len(b.Certificate))
}

// MarshalText is what Format prints; messages are made by EncodeBody.
func (b IssueCardCertificateAnswer) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

// ReportCardLossRequest ends a card for good.
type ReportCardLossRequest struct {
	Card CardID
	Case string
}

func (b *ReportCardLossRequest) visit(m *members) {
	m.id("cardId", b.Card[:])
	visitCase(m, &b.Case)
}

// HoldCardRequest suspends a card's certificates.
type HoldCardRequest struct {
	Card  CardID
	Cause Cause // GroundHotline or GroundAuthority
}

func (b *HoldCardRequest) visit(m *members) {
	m.id("cardId", b.Card[:])
	b.Cause.visit(m)
}

// LiftCardRequest lifts the hold.
type LiftCardRequest struct {
	Card  CardID
	Cause Cause // GroundAuthority
}

func (b *LiftCardRequest) visit(m *members) {
	m.id("cardId", b.Card[:])
	b.Cause.visit(m)
}
