package tsmp

// Model is a deployment model of GlobalPlatform.
type Model byte

// Models.
const (
	ModelSimple     Model = iota + 1 // the MNO-TSM does all content management
	ModelDelegated                   // the SP-TSM does, with tokens of the MNO-TSM
	ModelAuthorised                  // the SP-TSM does, the MNO-TSM transports
)

var modelWords = []named[Model]{{ModelSimple, "simple"}, {ModelDelegated, "delegated"}, {ModelAuthorised, "authorised"}}

// String is the model's word in messages.
func (d Model) String() string { return wordOf(modelWords, d) }

// Bearer is how an MNO-TSM's bytes get to a card.
type Bearer byte

// Bearers.
const (
	BearerSMS   Bearer = iota + 1 // SCP80 in concatenated short messages
	BearerRelay                   // the UI app fetches scripts and returns responses
)

var bearerWords = []named[Bearer]{{BearerSMS, "sms"}, {BearerRelay, "relay"}}

// String is the bearer's word in messages.
func (b Bearer) String() string { return wordOf(bearerWords, b) }

// visitBearers are the bearers that may be used, the preferred one first.
func visitBearers(m *members, p *[]Bearer) {
	wordList(m, "bearers", p, 1, len(bearerWords), bearerWords)
}

// Usage is what the applicant says to be of the contract.
type Usage byte

// Usages.
const (
	UsageHolder        Usage = iota + 1 // 契約者本人
	UsagePermittedUser                  // 利用者: a relative's or employer's contract
)

var usageWords = []named[Usage]{{UsageHolder, "holder"}, {UsagePermittedUser, "permitted-user"}}

// String is the usage's word in messages.
func (u Usage) String() string { return wordOf(usageWords, u) }

// NonEligibilityReason is why a service cannot be deployed.
type NonEligibilityReason string

// Reasons of device, SIM, subscription and service. Those of devices are the ones
// of the requirements matrix.
const (
	NoDevice              NonEligibilityReason = "unknown-device"
	NoUIApp               NonEligibilityReason = "no-ui-app"
	NoOMAPI               NonEligibilityReason = "no-omapi"
	NoBearer              NonEligibilityReason = "no-bearer"
	NoCardNFC             NonEligibilityReason = "no-card-nfc"
	NoReaderNFC           NonEligibilityReason = "no-reader-nfc"
	OldSystem             NonEligibilityReason = "old-system"
	DeviceWithdrawn       NonEligibilityReason = "withdrawn"
	OtherSIMSlot          NonEligibilityReason = "sim-slot"
	UnknownSIM            NonEligibilityReason = "unknown-se"
	UnsupportedSIM        NonEligibilityReason = "se-unsupported"
	BlockedSIM            NonEligibilityReason = "se-blocked"
	FullSIM               NonEligibilityReason = "se-memory"
	UnknownSubscription   NonEligibilityReason = "unknown-subscription"
	SuspendedSubscription NonEligibilityReason = "subscription-suspended"
	EndedSubscription     NonEligibilityReason = "subscription-ended"
	UserNotPermitted      NonEligibilityReason = "user-not-permitted"
	ServiceNotOffered     NonEligibilityReason = "service-not-offered"
	ServicePresent        NonEligibilityReason = "service-present"
)

var nonEligibilityWords = func() (words []named[NonEligibilityReason]) {
	for _, r := range []NonEligibilityReason{NoDevice, NoUIApp, NoOMAPI, NoBearer, NoCardNFC, NoReaderNFC, OldSystem, DeviceWithdrawn, OtherSIMSlot,
		UnknownSIM, UnsupportedSIM, BlockedSIM, FullSIM, UnknownSubscription, SuspendedSubscription, EndedSubscription, UserNotPermitted,
		ServiceNotOffered, ServicePresent} {
		words = append(words, named[NonEligibilityReason]{r, string(r)})
	}
	return words
}()

// ServiceState is where a service instance is at the MNO-TSM.
type ServiceState byte

// States of a service instance.
const (
	ServiceDeclared    ServiceState = iota + 1 // nothing is on the card
	ServiceDeploying                           // an action under way makes the domain, or loads and installs
	ServiceDeployed                            // what the model has the MNO-TSM do is on the card
	ServiceSuspended                           // the application is locked
	ServiceTerminating                         // it is being removed
	ServiceTerminated                          // nothing is on the card any more
	ServiceFailed                              // an action ended half-way; TerminateService removes what is there
	ServiceOrphaned                            // the card is out of reach for good: SIM replaced or retired
)

var serviceStateWords = []named[ServiceState]{
	{ServiceDeclared, "declared"}, {ServiceDeploying, "deploying"}, {ServiceDeployed, "deployed"}, {ServiceSuspended, "suspended"},
	{ServiceTerminating, "terminating"}, {ServiceTerminated, "terminated"}, {ServiceFailed, "failed"}, {ServiceOrphaned, "orphaned"},
}

// String is the state's word in messages.
func (s ServiceState) String() string { return wordOf(serviceStateWords, s) }

// DomainState is whose keys the provider's domain has.
type DomainState byte

// States of a domain.
const (
	DomainAbsent   DomainState = iota + 1 // not on the card
	DomainStart                           // with the carrier's start keys: no secret goes there
	DomainEnrolled                        // with the provider's own
)

var domainStateWords = []named[DomainState]{{DomainAbsent, "absent"}, {DomainStart, "start-keys"}, {DomainEnrolled, "enrolled"}}

// String is the state's word in messages.
func (s DomainState) String() string { return wordOf(domainStateWords, s) }

// Outcome is how an action ended.
type Outcome byte

// Outcomes.
const (
	OutcomeDone        Outcome = iota + 1
	OutcomeRefused             // the card refused a command: the status word says why
	OutcomeUnreachable         // no answer from the card within the time allowed
	OutcomeMemory              // the card has no room
	OutcomeSEChanged           // SIM or subscription are no longer those of the declaration
	OutcomeCancelled           // by EndConversation, TerminateService or the carrier
	OutcomeInternal            // the MNO-TSM failed; GetServiceState says where it stands
)

var outcomeWords = []named[Outcome]{
	{OutcomeDone, "done"}, {OutcomeRefused, "refused-by-card"}, {OutcomeUnreachable, "unreachable"}, {OutcomeMemory, "memory"},
	{OutcomeSEChanged, "se-changed"}, {OutcomeCancelled, "cancelled"}, {OutcomeInternal, "internal"},
}

// String is the outcome's word in messages.
func (o Outcome) String() string { return wordOf(outcomeWords, o) }
