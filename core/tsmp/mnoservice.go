package tsmp

import "context"

// MNO is what an MNO-TSM does for an SP-TSM. Requests are well formed and
// authorised; errors and calls that come again are as for CA. Functions that
// answer an ActionAnswer keep the action before they answer, and tell its end by
// SPNotified.HandleActionDoneOnServiceNotification. Spec: SPEC-TSM-PROTOCOL-083.
type MNO interface {
	CheckGlobalEligibility(context.Context, *Call, *CheckGlobalEligibilityRequest) (*CheckGlobalEligibilityAnswer, error)
	CheckMobileSubscriptionEligibility(context.Context, *Call, *CheckMobileSubscriptionEligibilityRequest) (*EligibilityAnswer, error)
	GetDeviceCapabilityProfileId(context.Context, *Call, *GetDeviceCapabilityProfileIdRequest) (*ProfileAnswer, error)
	GetSECapabilityProfileId(context.Context, *Call, *GetSECapabilityProfileIdRequest) (*ProfileAnswer, error)
	GetSEMobileSubscriptionIdentifier(context.Context, *Call, *GetSEMobileSubscriptionIdentifierRequest) (*SubscriptionAnswer, error)
	DeliverOneTimeCode(context.Context, *Call, *DeliverOneTimeCodeRequest) (*RecordedAnswer, error)
	NotifyHolder(context.Context, *Call, *NotifyHolderRequest) (*RecordedAnswer, error)
	DeclareServiceInstanceReference(context.Context, *Call, *DeclareServiceInstanceReferenceRequest) (*DeclareServiceInstanceReferenceAnswer, error)
	GetServiceState(context.Context, *Call, *GetServiceStateRequest) (*ServiceStateAnswer, error)
	DeployService(context.Context, *Call, *DeployServiceRequest) (*ActionAnswer, error)
	SuspendOrResumeService(context.Context, *Call, *SuspendOrResumeServiceRequest) (*ActionAnswer, error)
	TerminateService(context.Context, *Call, *TerminateServiceRequest) (*ActionAnswer, error)
	GetCAInformation(context.Context, *Call, *GetCAInformationRequest) (*GetCAInformationAnswer, error)
	EnrollSSDOwnerCertificate(context.Context, *Call, *EnrollSSDOwnerCertificateRequest) (*ActionAnswer, error)
	SECommandsGenerationAndRemoteExecution(context.Context, *Call, *SECommandsGenerationAndRemoteExecutionRequest) (*ActionAnswer, error)
	GenerateDMToken(context.Context, *Call, *GenerateDMTokenRequest) (*GenerateDMTokenAnswer, error)
	VerifyDMReceipt(context.Context, *Call, *VerifyDMReceiptRequest) (*RecordedAnswer, error)
	BeginConversation(context.Context, *Call, *BeginConversationRequest) (*BeginConversationAnswer, error)
	SendScript(context.Context, *Call, *SendScriptRequest) (*ActionAnswer, error)
	EndConversation(context.Context, *Call, *EndConversationRequest) (*EndConversationAnswer, error)
	GetApplicationOrELFStatus(context.Context, *Call, *GetApplicationOrELFStatusRequest) (*GetApplicationOrELFStatusAnswer, error)
	GetSDFreeMemory(context.Context, *Call, *GetSDFreeMemoryRequest) (*GetSDFreeMemoryAnswer, error)
	HandleStartServiceStateChangeNotification(context.Context, *Call, *HandleStartServiceStateChangeNotificationRequest) (*Acknowledgement, error)
	HandleEndServiceStateChangeNotification(context.Context, *Call, *HandleEndServiceStateChangeNotificationRequest) (*Acknowledgement, error)
}

// MNOService serves an MNO-TSM's functions.
func MNOService(m MNO) Service {
	return Service{
		CheckGlobalEligibility:                    serve(m.CheckGlobalEligibility),
		CheckMobileSubscriptionEligibility:        serve(m.CheckMobileSubscriptionEligibility),
		GetDeviceCapabilityProfileId:              serve(m.GetDeviceCapabilityProfileId),
		GetSECapabilityProfileId:                  serve(m.GetSECapabilityProfileId),
		GetSEMobileSubscriptionIdentifier:         serve(m.GetSEMobileSubscriptionIdentifier),
		DeliverOneTimeCode:                        serve(m.DeliverOneTimeCode),
		NotifyHolder:                              serve(m.NotifyHolder),
		DeclareServiceInstanceReference:           serve(m.DeclareServiceInstanceReference),
		GetServiceState:                           serve(m.GetServiceState),
		DeployService:                             serve(m.DeployService),
		SuspendOrResumeService:                    serve(m.SuspendOrResumeService),
		TerminateService:                          serve(m.TerminateService),
		GetCAInformation:                          serve(m.GetCAInformation),
		EnrollSSDOwnerCertificate:                 serve(m.EnrollSSDOwnerCertificate),
		SECommandsGenerationAndRemoteExecution:    serve(m.SECommandsGenerationAndRemoteExecution),
		GenerateDMToken:                           serve(m.GenerateDMToken),
		VerifyDMReceipt:                           serve(m.VerifyDMReceipt),
		BeginConversation:                         serve(m.BeginConversation),
		SendScript:                                serve(m.SendScript),
		EndConversation:                           serve(m.EndConversation),
		GetApplicationOrELFStatus:                 serve(m.GetApplicationOrELFStatus),
		GetSDFreeMemory:                           serve(m.GetSDFreeMemory),
		HandleStartServiceStateChangeNotification: serve(m.HandleStartServiceStateChangeNotification),
		HandleEndServiceStateChangeNotification:   serve(m.HandleEndServiceStateChangeNotification),
	}
}

// RemoteMNO is an MNO-TSM behind a Caller: it implements MNO.
type RemoteMNO struct{ *Caller }

var _ MNO = RemoteMNO{}

// CheckGlobalEligibility implements MNO.
func (r RemoteMNO) CheckGlobalEligibility(ctx context.Context, about *Call, b *CheckGlobalEligibilityRequest) (*CheckGlobalEligibilityAnswer, error) {
	return call[*CheckGlobalEligibilityAnswer](ctx, r.Caller, CheckGlobalEligibility, about, b)
}

// CheckMobileSubscriptionEligibility implements MNO.
func (r RemoteMNO) CheckMobileSubscriptionEligibility(ctx context.Context, about *Call, b *CheckMobileSubscriptionEligibilityRequest) (*EligibilityAnswer, error) {
	return call[*EligibilityAnswer](ctx, r.Caller, CheckMobileSubscriptionEligibility, about, b)
}

// GetDeviceCapabilityProfileId implements MNO.
func (r RemoteMNO) GetDeviceCapabilityProfileId(ctx context.Context, about *Call, b *GetDeviceCapabilityProfileIdRequest) (*ProfileAnswer, error) {
	return call[*ProfileAnswer](ctx, r.Caller, GetDeviceCapabilityProfileId, about, b)
}

// GetSECapabilityProfileId implements MNO.
func (r RemoteMNO) GetSECapabilityProfileId(ctx context.Context, about *Call, b *GetSECapabilityProfileIdRequest) (*ProfileAnswer, error) {
	return call[*ProfileAnswer](ctx, r.Caller, GetSECapabilityProfileId, about, b)
}

// GetSEMobileSubscriptionIdentifier implements MNO.
func (r RemoteMNO) GetSEMobileSubscriptionIdentifier(ctx context.Context, about *Call, b *GetSEMobileSubscriptionIdentifierRequest) (*SubscriptionAnswer, error) {
	return call[*SubscriptionAnswer](ctx, r.Caller, GetSEMobileSubscriptionIdentifier, about, b)
}

// NotifyHolder implements MNO.
func (r RemoteMNO) NotifyHolder(ctx context.Context, about *Call, b *NotifyHolderRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, NotifyHolder, about, b)
}

// DeliverOneTimeCode implements MNO.
func (r RemoteMNO) DeliverOneTimeCode(ctx context.Context, about *Call, b *DeliverOneTimeCodeRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, DeliverOneTimeCode, about, b)
}

// DeclareServiceInstanceReference implements MNO.
func (r RemoteMNO) DeclareServiceInstanceReference(ctx context.Context, about *Call, b *DeclareServiceInstanceReferenceRequest) (*DeclareServiceInstanceReferenceAnswer, error) {
	return call[*DeclareServiceInstanceReferenceAnswer](ctx, r.Caller, DeclareServiceInstanceReference, about, b)
}

// GetServiceState implements MNO.
func (r RemoteMNO) GetServiceState(ctx context.Context, about *Call, b *GetServiceStateRequest) (*ServiceStateAnswer, error) {
	return call[*ServiceStateAnswer](ctx, r.Caller, GetServiceState, about, b)
}

// DeployService implements MNO.
func (r RemoteMNO) DeployService(ctx context.Context, about *Call, b *DeployServiceRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, DeployService, about, b)
}

// SuspendOrResumeService implements MNO.
func (r RemoteMNO) SuspendOrResumeService(ctx context.Context, about *Call, b *SuspendOrResumeServiceRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, SuspendOrResumeService, about, b)
}

// TerminateService implements MNO.
func (r RemoteMNO) TerminateService(ctx context.Context, about *Call, b *TerminateServiceRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, TerminateService, about, b)
}

// GetCAInformation implements MNO.
func (r RemoteMNO) GetCAInformation(ctx context.Context, about *Call, b *GetCAInformationRequest) (*GetCAInformationAnswer, error) {
	return call[*GetCAInformationAnswer](ctx, r.Caller, GetCAInformation, about, b)
}

// EnrollSSDOwnerCertificate implements MNO.
func (r RemoteMNO) EnrollSSDOwnerCertificate(ctx context.Context, about *Call, b *EnrollSSDOwnerCertificateRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, EnrollSSDOwnerCertificate, about, b)
}

// SECommandsGenerationAndRemoteExecution implements MNO.
func (r RemoteMNO) SECommandsGenerationAndRemoteExecution(ctx context.Context, about *Call, b *SECommandsGenerationAndRemoteExecutionRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, SECommandsGenerationAndRemoteExecution, about, b)
}

// GenerateDMToken implements MNO.
func (r RemoteMNO) GenerateDMToken(ctx context.Context, about *Call, b *GenerateDMTokenRequest) (*GenerateDMTokenAnswer, error) {
	return call[*GenerateDMTokenAnswer](ctx, r.Caller, GenerateDMToken, about, b)
}

// VerifyDMReceipt implements MNO.
func (r RemoteMNO) VerifyDMReceipt(ctx context.Context, about *Call, b *VerifyDMReceiptRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, VerifyDMReceipt, about, b)
}

// BeginConversation implements MNO.
func (r RemoteMNO) BeginConversation(ctx context.Context, about *Call, b *BeginConversationRequest) (*BeginConversationAnswer, error) {
	return call[*BeginConversationAnswer](ctx, r.Caller, BeginConversation, about, b)
}

// SendScript implements MNO.
func (r RemoteMNO) SendScript(ctx context.Context, about *Call, b *SendScriptRequest) (*ActionAnswer, error) {
	return call[*ActionAnswer](ctx, r.Caller, SendScript, about, b)
}

// EndConversation implements MNO.
func (r RemoteMNO) EndConversation(ctx context.Context, about *Call, b *EndConversationRequest) (*EndConversationAnswer, error) {
	return call[*EndConversationAnswer](ctx, r.Caller, EndConversation, about, b)
}

// GetApplicationOrELFStatus implements MNO.
func (r RemoteMNO) GetApplicationOrELFStatus(ctx context.Context, about *Call, b *GetApplicationOrELFStatusRequest) (*GetApplicationOrELFStatusAnswer, error) {
	return call[*GetApplicationOrELFStatusAnswer](ctx, r.Caller, GetApplicationOrELFStatus, about, b)
}

// GetSDFreeMemory implements MNO.
func (r RemoteMNO) GetSDFreeMemory(ctx context.Context, about *Call, b *GetSDFreeMemoryRequest) (*GetSDFreeMemoryAnswer, error) {
	return call[*GetSDFreeMemoryAnswer](ctx, r.Caller, GetSDFreeMemory, about, b)
}

// HandleStartServiceStateChangeNotification implements MNO.
func (r RemoteMNO) HandleStartServiceStateChangeNotification(ctx context.Context, about *Call, b *HandleStartServiceStateChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleStartServiceStateChangeNotification, about, b)
}

// HandleEndServiceStateChangeNotification implements MNO.
func (r RemoteMNO) HandleEndServiceStateChangeNotification(ctx context.Context, about *Call, b *HandleEndServiceStateChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleEndServiceStateChangeNotification, about, b)
}
