package tsmp

// The functions between SP-TSM and MNO-TSM: names of GlobalPlatform's System
// Messaging, but for DeliverOneTimeCode and NotifyHolder.
const (
	CheckGlobalEligibility                                Function = "CheckGlobalEligibility"
	CheckMobileSubscriptionEligibility                    Function = "CheckMobileSubscriptionEligibility"
	GetDeviceCapabilityProfileId                          Function = "GetDeviceCapabilityProfileId"
	GetSECapabilityProfileId                              Function = "GetSECapabilityProfileId"
	GetSEMobileSubscriptionIdentifier                     Function = "GetSEMobileSubscriptionIdentifier"
	DeliverOneTimeCode                                    Function = "DeliverOneTimeCode"
	NotifyHolder                                          Function = "NotifyHolder"
	DeclareServiceInstanceReference                       Function = "DeclareServiceInstanceReference"
	GetServiceState                                       Function = "GetServiceState"
	DeployService                                         Function = "DeployService"
	SuspendOrResumeService                                Function = "SuspendOrResumeService"
	TerminateService                                      Function = "TerminateService"
	GetCAInformation                                      Function = "GetCAInformation"
	EnrollSSDOwnerCertificate                             Function = "EnrollSSDOwnerCertificate"
	SECommandsGenerationAndRemoteExecution                Function = "SECommandsGenerationAndRemoteExecution"
	GenerateDMToken                                       Function = "GenerateDMToken"
	VerifyDMReceipt                                       Function = "VerifyDMReceipt"
	BeginConversation                                     Function = "BeginConversation"
	SendScript                                            Function = "SendScript"
	EndConversation                                       Function = "EndConversation"
	GetApplicationOrELFStatus                             Function = "GetApplicationOrELFStatus"
	GetSDFreeMemory                                       Function = "GetSDFreeMemory"
	HandleStartServiceStateChangeNotification             Function = "HandleStartServiceStateChangeNotification"
	HandleEndServiceStateChangeNotification               Function = "HandleEndServiceStateChangeNotification"
	HandleServiceEnvironmentChangeNotification            Function = "HandleServiceEnvironmentChangeNotification"
	HandleActionDoneOnServiceNotification                 Function = "HandleActionDoneOnServiceNotification"
	HandleMobileSubscriptionIdentifierChangedNotification Function = "HandleMobileSubscriptionIdentifierChangedNotification"
	HandleMobileSubscriptionStatusChangeNotification      Function = "HandleMobileSubscriptionStatusChangeNotification"
	HandleSERenewalNotification                           Function = "HandleSERenewalNotification"
	HandleSEDeviceChangedNotification                     Function = "HandleSEDeviceChangedNotification"
	HandleSEDeviceStatusChangeNotification                Function = "HandleSEDeviceStatusChangeNotification"
	HandleSEMobileSubscriptionChangedNotification         Function = "HandleSEMobileSubscriptionChangedNotification"
	HandleSEStatusChangeNotification                      Function = "HandleSEStatusChangeNotification"
)

// managers are both service managers: either tells the other.
const managers = RoleSPTSM | RoleMNOTSM

var carrierDefinitions = []Definition{
	{CheckGlobalEligibility, RoleSPTSM, RoleMNOTSM, body[CheckGlobalEligibilityRequest], body[CheckGlobalEligibilityAnswer], nil},
	{CheckMobileSubscriptionEligibility, RoleSPTSM, RoleMNOTSM, body[CheckMobileSubscriptionEligibilityRequest], body[EligibilityAnswer], nil},
	{GetDeviceCapabilityProfileId, RoleSPTSM, RoleMNOTSM, body[GetDeviceCapabilityProfileIdRequest], body[ProfileAnswer],
		[]Code{CodeUnknownSE, CodeUnknownDevice}},
	{GetSECapabilityProfileId, RoleSPTSM, RoleMNOTSM, body[GetSECapabilityProfileIdRequest], body[ProfileAnswer],
		[]Code{CodeUnknownSE}},
	{GetSEMobileSubscriptionIdentifier, RoleSPTSM, RoleMNOTSM, body[GetSEMobileSubscriptionIdentifierRequest], body[SubscriptionAnswer],
		[]Code{CodeUnknownSE, CodeUnknownSubscriber}},
	{DeliverOneTimeCode, RoleSPTSM, RoleMNOTSM, body[DeliverOneTimeCodeRequest], body[RecordedAnswer],
		[]Code{CodeUnknownSE, CodeUnknownSubscriber, CodeSubscriberChanged, CodeRateLimited, CodeTermOver}},
	{NotifyHolder, RoleSPTSM, RoleMNOTSM, body[NotifyHolderRequest], body[RecordedAnswer],
		[]Code{CodeUnknownSE, CodeUnknownSubscriber, CodeSubscriberChanged, CodeRateLimited, CodeTermOver}},
	{DeclareServiceInstanceReference, RoleSPTSM, RoleMNOTSM, body[DeclareServiceInstanceReferenceRequest], body[DeclareServiceInstanceReferenceAnswer],
		[]Code{CodeUnknownSE, CodeUnknownSubscriber, CodeSubscriberChanged, CodeUnknownService, CodeModelNotOffered, CodeReferenceUsed, CodeServicePresent, CodeNotEligible}},
	{GetServiceState, RoleSPTSM, RoleMNOTSM, body[GetServiceStateRequest], body[ServiceStateAnswer],
		[]Code{CodeUnknownReference}},
	{DeployService, RoleSPTSM, RoleMNOTSM, body[DeployServiceRequest], body[ActionAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeActionInProgress, CodeSubscriberChanged, CodeNotInModel, CodeAIDNotPermitted, CodeUnknownLoadFile, CodeLoadFile, CodeMemory, CodeNoAuthority, CodeTemplate, CodeNoBearer}},
	{SuspendOrResumeService, RoleSPTSM, RoleMNOTSM, body[SuspendOrResumeServiceRequest], body[ActionAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeActionInProgress, CodeSubscriberChanged, CodeNoBearer}},
	{TerminateService, RoleSPTSM, RoleMNOTSM, body[TerminateServiceRequest], body[ActionAnswer],
		[]Code{CodeUnknownReference, CodeNoBearer}},
	{GetCAInformation, RoleSPTSM, RoleMNOTSM, body[GetCAInformationRequest], body[GetCAInformationAnswer],
		[]Code{CodeUnknownSE, CodeNoAuthority}},
	{EnrollSSDOwnerCertificate, RoleSPTSM, RoleMNOTSM, body[EnrollSSDOwnerCertificateRequest], body[ActionAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeActionInProgress, CodeSubscriberChanged, CodeNoAuthority, CodeTemplate, CodeNoBearer}},
	{SECommandsGenerationAndRemoteExecution, RoleSPTSM, RoleMNOTSM, body[SECommandsGenerationAndRemoteExecutionRequest], body[ActionAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeActionInProgress, CodeSubscriberChanged, CodeNotInModel, CodeAIDNotPermitted, CodeMemory, CodeNoBearer}},
	{GenerateDMToken, RoleSPTSM, RoleMNOTSM, body[GenerateDMTokenRequest], body[GenerateDMTokenAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeSubscriberChanged, CodeNotInModel, CodeAIDNotPermitted, CodeTokenRefused}},
	{VerifyDMReceipt, RoleSPTSM, RoleMNOTSM, body[VerifyDMReceiptRequest], body[RecordedAnswer],
		[]Code{CodeUnknownReference, CodeNotInModel, CodeReceipt}},
	{BeginConversation, RoleSPTSM, RoleMNOTSM, body[BeginConversationRequest], body[BeginConversationAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeActionInProgress, CodeSubscriberChanged, CodeNoBearer}},
	{SendScript, RoleSPTSM, RoleMNOTSM, body[SendScriptRequest], body[ActionAnswer],
		[]Code{CodeUnknownConversation, CodeConversationOver, CodeScriptOrder, CodeScriptTooLong, CodeActionInProgress, CodeSubscriberChanged, CodeAIDNotPermitted}},
	{EndConversation, RoleSPTSM, RoleMNOTSM, body[EndConversationRequest], body[EndConversationAnswer],
		[]Code{CodeUnknownConversation}},
	{GetApplicationOrELFStatus, RoleSPTSM, RoleMNOTSM, body[GetApplicationOrELFStatusRequest], body[GetApplicationOrELFStatusAnswer],
		[]Code{CodeUnknownReference, CodeSubscriberChanged, CodeAIDNotPermitted, CodeAuditPending}},
	{GetSDFreeMemory, RoleSPTSM, RoleMNOTSM, body[GetSDFreeMemoryRequest], body[GetSDFreeMemoryAnswer],
		[]Code{CodeUnknownReference, CodeWrongState, CodeSubscriberChanged, CodeAuditPending}},
	{HandleStartServiceStateChangeNotification, managers, managers, body[HandleStartServiceStateChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownReference}},
	{HandleEndServiceStateChangeNotification, managers, managers, body[HandleEndServiceStateChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownReference}},
	{HandleServiceEnvironmentChangeNotification, RoleMNOTSM, RoleSPTSM, body[HandleServiceEnvironmentChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownReference}},
	{HandleActionDoneOnServiceNotification, RoleMNOTSM, RoleSPTSM, body[HandleActionDoneOnServiceNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownReference, CodeUnknownAction}},
	{HandleMobileSubscriptionIdentifierChangedNotification, RoleMNOTSM, RoleSPTSM, body[HandleMobileSubscriptionIdentifierChangedNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownSubscriber}},
	{HandleMobileSubscriptionStatusChangeNotification, RoleMNOTSM, RoleSPTSM, body[HandleMobileSubscriptionStatusChangeNotificationRequest], body[Acknowledgement],
		[]Code{CodeUnknownSubscriber}},
	{HandleSERenewalNotification, RoleMNOTSM, RoleSPTSM, body[HandleSERenewalNotificationRequest], body[Acknowledgement], []Code{CodeUnknownSE}},
	{HandleSEDeviceChangedNotification, RoleMNOTSM, RoleSPTSM, body[HandleSEDeviceChangedNotificationRequest], body[Acknowledgement], []Code{CodeUnknownSE}},
	{HandleSEDeviceStatusChangeNotification, RoleMNOTSM, RoleSPTSM, body[HandleSEDeviceStatusChangeNotificationRequest], body[Acknowledgement], []Code{CodeUnknownSE}},
	{HandleSEMobileSubscriptionChangedNotification, RoleMNOTSM, RoleSPTSM, body[HandleSEMobileSubscriptionChangedNotificationRequest], body[Acknowledgement], []Code{CodeUnknownSE}},
	{HandleSEStatusChangeNotification, RoleMNOTSM, RoleSPTSM, body[HandleSEStatusChangeNotificationRequest], body[Acknowledgement], []Code{CodeUnknownSE}},
}
