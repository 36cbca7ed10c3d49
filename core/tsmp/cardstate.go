package tsmp

import (
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
)

// Limits of what GetPerson and FindServiceInstances answer: the newest ones.
const (
	MaxCards        = 32
	MaxInstances    = 64
	maxCertificates = 16 // of one card
)

// Standing is whether the register still has a person.
type Standing byte

// Standings.
const (
	StandingResident Standing = iota + 1
	StandingDeceased
	StandingEmigrated
)

var standingWords = []named[Standing]{{StandingResident, "resident"}, {StandingDeceased, "deceased"}, {StandingEmigrated, "emigrated"}}

// String is the standing's word in messages.
func (s Standing) String() string { return wordOf(standingWords, s) }

// CardState is where a My Number Card is in its life.
type CardState byte

// States of a card.
const (
	CardInForce  CardState = iota + 1
	CardHeld               // its certificates are suspended
	CardLost               // for good
	CardReplaced           // by the next card
	CardEnded              // its holder has left the register
)

var cardStateWords = []named[CardState]{
	{CardInForce, "in-force"}, {CardHeld, "held"}, {CardLost, "lost"}, {CardReplaced, "replaced"}, {CardEnded, "ended"},
}

// String is the state's word in messages.
func (s CardState) String() string { return wordOf(cardStateWords, s) }

// CardAnswer is a card and its certificates: the answer to ReportCardLoss,
// HoldCard and LiftCard, and a part of GetPerson's.
type CardAnswer struct {
	Card         CardID
	State        CardState
	Since        time.Time
	NotAfter     time.Time
	Certificates []CardCertificate // newest first
}

func (b *CardAnswer) visit(m *members) {
	m.id("cardId", b.Card[:])
	word(m, "state", &b.State, cardStateWords)
	m.time("since", &b.Since)
	m.time("notAfter", &b.NotAfter)
	list(m, "certificates", &b.Certificates, 0, maxCertificates, func(m *members, c *CardCertificate) { c.visit(m) })
}

// CardCertificate is the state of one certificate of a card.
type CardCertificate struct {
	Kind     certificate.Kind // CardSignature or CardAuthentication
	State    certificate.State
	Since    time.Time
	Reason   certificate.Reason // of a suspended or revoked one; Unspecified: none
	NotAfter time.Time
}

func (c *CardCertificate) visit(m *members) {
	word(m, "kind", &c.Kind, cardKindWords)
	word(m, "state", &c.State, stateWords)
	m.time("since", &c.Since)
	word(m.optional(), "reason", &c.Reason, reasonWords)
	m.time("notAfter", &c.NotAfter)
	out := c.State == certificate.Suspended || c.State == certificate.Revoked
	m.demand(out || c.Reason == certificate.Unspecified, "reason", "it with the states suspended and revoked only")
}

// Instance is a service instance with the states of its certificates.
type Instance struct {
	Phone        PhoneID
	Certificates []CertificateState // empty: none was issued
}

func (i *Instance) visit(m *members) {
	m.id("phoneId", i.Phone[:])
	list(m, "certificates", &i.Certificates, 0, 2, func(m *members, c *CertificateState) { c.visit(m) })
}

// GetPersonRequest asks for what the registry has of a person.
type GetPersonRequest struct {
	Person PersonID
	Case   string
}

func (b *GetPersonRequest) visit(m *members) {
	m.id("personId", b.Person[:])
	visitCase(m, &b.Case)
}

// GetPersonAnswer is a person with cards and service instances.
type GetPersonAnswer struct {
	Birth         certificate.Date
	Attributes    Attributes
	Standing      Standing
	StandingSince time.Time
	Cards         []CardAnswer // newest first, the newest MaxCards
	Phones        []Instance   // newest first, the newest MaxInstances
}

func (b *GetPersonAnswer) visit(m *members) {
	m.date("birth", &b.Birth)
	m.object("attributes", true, b.Attributes.visit)
	word(m, "standing", &b.Standing, standingWords)
	m.time("standingSince", &b.StandingSince)
	list(m, "cards", &b.Cards, 0, MaxCards, func(m *members, c *CardAnswer) { c.visit(m) })
	list(m, "phones", &b.Phones, 0, MaxInstances, func(m *members, i *Instance) { i.visit(m) })
}

// Format prints nothing personal, whatever the verb.
func (b GetPersonAnswer) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "person with %d cards and %d phones", len(b.Cards), len(b.Phones))
}

// MarshalText is what Format prints; messages are made by EncodeBody.
func (b GetPersonAnswer) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

// FindServiceInstancesRequest asks which instances a person has, whom the sender
// names by a card or by the registry's identifier: exactly one of both.
type FindServiceInstancesRequest struct {
	Card   CardID
	Person PersonID
	Case   string
}

func (b *FindServiceInstancesRequest) visit(m *members) {
	m.optional().id("cardId", b.Card[:])
	m.optional().id("personId", b.Person[:])
	visitCase(m, &b.Case)
	m.demand((b.Card != CardID{}) != (b.Person != PersonID{}), "cardId", "it with no personId, or personId without it")
}

// FindServiceInstancesAnswer has what a help desk needs for Suspend, Revoke or an
// answer on the telephone, and nothing about the person.
type FindServiceInstancesAnswer struct {
	Phones []Instance // newest first, the newest MaxInstances
}

func (b *FindServiceInstancesAnswer) visit(m *members) {
	list(m, "phones", &b.Phones, 0, MaxInstances, func(m *members, i *Instance) { i.visit(m) })
}
