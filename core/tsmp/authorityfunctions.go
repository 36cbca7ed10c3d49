package tsmp

import "slices"

// The authority's functions, and the notification that it sends.
const (
	VerifyApplication                        Function = "VerifyApplication"
	PlaceOrder                               Function = "PlaceOrder"
	Issue                                    Function = "Issue"
	Activate                                 Function = "Activate"
	Revoke                                   Function = "Revoke"
	Suspend                                  Function = "Suspend"
	Resume                                   Function = "Resume"
	OrderPINReset                            Function = "OrderPINReset"
	SealPINReset                             Function = "SealPINReset"
	ReportErase                              Function = "ReportErase"
	GetCertificateStatus                     Function = "GetCertificateStatus"
	HandleCertificateStateChangeNotification Function = "HandleCertificateStateChangeNotification"
)

// lifecycleSenders may end, hold and free a certificate; which ground each of
// them may give is groundsOf's to say.
const lifecycleSenders = RoleSPTSM | RoleHelpDesk | RoleMunicipality

// outdated are the codes of a step after the application was verified: what it rests on,
// the card that signed and its holder, may have changed since.
var outdated = []Code{CodeSignerRevoked, CodeSignerSuspended, CodePersonNotEligible, CodePersonChanged}

var authorityDefinitions = []Definition{
	{VerifyApplication, RoleSPTSM, RoleCA, body[VerifyApplicationRequest], body[VerifyApplicationAnswer],
		[]Code{CodeApplicationMalformed, CodeApplicationSignature, CodeSignerUnknown, CodeSignerRevoked, CodeSignerSuspended, CodeSignerExpired, CodeApplicationStale, CodeApplicationReplayed, CodeApplicationCode, CodeSIMPresence, CodePersonNotEligible, CodePersonChanged, CodeApplicationOpen, CodeRateLimited, CodeUnknownPhone, CodeWrongHolder, CodeWrongState}},
	{PlaceOrder, RoleSPTSM, RoleCA, body[PlaceOrderRequest], body[PlaceOrderAnswer],
		slices.Concat([]Code{CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeSIMMismatch, CodeUnknownAttestation, CodeAIDNotPermitted, CodeLoadFile, CodeCounterExhausted, CodeRateLimited}, outdated)},
	{Issue, RoleSPTSM, RoleCA, body[IssueRequest], body[IssueAnswer],
		slices.Concat([]Code{CodeUnknownOrder, CodeOrderClosed, CodeApplicationPurpose, CodeApplicationUsed, CodePendingExpired, CodeUnknownAttestation, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodePoint, CodeKeyStatements, CodeProof, CodeModulus}, outdated)},
	{Activate, RoleSPTSM, RoleCA, body[ActivateRequest], body[ActivateAnswer],
		[]Code{CodeUnknownOrder, CodeOrderClosed, CodeUnknownAttestation, CodeStatementMalformed, CodeReceipt, CodePendingExpired, CodeWrongState, CodeSignerSuspended, CodePersonNotEligible}},
	{Revoke, lifecycleSenders, RoleCA, body[RevokeRequest], body[StateAnswer],
		slices.Concat([]Code{CodeUnknownPhone, CodeGround, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed}, outdated)},
	{Suspend, lifecycleSenders, RoleCA, body[SuspendRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone, CodeGround, CodeWrongState}},
	{Resume, lifecycleSenders, RoleCA, body[ResumeRequest], body[StateAnswer],
		slices.Concat([]Code{CodeUnknownPhone, CodeGround, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeWrongState}, outdated)},
	{OrderPINReset, RoleSPTSM, RoleCA, body[OrderPINResetRequest], body[PlaceOrderAnswer],
		[]Code{CodeUnknownPhone, CodeWrongState, CodeRateLimited, CodeCounterExhausted}},
	{SealPINReset, RoleSPTSM, RoleCA, body[SealPINResetRequest], body[SealPINResetAnswer],
		slices.Concat([]Code{CodeUnknownOrder, CodeOrderClosed, CodeOrderExpired, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeUnknownAttestation, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodePoint, CodeChallengeMismatch, CodeWrongState}, outdated)},
	{ReportErase, RoleSPTSM, RoleCA, body[ReportEraseRequest], body[ReportEraseAnswer],
		[]Code{CodeUnknownPhone, CodeUnknownAttestation, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodeWrongState}},
	{GetCertificateStatus, lifecycleSenders, RoleCA, body[GetCertificateStatusRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone}},
	{HandleCertificateStateChangeNotification, RoleCA, RoleSPTSM, body[HandleCertificateStateChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownPhone}},
}
