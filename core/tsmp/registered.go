package tsmp

import "slices"

// Registration keeps names of functions for a part of the protocol that is not
// written yet.
type Registration struct {
	Section   string // of the specification, where they will be
	Functions []Function
}

// registered are the functions of GlobalPlatform's System Messaging that the part
// between SP-TSM and MNO-TSM will have. A request with one of them is refused like
// any other unknown function.
var registered = []Registration{
	{"Eligibility", []Function{"CheckGlobalEligibility", "CheckMobileSubscriptionEligibility", "GetDeviceCapabilityProfileId", "GetSECapabilityProfileId"}},
	{"Mobile subscription", []Function{"GetMobileSubscriptionAlternateIdentifier", "GetSEMobileSubscriptionIdentifier", "GetMobileSubscriptionSEIdentifiers", "HandleMobileSubscriptionIdentifierChangedNotification", "HandleMobileSubscriptionStatusChangeNotification", "HandleSERenewalNotification"}},
	{"Secure element", []Function{"HandleSEDeviceChangedNotification", "HandleSEDeviceStatusChangeNotification", "HandleSEMobileSubscriptionChangedNotification", "HandleSEStatusChangeNotification"}},
	{"Service notifications", []Function{"HandleStartServiceStateChangeNotification", "HandleEndServiceStateChangeNotification", "HandleServiceEnvironmentChangeNotification", "HandleActionDoneOnServiceNotification"}},
	{"Service deployment", []Function{"LookupServiceInstanceReference", "DeclareServiceInstanceReference", "GetServiceInstanceReferenceDescriptor", "GetServiceState", "DeployService", "UpgradeService", "ExchangeServiceData", "SuspendOrResumeService", "TerminateService"}},
	{"Confidential content management", []Function{"EnrollSSDOwnerCertificate", "GetCAInformation", "AuditCAInformation"}},
	{"Simple mode", []Function{"SECommandsGenerationAndRemoteExecution"}},
	{"Delegated mode", []Function{"GenerateDMToken", "VerifyDMReceipt"}},
	{"Scripts", []Function{"BeginConversation", "SendScript", "EndConversation"}},
	{"Audit", []Function{"GetApplicationOrELFStatus", "GetSDFreeMemory"}},
	{"Device application", []Function{"LoadDeviceApplication", "BindDeviceApplicationToSEApplication", "UnbindDeviceApplicationToSEApplication", "HandleActionDoneOnDeviceApplicationNotification"}},
}

// Registered are the names that are kept, by section.
func Registered() []Registration { return slices.Clone(registered) }
