package tsmp

// The functions of the UI app. Relay functions are served by whoever sends scripts
// by relay: the SP-TSM its own, the MNO-TSM its own.
const (
	StartApplication   Function = "StartApplication"
	SubmitApplication  Function = "SubmitApplication"
	GetProgress        Function = "GetProgress"
	CancelApplication  Function = "CancelApplication"
	GetServiceInstance Function = "GetServiceInstance"
	ReportEvent        Function = "ReportEvent"
	FetchScript        Function = "FetchScript"
	ReturnResponses    Function = "ReturnResponses"
)

var appDefinitions = []Definition{
	{StartApplication, RoleUIApp, RoleSPTSM, body[StartApplicationRequest], body[StartApplicationAnswer],
		[]Code{CodeRateLimited, CodeUnknownPhone, CodeWrongState, CodeCarrier}},
	{SubmitApplication, RoleUIApp, RoleSPTSM, body[SubmitApplicationRequest], body[SubmitApplicationAnswer],
		append([]Code{CodeUnknownSession, CodeApplicationUsed, CodeApplicationPurpose, CodeSIMMismatch, CodeSubscriberChanged, CodeCarrier}, authorityDefinitions[0].Errors...)},
	{GetProgress, RoleUIApp, RoleSPTSM, body[GetProgressRequest], body[GetProgressAnswer],
		[]Code{CodeUnknownSession}},
	{CancelApplication, RoleUIApp, RoleSPTSM, body[CancelApplicationRequest], body[Acknowledgement],
		[]Code{CodeUnknownSession, CodeWrongState}},
	{GetServiceInstance, RoleUIApp, RoleSPTSM, body[GetServiceInstanceRequest], body[GetServiceInstanceAnswer],
		[]Code{CodeUnknownPhone}},
	{ReportEvent, RoleUIApp, RoleSPTSM, body[ReportEventRequest], body[RecordedAnswer],
		[]Code{CodeUnknownPhone, CodeWrongState}},
	{FetchScript, RoleUIApp, managers, body[FetchScriptRequest], body[FetchScriptAnswer],
		[]Code{CodeUnknownTicket, CodeScriptOrder}},
	{ReturnResponses, RoleUIApp, managers, body[ReturnResponsesRequest], body[ReturnResponsesAnswer],
		[]Code{CodeUnknownTicket, CodeScriptOrder}},
}
