package tsmp

import "time"

// Limits of confidential set-up and audit.
const (
	MaxTemplate = 255 // bytes of a control or public key template
	MaxEntries  = 32
	MaxAge      = 30 * 24 * 3600 // seconds
)

// GetCAInformationRequest asks for the controlling authority's domain of a SIM.
type GetCAInformationRequest struct{ SE SEID }

func (b *GetCAInformationRequest) visit(m *members) { m.id("seId", b.SE[:]) }

// GetCAInformationAnswer is that domain. The SP-TSM verifies the certificate
// itself, against what it has of the card's maker.
type GetCAInformationAnswer struct {
	AID            []byte
	Certificate    []byte   // value of data object 7F21
	AttestationKey [32]byte // SHA-256 of its SubjectPublicKeyInfo, for PlaceOrder
}

func (b *GetCAInformationAnswer) visit(m *members) {
	m.aid("aid", &b.AID)
	m.bytes("certificate", &b.Certificate, 1, MaxCertificate)
	m.id("attestationKey", b.AttestationKey[:])
}

// EnrollSSDOwnerCertificateRequest brings the owner's ephemeral public key to its
// domain, for the key agreement with the controlling authority's domain.
type EnrollSSDOwnerCertificateRequest struct {
	Reference ServiceReference
	Control   []byte // A6 template of spec/GP-CONTENT.md
	PublicKey []byte // 7F49 template
	Bearers   []Bearer
}

func (b *EnrollSSDOwnerCertificateRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	visitTemplates(m, &b.Control, &b.PublicKey)
	visitBearers(m, &b.Bearers)
}

// visitTemplates are those of a key agreement.
func visitTemplates(m *members, control, publicKey *[]byte) {
	m.bytes("control", control, 1, MaxTemplate)
	m.bytes("publicKey", publicKey, 1, MaxTemplate)
}

// GetApplicationOrELFStatusRequest asks what is below the provider's domain.
type GetApplicationOrELFStatusRequest struct {
	Reference ServiceReference
	AID       []byte // of one application, load file or domain; nil: all
	MaxAge    uint64 // of the answer, seconds; 0: whatever the MNO-TSM has
}

func (b *GetApplicationOrELFStatusRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	m.optional().aid("aid", &b.AID)
	m.optional().number("maxAge", &b.MaxAge, 1, MaxAge)
}

// GetApplicationOrELFStatusAnswer is what the card said last.
type GetApplicationOrELFStatusAnswer struct {
	AsOf    time.Time
	Entries []CardEntry
}

func (b *GetApplicationOrELFStatusAnswer) visit(m *members) {
	m.time("asOf", &b.AsOf)
	list(m, "entries", &b.Entries, 0, MaxEntries, func(m *members, e *CardEntry) { e.visit(m) })
}

// EntryKind is what an entry of the card's registry is.
type EntryKind byte

// Kinds of entries.
const (
	EntryApplication EntryKind = iota + 1
	EntryLoadFile
	EntryDomain
)

var entryKindWords = []named[EntryKind]{{EntryApplication, "application"}, {EntryLoadFile, "load-file"}, {EntryDomain, "domain"}}

// String is the kind's word in messages.
func (k EntryKind) String() string { return wordOf(entryKindWords, k) }

// CardEntry is one entry of the card's registry.
type CardEntry struct {
	AID       []byte
	Kind      EntryKind
	LifeCycle uint64 // coded as in GET STATUS, one byte
}

func (e *CardEntry) visit(m *members) {
	m.aid("aid", &e.AID)
	word(m, "kind", &e.Kind, entryKindWords)
	m.number("lifeCycle", &e.LifeCycle, 0, 255)
}

// GetSDFreeMemoryRequest asks what room the provider's domain has left.
type GetSDFreeMemoryRequest struct {
	Reference ServiceReference
	MaxAge    uint64 // as in GetApplicationOrELFStatus
}

func (b *GetSDFreeMemoryRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	m.optional().number("maxAge", &b.MaxAge, 1, MaxAge)
}

// GetSDFreeMemoryAnswer is what the card said last, in bytes.
type GetSDFreeMemoryAnswer struct {
	AsOf        time.Time
	NonVolatile uint64
	Volatile    uint64
}

func (b *GetSDFreeMemoryAnswer) visit(m *members) {
	m.time("asOf", &b.AsOf)
	m.number("nonVolatile", &b.NonVolatile, 0, MaxMemory)
	m.number("volatile", &b.Volatile, 0, MaxMemory)
}
