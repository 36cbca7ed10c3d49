package tsmp

import "time"

var (
	sampleNotice = Notice{Sequence: 17, At: noon}
	sampleSE     = SEID{0x98, 0x18, 1, 2, 3, 4, 5, 6, 7, 0xF8}
	sampleRelay  = &RelayAccess{Party: "mno.inkan.example", Ticket: Ticket(fill(32, 0x70)), Until: noon.Add(time.Hour)}
	sampleAID    = []byte{0xD3, 0x92, 0xF0, 0, 0x26, 1, 0, 0, 0, 1}
	both         = []Bearer{BearerRelay, BearerSMS}
)

func reference(n byte) ServiceReference { return ServiceReference(fill(16, n)) }

var carrierSamples = map[Function][2]Body{
	CheckGlobalEligibility: {&CheckGlobalEligibilityRequest{SE: sampleSE, Service: "jpki", Usage: UsageHolder, Touch: true, NonVolatile: 30000, Volatile: 900},
		&CheckGlobalEligibilityAnswer{Eligible: true, Subscriber: id(10), Models: []Model{ModelAuthorised, ModelSimple}, Bearers: both}},
	CheckMobileSubscriptionEligibility: {&CheckMobileSubscriptionEligibilityRequest{Subscriber: id(10), Service: "jpki", Usage: UsagePermittedUser},
		&EligibilityAnswer{Reasons: []NonEligibilityReason{UserNotPermitted, SuspendedSubscription}}},
	GetDeviceCapabilityProfileId: {&GetDeviceCapabilityProfileIdRequest{SE: sampleSE}, &ProfileAnswer{ProfileID: "DCP-0123456789AB", AsOf: noon}},
	GetSECapabilityProfileId:     {&GetSECapabilityProfileIdRequest{SE: sampleSE}, &ProfileAnswer{ProfileID: "a1", AsOf: noon}},
	GetSEMobileSubscriptionIdentifier: {&GetSEMobileSubscriptionIdentifierRequest{SE: sampleSE},
		&SubscriptionAnswer{Subscriber: id(10), Status: SubscriptionActive, Since: noon}},
	DeliverOneTimeCode: {&DeliverOneTimeCodeRequest{SE: sampleSE, Subscriber: id(10), Code: "7K3M0Q9WXT2A", Language: Japanese, Until: noon.Add(10 * time.Minute)},
		&RecordedAnswer{RecordedAt: noon}},
	NotifyHolder: {&NotifyHolderRequest{SE: sampleSE, Subscriber: id(10), News: NewsPINResetOrdered, Until: noon.Add(24 * time.Hour)},
		&RecordedAnswer{RecordedAt: noon}},
	DeclareServiceInstanceReference: {&DeclareServiceInstanceReferenceRequest{Reference: reference(20), Service: "jpki", SE: sampleSE, Subscriber: id(10), Model: ModelDelegated},
		&DeclareServiceInstanceReferenceAnswer{ServiceStateAnswer: ServiceStateAnswer{State: ServiceDeclared, Since: noon, Model: ModelDelegated, Domain: DomainAbsent},
			ProfileID: "a1", Authority: &GetCAInformationAnswer{AID: fill(16, 0xA0), Certificate: fill(200, 0x30), AttestationKey: [32]byte{7}}}},
	GetServiceState: {&GetServiceStateRequest{Reference: reference(20)},
		&ServiceStateAnswer{State: ServiceDeploying, Since: noon, Model: ModelSimple, Domain: DomainStart, Action: id(30), LastAction: id(31), Outcome: OutcomeUnreachable}},
	DeployService: {&DeployServiceRequest{Reference: reference(20), Bearers: both,
		Domain: DomainSpec{AID: fill(16, 0xA0), TAR: fill(3, 1), NonVolatile: 40000, Volatile: 1000},
		Software: &Software{PackageAID: fill(9, 0xD0), LoadFileHash: [32]byte{9}, LoadFile: fill(60, 0xC4), ModuleAID: sampleAID, InstanceAID: sampleAID,
			Privileges: fill(3, 0), Parameters: fill(4, 1)},
		Owner: &Owner{Control: fill(20, 0xA6), PublicKey: fill(73, 0x7F)}},
		&ActionAnswer{ExpectedBy: noon.Add(10 * time.Minute), Relay: sampleRelay}},
	SuspendOrResumeService: {&SuspendOrResumeServiceRequest{Reference: reference(20), Resume: true, Bearers: both[1:]}, &ActionAnswer{ExpectedBy: noon.Add(time.Minute)}},
	TerminateService:       {&TerminateServiceRequest{Reference: reference(20), Bearers: both}, &ActionAnswer{ExpectedBy: noon.Add(24 * time.Hour)}},
	GetCAInformation: {&GetCAInformationRequest{SE: sampleSE},
		&GetCAInformationAnswer{AID: fill(16, 0xA0), Certificate: fill(200, 0x30), AttestationKey: [32]byte{7}}},
	EnrollSSDOwnerCertificate: {&EnrollSSDOwnerCertificateRequest{Reference: reference(20), Control: fill(20, 0xA6), PublicKey: fill(73, 0x7F), Bearers: both},
		&ActionAnswer{ExpectedBy: noon.Add(time.Minute), Relay: sampleRelay}},
	SECommandsGenerationAndRemoteExecution: {&SECommandsGenerationAndRemoteExecutionRequest{Reference: reference(20), Bearers: both, Operations: []SEOperation{
		{Kind: OperationInstall, AID: sampleAID, PackageAID: fill(9, 0xD0), ModuleAID: sampleAID, Privileges: fill(3, 1), Parameters: fill(4, 1)},
		{Kind: OperationPersonalise, AID: sampleAID, Data: [][]byte{fill(255, 1), fill(9, 2)}}, {Kind: OperationDelete, AID: fill(5, 1)}}},
		&ActionAnswer{ExpectedBy: noon.Add(time.Minute)}},
	GenerateDMToken:   {&GenerateDMTokenRequest{Reference: reference(20), Commands: [][]byte{fill(40, 0x80), fill(50, 0x80)}}, &GenerateDMTokenAnswer{Tokens: [][]byte{fill(128, 1), fill(128, 2)}}},
	VerifyDMReceipt:   {&VerifyDMReceiptRequest{Reference: reference(20), Receipts: []DMReceipt{{Command: fill(40, 0x80), Response: fill(30, 1)}, {Command: fill(50, 0x80), Response: fill(30, 2)}}}, &RecordedAnswer{RecordedAt: noon}},
	BeginConversation: {&BeginConversationRequest{Reference: reference(20), Bearers: both}, &BeginConversationAnswer{Conversation: id(40), Bearer: BearerRelay, MaxBytes: 4096, Until: noon.Add(time.Hour), Relay: sampleRelay}},
	SendScript: {&SendScriptRequest{Conversation: id(40), Script: 2, AID: sampleAID, Form: FormCommands, Commands: [][]byte{{0, 0xA4, 4, 0}, append([]byte{0x84, 0xE2, 0x80, 0, 16}, fill(16, 0)...)}},
		&ActionAnswer{ExpectedBy: noon.Add(5 * time.Minute)}},
	EndConversation: {&EndConversationRequest{Conversation: id(40)}, &EndConversationAnswer{EndedAt: noon, Scripts: 2}},
	GetApplicationOrELFStatus: {&GetApplicationOrELFStatusRequest{Reference: reference(20), AID: sampleAID, MaxAge: 60},
		&GetApplicationOrELFStatusAnswer{AsOf: noon, Entries: []CardEntry{{AID: sampleAID, Kind: EntryApplication, LifeCycle: 7}, {AID: fill(9, 0xD0), Kind: EntryLoadFile, LifeCycle: 1}}}},
	GetSDFreeMemory: {&GetSDFreeMemoryRequest{Reference: reference(20)}, &GetSDFreeMemoryAnswer{AsOf: noon, NonVolatile: 12345}},
	HandleStartServiceStateChangeNotification: {&HandleStartServiceStateChangeNotificationRequest{Notice: sampleNotice, Reference: reference(20), Phase: PhasePersonalised}, &Acknowledgement{}},
	HandleEndServiceStateChangeNotification: {&HandleEndServiceStateChangeNotificationRequest{Notice: sampleNotice, Reference: reference(20), Phase: PhaseOperational, Succeeded: true},
		&Acknowledgement{}},
	HandleServiceEnvironmentChangeNotification: {&HandleServiceEnvironmentChangeNotificationRequest{Notice: sampleNotice, Reference: reference(20), Change: ChangeBearers}, &Acknowledgement{}},
	HandleActionDoneOnServiceNotification: {&HandleActionDoneOnServiceNotificationRequest{Notice: sampleNotice, Reference: reference(20), Action: id(30), Outcome: OutcomeRefused,
		State: ServiceFailed, StatusWord: []byte{0x6A, 0x84}, Responses: [][]byte{{0x90, 0}, {0x6A, 0x84}}, Proofs: [][]byte{fill(20, 2)}, Bearer: BearerSMS}, &Acknowledgement{}},
	HandleMobileSubscriptionIdentifierChangedNotification: {&HandleMobileSubscriptionIdentifierChangedNotificationRequest{Notice: sampleNotice, Subscriber: id(10), NewSubscriber: id(11)}, &Acknowledgement{}},
	HandleMobileSubscriptionStatusChangeNotification:      {&HandleMobileSubscriptionStatusChangeNotificationRequest{Notice: sampleNotice, Subscriber: id(10), Status: SubscriptionEnded}, &Acknowledgement{}},
	HandleSERenewalNotification:                           {&HandleSERenewalNotificationRequest{Notice: sampleNotice, Subscriber: id(10), SE: sampleSE, NewSE: id(0x98)}, &Acknowledgement{}},
	HandleSEDeviceChangedNotification:                     {&HandleSEDeviceChangedNotificationRequest{Notice: sampleNotice, SE: sampleSE, ProfileID: "DCP-1"}, &Acknowledgement{}},
	HandleSEDeviceStatusChangeNotification:                {&HandleSEDeviceStatusChangeNotificationRequest{Notice: sampleNotice, SE: sampleSE, Status: DeviceStolen}, &Acknowledgement{}},
	HandleSEMobileSubscriptionChangedNotification:         {&HandleSEMobileSubscriptionChangedNotificationRequest{Notice: sampleNotice, SE: sampleSE, Subscriber: id(10), NewSubscriber: id(11)}, &Acknowledgement{}},
	HandleSEStatusChangeNotification:                      {&HandleSEStatusChangeNotificationRequest{Notice: sampleNotice, SE: sampleSE, Status: SEBlocked}, &Acknowledgement{}},
}
