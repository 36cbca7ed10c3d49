package tsmp

import "slices"

// Function is the name of a function in messages.
type Function string

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

// Definition is one function of the protocol.
type Definition struct {
	Function  Function
	Senders   Role // a set
	Recipient Role
	// Request and Answer make zero bodies.
	Request func() Body
	Answer  func() Body
}

// lifecycleSenders may end, hold and free a certificate; which ground each of
// them may give is groundsOf's to say.
const lifecycleSenders = RoleSPTSM | RoleHelpDesk | RoleMunicipality

func body[T any, P interface {
	*T
	Body
}]() Body {
	return P(new(T))
}

var definitions = []Definition{
	{VerifyApplication, RoleSPTSM, RoleCA, body[VerifyApplicationRequest], body[VerifyApplicationAnswer]},
	{PlaceOrder, RoleSPTSM, RoleCA, body[PlaceOrderRequest], body[PlaceOrderAnswer]},
	{Issue, RoleSPTSM, RoleCA, body[IssueRequest], body[IssueAnswer]},
	{Activate, RoleSPTSM, RoleCA, body[ActivateRequest], body[ActivateAnswer]},
	{Revoke, lifecycleSenders, RoleCA, body[RevokeRequest], body[StateAnswer]},
	{Suspend, lifecycleSenders, RoleCA, body[SuspendRequest], body[StateAnswer]},
	{Resume, lifecycleSenders, RoleCA, body[ResumeRequest], body[StateAnswer]},
	{OrderPINReset, RoleSPTSM, RoleCA, body[OrderPINResetRequest], body[PlaceOrderAnswer]},
	{SealPINReset, RoleSPTSM, RoleCA, body[SealPINResetRequest], body[SealPINResetAnswer]},
	{ReportErase, RoleSPTSM, RoleCA, body[ReportEraseRequest], body[ReportEraseAnswer]},
	{GetCertificateStatus, lifecycleSenders, RoleCA, body[GetCertificateStatusRequest], body[StateAnswer]},
	{HandleCertificateStateChangeNotification, RoleCA, RoleSPTSM, body[HandleCertificateStateChangeNotificationRequest], body[Acknowledgement]},
}

// Definitions are all functions, in the order of the specification.
func Definitions() []Definition { return slices.Clone(definitions) }

// Lookup finds a function.
func Lookup(f Function) (Definition, bool) {
	for _, d := range definitions {
		if d.Function == f {
			return d, true
		}
	}
	return Definition{}, false
}

// groundsOf are the grounds that a sender may give. Spec: SPEC-TSM-PROTOCOL-031.
func groundsOf(sender Role) []Ground {
	switch sender {
	case RoleSPTSM:
		return []Ground{GroundApplication, GroundSubscription, GroundService}
	case RoleHelpDesk:
		return []Ground{GroundHotline}
	case RoleMunicipality:
		return []Ground{GroundAuthority}
	}
	return nil
}

// causeOf is the cause in a request that has one.
func causeOf(b Body) *Cause {
	switch b := b.(type) {
	case *RevokeRequest:
		return &b.Cause
	case *SuspendRequest:
		return &b.Cause
	case *ResumeRequest:
		return &b.Cause
	}
	return nil
}

// mayAsk reports whether a sender may give the request's ground.
func mayAsk(sender Role, b Body) bool {
	c := causeOf(b)
	return c == nil || slices.Contains(groundsOf(sender), c.Ground)
}

// registered are names of GlobalPlatform's System Messaging that the part of the
// protocol between SP-TSM and MNO-TSM will use. A request with one of them is
// refused like any other unknown function.
var registered = []Function{
	"CheckGlobalEligibility", "CheckMobileSubscriptionEligibility", "GetDeviceCapabilityProfileId", "GetSECapabilityProfileId",
	"GetMobileSubscriptionAlternateIdentifier", "GetSEMobileSubscriptionIdentifier", "GetMobileSubscriptionSEIdentifiers",
	"HandleMobileSubscriptionIdentifierChangedNotification", "HandleMobileSubscriptionStatusChangeNotification",
	"HandleSERenewalNotification", "HandleSEDeviceChangedNotification", "HandleSEDeviceStatusChangeNotification",
	"HandleSEMobileSubscriptionChangedNotification", "HandleSEStatusChangeNotification",
	"HandleStartServiceStateChangeNotification", "HandleEndServiceStateChangeNotification",
	"HandleServiceEnvironmentChangeNotification", "HandleActionDoneOnServiceNotification",
	"LookupServiceInstanceReference", "DeclareServiceInstanceReference", "GetServiceInstanceReferenceDescriptor", "GetServiceState",
	"DeployService", "UpgradeService", "ExchangeServiceData", "SuspendOrResumeService", "TerminateService",
	"EnrollSSDOwnerCertificate", "GetCAInformation", "AuditCAInformation",
	"SECommandsGenerationAndRemoteExecution", "GenerateDMToken", "VerifyDMReceipt",
	"BeginConversation", "SendScript", "EndConversation", "GetApplicationOrELFStatus", "GetSDFreeMemory",
	"LoadDeviceApplication", "BindDeviceApplicationToSEApplication", "UnbindDeviceApplicationToSEApplication",
	"HandleActionDoneOnDeviceApplicationNotification",
}

// Registered are the names that are kept for the part between SP-TSM and
// MNO-TSM.
func Registered() []Function { return slices.Clone(registered) }
