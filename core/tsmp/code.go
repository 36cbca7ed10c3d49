package tsmp

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
	CodeWrongHolder       Code = "wrong-holder"
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

// Codes between SP-TSM and MNO-TSM.
const (
	CodeUnknownSE           Code = "unknown-se"
	CodeUnknownDevice       Code = "unknown-device"
	CodeUnknownSubscriber   Code = "unknown-subscriber"
	CodeSubscriberChanged   Code = "subscriber-changed"
	CodeUnknownService      Code = "unknown-service"
	CodeNotEligible         Code = "not-eligible"
	CodeModelNotOffered     Code = "model-not-offered"
	CodeNotInModel          Code = "not-in-model"
	CodeReferenceUsed       Code = "reference-used"
	CodeServicePresent      Code = "service-present"
	CodeUnknownReference    Code = "unknown-reference"
	CodeActionInProgress    Code = "action-in-progress"
	CodeUnknownAction       Code = "unknown-action"
	CodeAIDNotPermitted     Code = "aid-not-permitted"
	CodeUnknownLoadFile     Code = "load-file-unknown"
	CodeLoadFile            Code = "load-file-refused"
	CodeMemory              Code = "se-memory"
	CodeNoBearer            Code = "no-bearer"
	CodeNoAuthority         Code = "no-controlling-authority"
	CodeTemplate            Code = "template-malformed"
	CodeTokenRefused        Code = "token-refused"
	CodeUnknownConversation Code = "unknown-conversation"
	CodeConversationOver    Code = "conversation-over"
	CodeScriptOrder         Code = "script-order"
	CodeScriptTooLong       Code = "script-too-long"
	CodeAuditPending        Code = "audit-pending"
)

// Codes of UI apps.
const (
	CodeUnknownSession Code = "unknown-session"
	CodeUnknownTicket  Code = "unknown-ticket"
	CodeCarrier        Code = "carrier-unreachable"
)

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
