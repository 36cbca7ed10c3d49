package tsmp

import "slices"

// Code is a stable name of an error in answers.
type Code string

// Retry says what a sender can do about an error.
type Retry string

// What to do.
const (
	// RetrySame: send the same bytes again, later. Nothing was executed, or it is
	// being executed; the answer is not kept.
	RetrySame Retry = "same-call"
	// RetryNew: a new call, with what is wrong put right, can succeed. The answer
	// is kept for the call.
	RetryNew Retry = "new-call"
	// RetryNever: no call of that content will succeed. The answer is kept.
	RetryNever Retry = "never"
)

// Codes of a request that is not known to be anybody's: no signed answer has
// them.
const (
	CodeTooLarge  Code = "too-large"
	CodeKey       Code = "unknown-key"
	CodeSignature Code = "request-signature"
)

// Codes of the request itself.
const (
	CodeMalformed     Code = "malformed-request"
	CodeVersion       Code = "version-not-supported"
	CodeFunction      Code = "unknown-function"
	CodeRecipient     Code = "wrong-recipient"
	CodeNotAuthorised Code = "not-authorised"
	CodeConflict      Code = "call-conflict"
	CodeInProgress    Code = "call-in-progress"
	CodeExpired       Code = "request-expired"
	CodeFuture        Code = "sent-in-the-future"
	CodeOverloaded    Code = "overloaded"
	CodeInternal      Code = "internal-error"
)

// Codes of applications.
const (
	CodeApplicationMalformed Code = "application-malformed"
	CodeApplicationSignature Code = "application-signature"
	CodeSignerUnknown        Code = "signer-unknown"
	CodeSignerRevoked        Code = "signer-revoked"
	CodeSignerSuspended      Code = "signer-suspended"
	CodeSignerExpired        Code = "signer-expired"
	CodeApplicationStale     Code = "application-stale"
	CodeApplicationReplayed  Code = "application-replayed"
	CodeApplicationCode      Code = "application-code"
	CodeSIMPresence          Code = "sim-presence"
	CodePersonNotEligible    Code = "person-not-eligible"
	CodePersonChanged        Code = "person-changed"
	CodeApplicationOpen      Code = "application-open"
	CodeRateLimited          Code = "rate-limited"
	CodeUnknownApplication   Code = "unknown-application"
	CodeApplicationPurpose   Code = "application-purpose"
	CodeApplicationUsed      Code = "application-used"
)

// Codes of orders and issues.
const (
	CodeSIMMismatch        Code = "sim-mismatch"
	CodeUnknownAttestation Code = "attestation-key-unknown"
	CodeUnknownOrder       Code = "unknown-order"
	CodeOrderClosed        Code = "order-closed"
	CodeOrderExpired       Code = "order-expired"
	CodeCounterExhausted   Code = "counter-exhausted"
	CodeStatementMalformed Code = "statement-malformed"
	CodeStatementMismatch  Code = "statement-mismatch"
	CodeAttestation        Code = "attestation-invalid"
	CodePoint              Code = "point-invalid"
	CodeKeyStatements      Code = "key-statements"
	CodeProof              Code = "proof-invalid"
	CodeModulus            Code = "modulus-refused"
	CodeReceipt            Code = "receipt-invalid"
	CodePendingExpired     Code = "pending-expired"
)

// Codes of the life cycle.
const (
	CodeUnknownPhone      Code = "unknown-phone"
	CodeWrongState        Code = "wrong-state"
	CodeGround            Code = "ground-insufficient"
	CodeChallengeMismatch Code = "challenge-mismatch"
)

// Codes of persons and cards.
const (
	CodeUnknownPerson      Code = "unknown-person"
	CodeUnknownCard        Code = "unknown-card"
	CodeNotResident        Code = "not-resident"
	CodeCardNotInForce     Code = "card-not-in-force"
	CodeCardOnHold         Code = "card-on-hold"
	CodeTermOver           Code = "term-over"
	CodeCertificateRequest Code = "certificate-request"
)

// Entry is one line of the catalogue.
type Entry struct {
	Code    Code
	Retry   Retry
	Meaning string
}

var catalogue = []Entry{
	{CodeTooLarge, RetryNew, "the signed request is longer than 262,144 bytes"},
	{CodeKey, RetryNew, "no such key, or it was not in force at the request's time, or it is not the sender's"},
	{CodeSignature, RetryNew, "the request's signature does not verify"},
	{CodeMalformed, RetryNew, "the request breaks its format; path names the member"},
	{CodeVersion, RetryNew, "the protocol version is not spoken here"},
	{CodeFunction, RetryNever, "the recipient has no such function"},
	{CodeRecipient, RetryNew, "the request names another recipient"},
	{CodeNotAuthorised, RetryNever, "the sender's role may not ask this, or not on this ground"},
	{CodeConflict, RetryNew, "the call identifier was used with other content"},
	{CodeInProgress, RetrySame, "the call is being executed"},
	{CodeExpired, RetryNew, "the validity period is over and the call was never executed"},
	{CodeFuture, RetrySame, "the request's time is more than two minutes ahead"},
	{CodeOverloaded, RetrySame, "the recipient has too much to do"},
	{CodeInternal, RetrySame, "the recipient failed; nothing is known to have been done"},

	{CodeApplicationMalformed, RetryNever, "the application breaks its format or contradicts itself"},
	{CodeApplicationSignature, RetryNever, "the application's signature does not verify"},
	{CodeSignerUnknown, RetryNever, "the signer's certificate is not a card's signature certificate of this authority"},
	{CodeSignerRevoked, RetryNever, "the signer's certificate is revoked"},
	{CodeSignerSuspended, RetryNew, "the signer's certificate is suspended"},
	{CodeSignerExpired, RetryNever, "the signer's certificate has expired"},
	{CodeApplicationStale, RetryNew, "the application was signed more than ten minutes ago, or in the future"},
	{CodeApplicationReplayed, RetryNever, "the application's nonce was seen before"},
	{CodeApplicationCode, RetryNew, "the one-time code is not the one that the application commits to, or one of the two is missing"},
	{CodeSIMPresence, RetryNew, "the statement that the SIM is present does not verify, or is missing where it is demanded"},
	{CodePersonNotEligible, RetryNever, "the person cannot hold such a certificate"},
	{CodePersonChanged, RetryNew, "address or name changed: the card has to be updated first"},
	{CodeApplicationOpen, RetryNew, "another application of the person is being carried out"},
	{CodeRateLimited, RetryNew, "too many of these within the time allowed"},
	{CodeUnknownApplication, RetryNever, "no such application of this sender"},
	{CodeApplicationPurpose, RetryNever, "the application is for another purpose or instance"},
	{CodeApplicationUsed, RetryNever, "the application was carried out already, or its time is over"},

	{CodeSIMMismatch, RetryNew, "the SIM is not the one that the applicant signed for"},
	{CodeUnknownAttestation, RetryNew, "the card's attestation key is not known, or is demanded"},
	{CodeUnknownOrder, RetryNever, "no such order of this sender"},
	{CodeOrderClosed, RetryNever, "the order ended: carried out, replaced or revoked"},
	{CodeOrderExpired, RetryNever, "the order's time is over"},
	{CodeCounterExhausted, RetryNever, "the order counter of that instance can rise no further"},
	{CodeStatementMalformed, RetryNew, "a card's statement breaks its format"},
	{CodeStatementMismatch, RetryNew, "a card's statement is of another order or counter"},
	{CodeAttestation, RetryNew, "a card's attestation is missing or wrong"},
	{CodePoint, RetryNew, "the card's ephemeral point is not on the curve"},
	{CodeKeyStatements, RetryNew, "key statements are not those of the order's roles and key origin"},
	{CodeProof, RetryNew, "the proof of possession is wrong"},
	{CodeModulus, RetryNever, "the modulus is malformed, or known from another issue"},
	{CodeReceipt, RetryNew, "the receipt is not that of what was issued"},
	{CodePendingExpired, RetryNever, "no receipt came within 24 hours; the certificate is void"},

	{CodeUnknownPhone, RetryNever, "no such service instance of this sender"},
	{CodeWrongState, RetryNew, "the instance's certificates are not in a state for that"},
	{CodeGround, RetryNever, "the ground is not enough for that"},
	{CodeChallengeMismatch, RetryNew, "the application has another challenge than the card's statement"},

	{CodeUnknownPerson, RetryNever, "no such person"},
	{CodeUnknownCard, RetryNever, "no such card"},
	{CodeNotResident, RetryNever, "the person has left the register by death or emigration"},
	{CodeCardNotInForce, RetryNever, "the card is lost, replaced, ended or past its end of validity"},
	{CodeCardOnHold, RetryNew, "the card is on hold"},
	{CodeTermOver, RetryNew, "nothing would be left of the validity"},
	{CodeCertificateRequest, RetryNew, "the certificate request breaks its format, or its signature does not verify"},
}

// Catalogue is all codes, in the order of the specification.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// LookupCode finds a code in the catalogue.
func LookupCode(c Code) (Entry, bool) {
	for _, e := range catalogue {
		if e.Code == c {
			return e, true
		}
	}
	return Entry{}, false
}

// Error is a failure that an answer tells: a refusal, as against a failure of
// the transport. Whoever implements a function returns one for what its request
// did wrong; any other error becomes CodeInternal, with its text kept from the
// sender.
type Error struct {
	Code   Code
	Path   string // the member at fault, for CodeMalformed; may be empty
	Detail string // for the sender's log, no secret and no personal data; may be empty
}

// Refuse is an *Error of a code with a detail.
func Refuse(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Error has the form "tsmp: statement-mismatch: detail".
func (e *Error) Error() string {
	s := "tsmp: " + string(e.Code)
	if e.Path != "" {
		s += ": " + e.Path
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Is compares codes, so that errors.Is(err, Refuse(CodeWrongState, "")) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Path == "" && t.Detail == ""
}
