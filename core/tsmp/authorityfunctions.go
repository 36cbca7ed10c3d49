package tsmp

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

var authorityDefinitions = []Definition{
	{VerifyApplication, RoleSPTSM, RoleCA, body[VerifyApplicationRequest], body[VerifyApplicationAnswer],
		[]Code{CodeApplicationMalformed, CodeApplicationSignature, CodeSignerUnknown, CodeSignerRevoked, CodeSignerSuspended, CodeSignerExpired, CodeApplicationStale, CodeApplicationReplayed, CodeApplicationCode, CodeSIMPresence, CodePersonNotEligible, CodePersonChanged, CodeApplicationOpen, CodeRateLimited, CodeUnknownPhone, CodeWrongHolder, CodeWrongState}},
	{PlaceOrder, RoleSPTSM, RoleCA, body[PlaceOrderRequest], body[PlaceOrderAnswer],
		[]Code{CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeSIMMismatch, CodeUnknownAttestation, CodeAIDNotPermitted, CodeLoadFile, CodeCounterExhausted, CodeRateLimited, CodePersonNotEligible, CodePersonChanged}},
	{Issue, RoleSPTSM, RoleCA, body[IssueRequest], body[IssueAnswer],
		[]Code{CodeUnknownOrder, CodeOrderClosed, CodeOrderExpired, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodePoint, CodeKeyStatements, CodeProof, CodeModulus, CodePersonNotEligible, CodePersonChanged}},
	{Activate, RoleSPTSM, RoleCA, body[ActivateRequest], body[ActivateAnswer],
		[]Code{CodeUnknownOrder, CodeOrderClosed, CodeStatementMalformed, CodeReceipt, CodePendingExpired}},
	{Revoke, lifecycleSenders, RoleCA, body[RevokeRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone, CodeGround, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed}},
	{Suspend, lifecycleSenders, RoleCA, body[SuspendRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone, CodeGround, CodeWrongState}},
	{Resume, lifecycleSenders, RoleCA, body[ResumeRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone, CodeGround, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeWrongState}},
	{OrderPINReset, RoleSPTSM, RoleCA, body[OrderPINResetRequest], body[PlaceOrderAnswer],
		[]Code{CodeUnknownPhone, CodeWrongState, CodeRateLimited, CodeCounterExhausted}},
	{SealPINReset, RoleSPTSM, RoleCA, body[SealPINResetRequest], body[SealPINResetAnswer],
		[]Code{CodeUnknownOrder, CodeOrderClosed, CodeOrderExpired, CodeUnknownApplication, CodeApplicationPurpose, CodeApplicationUsed, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodePoint, CodeChallengeMismatch, CodeWrongState}},
	{ReportErase, RoleSPTSM, RoleCA, body[ReportEraseRequest], body[ReportEraseAnswer],
		[]Code{CodeUnknownPhone, CodeStatementMalformed, CodeStatementMismatch, CodeAttestation, CodeWrongState}},
	{GetCertificateStatus, lifecycleSenders, RoleCA, body[GetCertificateStatusRequest], body[StateAnswer],
		[]Code{CodeUnknownPhone}},
	{HandleCertificateStateChangeNotification, RoleCA, RoleSPTSM, body[HandleCertificateStateChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownPhone}},
}
