package application

import (
	"encoding/asn1"
	"strconv"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// OIDContent is the content type of signed applications: below 2.999, the arc
// for examples of ITU-T X.660. It separates applications from whatever else a
// card's signature key signs.
var OIDContent = asn1.ObjectIdentifier{2, 999, 392, 2, 1}

// Lengths in bytes, and limits of what is signed.
const (
	IDLen          = 16 // of SIM identifier, nonce and service instance
	CommitmentLen  = 32
	MaxLen         = 4096
	MaxTextLen     = 1024
	maxAttestation = 255
)

// Purpose is what an application asks for.
type Purpose byte

// Purposes.
const (
	Issue          Purpose = 1 // a key and certificate in a SIM, 発行
	PINReset       Purpose = 2 // a code to set the PIN again, 暗証番号の再設定
	Revocation     Purpose = 3 // 失効
	Transfer       Purpose = 4 // an issue in another SIM that ends the one before, 移行
	SuspensionLift Purpose = 5 // 一時保留の解除
)

var purposeNames = map[Purpose]string{Issue: "issue", PINReset: "pin-reset", Revocation: "revocation",
	Transfer: "transfer", SuspensionLift: "suspension-lift"}

// Purposes are all of them, in ascending order.
func Purposes() []Purpose { return []Purpose{Issue, PINReset, Revocation, Transfer, SuspensionLift} }

// Valid reports whether there is such a purpose.
func (p Purpose) Valid() bool { return purposeNames[p] != "" }

// String is the purpose in a word.
func (p Purpose) String() string {
	if s := purposeNames[p]; s != "" {
		return s
	}
	return "purpose " + strconv.Itoa(int(p))
}

// Issues reports whether something is issued: Issue and Transfer.
func (p Purpose) Issues() bool { return p == Issue || p == Transfer }

// Language is that of the text that the applicant sees (RFC 5646).
type Language string

// Languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
)

// Application is what the applicant signs. Which fields there are depends on the
// purpose (spec/APPLICATION.md §Fields); zero is absence.
type Application struct {
	Purpose    Purpose
	Nonce      [IDLen]byte // of the SP-TSM, for one application
	Time       time.Time   // when it was shown to the applicant; whole seconds
	SIM        [IDLen]byte // identifier as in the order of spec/PERSO.md
	Roles      jpki.Role   // which keys are to be issued
	Origin     jpki.Origin // where the keys come from
	Instance   [IDLen]byte // the service instance that it is about; with Transfer the one that ends
	Commitment [CommitmentLen]byte
	ReplyKey   perso.Point // of the UI app, for this application only; answers are encrypted to it
	Order      OrderProof
	Presence   *Presence
	Language   Language
}

// OrderProof binds a PIN reset to the order that waits on the card.
type OrderProof struct {
	Hash      perso.Hash               // of the order
	Challenge [perso.ChallengeLen]byte // of the card's statement 01
}

// Presence is a statement of the card's authority that the SIM is there.
type Presence struct {
	AID         []byte     // 5 to 16 bytes: of the application that asked the authority
	LoadFile    perso.Hash // SHA-256 of the load file that it came with
	Authority   perso.Hash // SHA-256 of the authority's SubjectPublicKeyInfo
	Attestation []byte     // its signature, 1 to 255 bytes
}

// field is one that depends on the purpose.
type field struct {
	name string
	tag  byte // number of its context-specific tag
	rule func(Purpose) presence
	has  func(*Application) bool
}

// presence is a set.
type presence byte

const (
	absent presence = iota
	mandatory
	optional
)

func on(purposes ...Purpose) func(Purpose) presence {
	return func(p Purpose) presence {
		for _, q := range purposes {
			if p == q {
				return mandatory
			}
		}
		return absent
	}
}

// fields is the table of spec/APPLICATION.md §Fields, in the order of encoding.
var fields = []field{
	{"sim", 0, on(Issue, PINReset, Transfer), func(a *Application) bool { return a.SIM != [IDLen]byte{} }},
	{"roles", 1, on(Issue, Transfer), func(a *Application) bool { return a.Roles != 0 }},
	{"keyOrigin", 2, on(Issue, Transfer), func(a *Application) bool { return a.Origin != 0 }},
	{"instance", 3, on(PINReset, Revocation, Transfer, SuspensionLift), func(a *Application) bool { return a.Instance != [IDLen]byte{} }},
	{"codeCommitment", 4, on(Issue, Transfer), func(a *Application) bool { return a.Commitment != [CommitmentLen]byte{} }},
	{"replyKey", 5, on(Issue, PINReset, Transfer), func(a *Application) bool { return a.ReplyKey != perso.Point{} }},
	{"order", 6, on(PINReset), func(a *Application) bool { return a.Order != OrderProof{} }},
	{"presence", 7, func(p Purpose) presence {
		if p.Issues() {
			return optional
		}
		return absent
	}, func(a *Application) bool { return a.Presence != nil }},
}
