package relyingparty

import "fmt"

// Code names one reason for which a login fails. It is stable, may be shown to
// the user and told to a help desk, and does not help an attacker.
type Code string

// The reasons.
const (
	ChallengeUnknown  Code = "RP-101" // no such statement, or it was used
	ChallengeExpired  Code = "RP-102"
	ResponseMalformed Code = "RP-103"
	SignatureWrong    Code = "RP-104"

	CertificateMalformed   Code = "RP-201"
	IssuerUnknown          Code = "RP-202" // no trusted authority has the key that is named
	CertificateForged      Code = "RP-203" // the issuer's key does not verify it
	AuthorityNotValid      Code = "RP-204" // the authority's certificate, at this time
	CertificateNotYetValid Code = "RP-205"
	CertificateExpired     Code = "RP-206"
	KeyNotAccepted         Code = "RP-207"
	PurposeWrong           Code = "RP-208" // key usage, extended key usage, basic constraints
	PolicyWrong            Code = "RP-209" // another kind of certificate than is asked for
	ExtensionUnknown       Code = "RP-210" // a critical one

	CertificateRevoked   Code = "RP-301"
	CertificateSuspended Code = "RP-302"
	CertificateUnknown   Code = "RP-303" // the authority does not know it
	AuthorityRevoked     Code = "RP-304"
	StatusUnavailable    Code = "RP-305" // no good answer: the causes are wrapped

	ListMalformed   Code = "RP-311"
	ListIssuer      Code = "RP-312" // signed by another key than the certificate
	ListForged      Code = "RP-313"
	ListScope       Code = "RP-314" // of another distribution point, or not complete
	ListStale       Code = "RP-315"
	ListEarly       Code = "RP-316"
	ListUnlocated   Code = "RP-317" // the certificate names no list that can be fetched
	FetchFailed     Code = "RP-318" // nothing came, or too much
	AnswerRefused   Code = "RP-321" // the responder says that it cannot answer
	AnswerMismatch  Code = "RP-322" // about another certificate
	AnswerMalformed Code = "RP-323"
	AnswerForged    Code = "RP-324"
	AnswerResponder Code = "RP-325" // signed by somebody who may not
	AnswerNonce     Code = "RP-326"
	AnswerStale     Code = "RP-327"
	AnswerEarly     Code = "RP-328"
	AnswerUnlocated Code = "RP-329" // the certificate names no responder

	AccountUnknown Code = "RP-401" // a certificate that no account has: first visit, or renewed
	AccountRetired Code = "RP-402" // the account has a later certificate
)

// Error is why something is not accepted. Detail is for a log: it has no
// secrets and no name of a person, but is not for the user.
type Error struct {
	Code   Code
	Detail string
	Cause  error // may be nil
}

// Error has the form "RP-315: the list's next update was …".
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Detail)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is compares by code, so that errors.Is(err, &Error{Code: ListStale}) tells.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

func fail(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func failed(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...), Cause: cause}
}
