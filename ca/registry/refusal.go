package registry

import (
	"fmt"

	"inkan/ca/registry/record"
)

// Code says which rule refuses. The text is stable: callers and the journal have it.
type Code string

// The codes. The comment is what is wanted.
const (
	UnknownPerson       Code = "unknown-person"
	UnknownCard         Code = "unknown-card"
	UnknownPhone        Code = "unknown-phone"
	UnknownCertificate  Code = "unknown-certificate"
	UnknownApplication  Code = "unknown-application"
	UnknownOrder        Code = "unknown-order"
	UnknownGeneration   Code = "unknown-generation" // an active certificate of that generation of the authority
	NotResident         Code = "not-resident"
	OtherMunicipality   Code = "other-municipality" // a person of the one that asks
	CardNotInForce      Code = "card-not-in-force"
	CardOnHold          Code = "card-on-hold"
	TooYoung            Code = "too-young" // 15 birthdays, for a signature certificate
	WardOfCourt         Code = "ward"
	SignatureNotValid   Code = "signature-certificate-not-valid"
	NoAuthentication    Code = "no-authentication-certificate" // an active one of the card
	HolderChanged       Code = "holder-changed"
	Stale               Code = "stale" // an application signed within ten minutes
	NonceUsed           Code = "nonce-used"
	ApplicationClosed   Code = "application-closed"
	OrderClosed         Code = "order-closed"
	OrderExpired        Code = "order-expired"
	TooLate             Code = "too-late" // a call within its validity
	WrongSIM            Code = "wrong-sim"
	WrongHolder         Code = "wrong-holder"
	WrongPurpose        Code = "wrong-purpose"
	TooManyResets       Code = "too-many-resets"
	TooManyOrders       Code = "too-many-orders"
	CounterExhausted    Code = "counter-exhausted"
	KeyKnown            Code = "key-known"
	SerialsExhausted    Code = "serials-exhausted"
	ReservationEnded    Code = "reservation-ended"
	NothingLeftOfTerm   Code = "nothing-left-of-term" // parents that last longer than now
	NotPending          Code = "not-pending"
	NotActive           Code = "not-active"
	NotSuspended        Code = "not-suspended"
	AlreadyRevoked      Code = "already-revoked"
	CertificateExpired  Code = "expired"
	ReasonNotAdmitted   Code = "reason-not-admitted"
	DifferentRequest    Code = "different-request" // the same request as the first time
	ErasureNotRequested Code = "erasure-not-due"
)

// Refusal is the error of a request that a rule forbids. It is in the journal,
// and nothing else has changed. Spec: SPEC-CA-LIFECYCLE-050.
type Refusal struct {
	Act  string
	Code Code

	subject record.Subject
}

// Error is "registry: activate refused: not-pending".
func (r *Refusal) Error() string { return fmt.Sprintf("registry: %s refused: %s", r.Act, r.Code) }

// Is makes errors.Is(err, &Refusal{Code: c}) compare codes.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Code == r.Code && (t.Act == "" || t.Act == r.Act)
}

// refuse is a refusal of the act under way.
func refuse(c Code) error { return &Refusal{Code: c} }
