package uiapp

import (
	"context"
	"crypto/sha256"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
)

// Server is the service as the app has it: the SP-TSM's side for UI apps, with the
// messages of spec/TSM-PROTOCOL.md. Errors are *tsmp.Error where a request is refused,
// else failures of the way to it. The same request may come again, and is answered the
// same. Remote is one behind the protocol.
type Server interface {
	// StartApplication opens an application. A one-time code, where there is one, comes
	// by another way, to the phone that the SIM is in.
	StartApplication(context.Context, *tsmp.StartApplicationRequest) (*tsmp.StartApplicationAnswer, error)
	// SubmitApplication brings the signed application.
	SubmitApplication(context.Context, *tsmp.SubmitApplicationRequest) (*tsmp.SubmitApplicationAnswer, error)
	// GetProgress tells how far the service is, and what the app has to do.
	GetProgress(context.Context, *tsmp.GetProgressRequest) (*tsmp.GetProgressAnswer, error)
	// CancelApplication gives one up that was not submitted.
	CancelApplication(context.Context, *tsmp.CancelApplicationRequest) (*tsmp.Acknowledgement, error)
	// ReportEvent tells the service what happened to the phone.
	ReportEvent(context.Context, *tsmp.ReportEventRequest) (*tsmp.RecordedAnswer, error)
}

// ID is a nonce, an identifier of a SIM, or a service instance.
type ID = [application.IDLen]byte

// Remote is a Server behind the protocol. Requests that must not be carried out twice
// have a call identifier that follows from their content, so that one that is sent
// again, by a new process too, is the same call.
type Remote struct {
	SPTSM   tsmp.UIAppServer
	Entropy entropy.Source // of the other call identifiers
	Now     func() time.Time
	// Sent is when calls that may come again were sent first: one that comes again is the
	// same to the byte. nil: such a call is another one each second, which is refused.
	Sent map[tsmp.CallID]time.Time
}

var _ Server = Remote{}

// call surrounds a request; repeatable: one that comes again is the same call.
func (r Remote) call(f tsmp.Function, b tsmp.Body, repeatable bool) (*tsmp.Call, error) {
	c := &tsmp.Call{Function: f, Sent: r.Now().Truncate(time.Second)}
	if !repeatable {
		c.ID = tsmp.NewCallID(r.Entropy)
		return c, nil
	}
	body, err := tsmp.EncodeBody(b)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("INKAN-UIAPP-CALL-1"+string(f)), body...))
	copy(c.ID[:], sum[:])
	if first, again := r.Sent[c.ID]; again {
		c.Sent = first
	} else if r.Sent != nil {
		r.Sent[c.ID] = c.Sent
	}
	return c, nil
}

// send makes the call and sends the request.
func send[Q tsmp.Body, A any](ctx context.Context, r Remote, f tsmp.Function, b Q, repeatable bool,
	do func(context.Context, *tsmp.Call, Q) (A, error)) (answer A, err error) {
	c, err := r.call(f, b, repeatable)
	if err != nil {
		return answer, err
	}
	return do(ctx, c, b)
}

// StartApplication implements Server.
func (r Remote) StartApplication(ctx context.Context, b *tsmp.StartApplicationRequest) (*tsmp.StartApplicationAnswer, error) {
	return send(ctx, r, tsmp.StartApplication, b, false, r.SPTSM.StartApplication)
}

// SubmitApplication implements Server.
func (r Remote) SubmitApplication(ctx context.Context, b *tsmp.SubmitApplicationRequest) (*tsmp.SubmitApplicationAnswer, error) {
	return send(ctx, r, tsmp.SubmitApplication, b, true, r.SPTSM.SubmitApplication)
}

// GetProgress implements Server.
func (r Remote) GetProgress(ctx context.Context, b *tsmp.GetProgressRequest) (*tsmp.GetProgressAnswer, error) {
	return send(ctx, r, tsmp.GetProgress, b, false, r.SPTSM.GetProgress)
}

// CancelApplication implements Server.
func (r Remote) CancelApplication(ctx context.Context, b *tsmp.CancelApplicationRequest) (*tsmp.Acknowledgement, error) {
	return send(ctx, r, tsmp.CancelApplication, b, true, r.SPTSM.CancelApplication)
}

// ReportEvent implements Server.
func (r Remote) ReportEvent(ctx context.Context, b *tsmp.ReportEventRequest) (*tsmp.RecordedAnswer, error) {
	return send(ctx, r, tsmp.ReportEvent, b, false, r.SPTSM.ReportEvent)
}
