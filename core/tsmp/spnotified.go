package tsmp

import "context"

// SPNotified is what takes an MNO-TSM's notifications: an SP-TSM. A notification
// may come again, under another call too: the sequence number tells.
type SPNotified interface {
	HandleStartServiceStateChangeNotification(context.Context, *Call, *HandleStartServiceStateChangeNotificationRequest) (*Acknowledgement, error)
	HandleEndServiceStateChangeNotification(context.Context, *Call, *HandleEndServiceStateChangeNotificationRequest) (*Acknowledgement, error)
	HandleServiceEnvironmentChangeNotification(context.Context, *Call, *HandleServiceEnvironmentChangeNotificationRequest) (*Acknowledgement, error)
	HandleActionDoneOnServiceNotification(context.Context, *Call, *HandleActionDoneOnServiceNotificationRequest) (*Acknowledgement, error)
	HandleMobileSubscriptionIdentifierChangedNotification(context.Context, *Call, *HandleMobileSubscriptionIdentifierChangedNotificationRequest) (*Acknowledgement, error)
	HandleMobileSubscriptionStatusChangeNotification(context.Context, *Call, *HandleMobileSubscriptionStatusChangeNotificationRequest) (*Acknowledgement, error)
	HandleSERenewalNotification(context.Context, *Call, *HandleSERenewalNotificationRequest) (*Acknowledgement, error)
	HandleSEDeviceChangedNotification(context.Context, *Call, *HandleSEDeviceChangedNotificationRequest) (*Acknowledgement, error)
	HandleSEDeviceStatusChangeNotification(context.Context, *Call, *HandleSEDeviceStatusChangeNotificationRequest) (*Acknowledgement, error)
	HandleSEMobileSubscriptionChangedNotification(context.Context, *Call, *HandleSEMobileSubscriptionChangedNotificationRequest) (*Acknowledgement, error)
	HandleSEStatusChangeNotification(context.Context, *Call, *HandleSEStatusChangeNotificationRequest) (*Acknowledgement, error)
}

// SPNotifiedService serves the functions that MNO-TSMs call. An SP-TSM merges it with the
// others that it serves.
func SPNotifiedService(s SPNotified) Service {
	return Service{
		HandleStartServiceStateChangeNotification:             serve(s.HandleStartServiceStateChangeNotification),
		HandleEndServiceStateChangeNotification:               serve(s.HandleEndServiceStateChangeNotification),
		HandleServiceEnvironmentChangeNotification:            serve(s.HandleServiceEnvironmentChangeNotification),
		HandleActionDoneOnServiceNotification:                 serve(s.HandleActionDoneOnServiceNotification),
		HandleMobileSubscriptionIdentifierChangedNotification: serve(s.HandleMobileSubscriptionIdentifierChangedNotification),
		HandleMobileSubscriptionStatusChangeNotification:      serve(s.HandleMobileSubscriptionStatusChangeNotification),
		HandleSERenewalNotification:                           serve(s.HandleSERenewalNotification),
		HandleSEDeviceChangedNotification:                     serve(s.HandleSEDeviceChangedNotification),
		HandleSEDeviceStatusChangeNotification:                serve(s.HandleSEDeviceStatusChangeNotification),
		HandleSEMobileSubscriptionChangedNotification:         serve(s.HandleSEMobileSubscriptionChangedNotification),
		HandleSEStatusChangeNotification:                      serve(s.HandleSEStatusChangeNotification),
	}
}

// RemoteSPNotified is an SP-TSM behind an MNO-TSM's Caller: it implements
// SPNotified.
type RemoteSPNotified struct{ *Caller }

var _ SPNotified = RemoteSPNotified{}

// HandleStartServiceStateChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleStartServiceStateChangeNotification(ctx context.Context, about *Call, b *HandleStartServiceStateChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleStartServiceStateChangeNotification, about, b)
}

// HandleEndServiceStateChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleEndServiceStateChangeNotification(ctx context.Context, about *Call, b *HandleEndServiceStateChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleEndServiceStateChangeNotification, about, b)
}

// HandleServiceEnvironmentChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleServiceEnvironmentChangeNotification(ctx context.Context, about *Call, b *HandleServiceEnvironmentChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleServiceEnvironmentChangeNotification, about, b)
}

// HandleActionDoneOnServiceNotification implements SPNotified.
func (r RemoteSPNotified) HandleActionDoneOnServiceNotification(ctx context.Context, about *Call, b *HandleActionDoneOnServiceNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleActionDoneOnServiceNotification, about, b)
}

// HandleMobileSubscriptionIdentifierChangedNotification implements SPNotified.
func (r RemoteSPNotified) HandleMobileSubscriptionIdentifierChangedNotification(ctx context.Context, about *Call, b *HandleMobileSubscriptionIdentifierChangedNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleMobileSubscriptionIdentifierChangedNotification, about, b)
}

// HandleMobileSubscriptionStatusChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleMobileSubscriptionStatusChangeNotification(ctx context.Context, about *Call, b *HandleMobileSubscriptionStatusChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleMobileSubscriptionStatusChangeNotification, about, b)
}

// HandleSERenewalNotification implements SPNotified.
func (r RemoteSPNotified) HandleSERenewalNotification(ctx context.Context, about *Call, b *HandleSERenewalNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleSERenewalNotification, about, b)
}

// HandleSEDeviceChangedNotification implements SPNotified.
func (r RemoteSPNotified) HandleSEDeviceChangedNotification(ctx context.Context, about *Call, b *HandleSEDeviceChangedNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleSEDeviceChangedNotification, about, b)
}

// HandleSEDeviceStatusChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleSEDeviceStatusChangeNotification(ctx context.Context, about *Call, b *HandleSEDeviceStatusChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleSEDeviceStatusChangeNotification, about, b)
}

// HandleSEMobileSubscriptionChangedNotification implements SPNotified.
func (r RemoteSPNotified) HandleSEMobileSubscriptionChangedNotification(ctx context.Context, about *Call, b *HandleSEMobileSubscriptionChangedNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleSEMobileSubscriptionChangedNotification, about, b)
}

// HandleSEStatusChangeNotification implements SPNotified.
func (r RemoteSPNotified) HandleSEStatusChangeNotification(ctx context.Context, about *Call, b *HandleSEStatusChangeNotificationRequest) (*Acknowledgement, error) {
	return call[*Acknowledgement](ctx, r.Caller, HandleSEStatusChangeNotification, about, b)
}
