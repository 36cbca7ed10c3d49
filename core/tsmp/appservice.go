package tsmp

import "context"

// UIAppServer is what an SP-TSM does for UI apps. Call.Sender is the app, by its
// key: an application belongs to who started it. Errors and calls that come again
// are as for CA. Spec: SPEC-TSM-PROTOCOL-102.
type UIAppServer interface {
	StartApplication(context.Context, *Call, *StartApplicationRequest) (*StartApplicationAnswer, error)
	SubmitApplication(context.Context, *Call, *SubmitApplicationRequest) (*SubmitApplicationAnswer, error)
	GetProgress(context.Context, *Call, *GetProgressRequest) (*GetProgressAnswer, error)
	CancelApplication(context.Context, *Call, *CancelApplicationRequest) (*Acknowledgement, error)
	GetServiceInstance(context.Context, *Call, *GetServiceInstanceRequest) (*GetServiceInstanceAnswer, error)
	ReportEvent(context.Context, *Call, *ReportEventRequest) (*RecordedAnswer, error)
}

// UIAppService serves what UI apps ask of an SP-TSM.
func UIAppService(u UIAppServer) Service {
	return Service{
		StartApplication:   serve(u.StartApplication),
		SubmitApplication:  serve(u.SubmitApplication),
		GetProgress:        serve(u.GetProgress),
		CancelApplication:  serve(u.CancelApplication),
		GetServiceInstance: serve(u.GetServiceInstance),
		ReportEvent:        serve(u.ReportEvent),
	}
}

// RemoteUIAppServer is an SP-TSM behind a UI app's Caller: it implements
// UIAppServer.
type RemoteUIAppServer struct{ *Caller }

var _ UIAppServer = RemoteUIAppServer{}

// StartApplication implements UIAppServer.
func (r RemoteUIAppServer) StartApplication(ctx context.Context, about *Call, b *StartApplicationRequest) (*StartApplicationAnswer, error) {
	return call[*StartApplicationAnswer](ctx, r.Caller, StartApplication, about, b)
}

// SubmitApplication implements UIAppServer.
func (r RemoteUIAppServer) SubmitApplication(ctx context.Context, about *Call, b *SubmitApplicationRequest) (*SubmitApplicationAnswer, error) {
	return call[*SubmitApplicationAnswer](ctx, r.Caller, SubmitApplication, about, b)
}

// GetProgress implements UIAppServer.
func (r RemoteUIAppServer) GetProgress(ctx context.Context, about *Call, b *GetProgressRequest) (*GetProgressAnswer, error) {
	return call[*GetProgressAnswer](ctx, r.Caller, GetProgress, about, b)
}

// CancelApplication implements UIAppServer.
func (r RemoteUIAppServer) CancelApplication(ctx context.Context, about *Call, b *CancelApplicationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, CancelApplication, about, b)
}

// GetServiceInstance implements UIAppServer.
func (r RemoteUIAppServer) GetServiceInstance(ctx context.Context, about *Call, b *GetServiceInstanceRequest) (*GetServiceInstanceAnswer, error) {
	return call[*GetServiceInstanceAnswer](ctx, r.Caller, GetServiceInstance, about, b)
}

// ReportEvent implements UIAppServer.
func (r RemoteUIAppServer) ReportEvent(ctx context.Context, about *Call, b *ReportEventRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, ReportEvent, about, b)
}
