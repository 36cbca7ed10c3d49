package tsmp

import "context"

// RemoteCA is a certificate authority behind a Caller: it implements CA. Of a
// call ID, Sent and Validity count.
type RemoteCA struct{ *Caller }

// RemoteNotified is an SP-TSM behind a Caller: it implements Notified.
type RemoteNotified struct{ *Caller }

var (
	_ CA       = RemoteCA{}
	_ Notified = RemoteNotified{}
)

// VerifyApplication implements CA.
func (r RemoteCA) VerifyApplication(ctx context.Context, about *Call, b *VerifyApplicationRequest) (*VerifyApplicationAnswer, error) {
	return call[*VerifyApplicationAnswer](ctx, r.Caller, VerifyApplication, about, b)
}

// PlaceOrder implements CA.
func (r RemoteCA) PlaceOrder(ctx context.Context, about *Call, b *PlaceOrderRequest) (*PlaceOrderAnswer, error) {
	return call[*PlaceOrderAnswer](ctx, r.Caller, PlaceOrder, about, b)
}

// Issue implements CA.
func (r RemoteCA) Issue(ctx context.Context, about *Call, b *IssueRequest) (*IssueAnswer, error) {
	return call[*IssueAnswer](ctx, r.Caller, Issue, about, b)
}

// Activate implements CA.
func (r RemoteCA) Activate(ctx context.Context, about *Call, b *ActivateRequest) (*ActivateAnswer, error) {
	return call[*ActivateAnswer](ctx, r.Caller, Activate, about, b)
}

// Revoke implements CA.
func (r RemoteCA) Revoke(ctx context.Context, about *Call, b *RevokeRequest) (*StateAnswer, error) {
	return call[*StateAnswer](ctx, r.Caller, Revoke, about, b)
}

// Suspend implements CA.
func (r RemoteCA) Suspend(ctx context.Context, about *Call, b *SuspendRequest) (*StateAnswer, error) {
	return call[*StateAnswer](ctx, r.Caller, Suspend, about, b)
}

// Resume implements CA.
func (r RemoteCA) Resume(ctx context.Context, about *Call, b *ResumeRequest) (*StateAnswer, error) {
	return call[*StateAnswer](ctx, r.Caller, Resume, about, b)
}

// OrderPINReset implements CA.
func (r RemoteCA) OrderPINReset(ctx context.Context, about *Call, b *OrderPINResetRequest) (*PlaceOrderAnswer, error) {
	return call[*PlaceOrderAnswer](ctx, r.Caller, OrderPINReset, about, b)
}

// SealPINReset implements CA.
func (r RemoteCA) SealPINReset(ctx context.Context, about *Call, b *SealPINResetRequest) (*SealPINResetAnswer, error) {
	return call[*SealPINResetAnswer](ctx, r.Caller, SealPINReset, about, b)
}

// ReportErase implements CA.
func (r RemoteCA) ReportErase(ctx context.Context, about *Call, b *ReportEraseRequest) (*ReportEraseAnswer, error) {
	return call[*ReportEraseAnswer](ctx, r.Caller, ReportErase, about, b)
}

// GetCertificateStatus implements CA.
func (r RemoteCA) GetCertificateStatus(ctx context.Context, about *Call, b *GetCertificateStatusRequest) (*StateAnswer, error) {
	return call[*StateAnswer](ctx, r.Caller, GetCertificateStatus, about, b)
}

// HandleCertificateStateChangeNotification implements Notified.
func (r RemoteNotified) HandleCertificateStateChangeNotification(ctx context.Context, about *Call, b *HandleCertificateStateChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleCertificateStateChangeNotification, about, b)
}
