package tsmp

import "slices"

// Registration keeps names of functions that the protocol does not have.
type Registration struct {
	Section   string // of the specification, where they will be
	Functions []Function
}

// registered are the functions of GlobalPlatform's System Messaging that nobody
// serves here. A request with one of them is refused like any other unknown
// function.
var registered = []Registration{
	{"Mobile subscription", []Function{"GetMobileSubscriptionAlternateIdentifier", "GetMobileSubscriptionSEIdentifiers"}},
	{"Service deployment", []Function{"LookupServiceInstanceReference", "GetServiceInstanceReferenceDescriptor", "UpgradeService", "ExchangeServiceData"}},
	{"Confidential content management", []Function{"AuditCAInformation"}},
	{"Device application", []Function{"LoadDeviceApplication", "BindDeviceApplicationToSEApplication", "UnbindDeviceApplicationToSEApplication", "HandleActionDoneOnDeviceApplicationNotification"}},
}

// Registered are the names that are kept, by section.
func Registered() []Registration { return slices.Clone(registered) }
