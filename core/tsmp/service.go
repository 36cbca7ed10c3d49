package tsmp

import (
	"context"
	"errors"
	"maps"
	"time"
)

// Call is what surrounds a request's body: who asks, under which identifier, and
// the evidence.
type Call struct {
	ID       CallID
	Function Function
	Sender   PartyID
	Role     Role // of the sender
	Sent     time.Time
	// Validity is how long after Sent the recipient may begin with it.
	Validity time.Duration
	// Evidence is the signed request byte for byte; nil when it was never signed.
	Evidence []byte

	complete func(Body) ([]byte, error)
}

// Complete makes the signed answer of a call with this body, which a function then has to
// return: so that it can be kept in the step that does what the call asks for. It is for
// calls that a Handler executes. Spec: SPEC-TSM-PROTOCOL-045.
func (c *Call) Complete(b Body) ([]byte, error) {
	if c.complete == nil {
		return nil, errors.New("tsmp: a call without a handler has no signed answer")
	}
	return c.complete(b)
}

// CA is what a certificate authority does. Requests are well formed and
// authorised. An error is an *Error where the request is refused. The same call
// may come again after a crash: the identifier is to be kept in the commit that
// carries it out, and what was done is answered again. Spec: SPEC-TSM-PROTOCOL-043.
type CA interface {
	VerifyApplication(context.Context, *Call, *VerifyApplicationRequest) (*VerifyApplicationAnswer, error)
	PlaceOrder(context.Context, *Call, *PlaceOrderRequest) (*PlaceOrderAnswer, error)
	Issue(context.Context, *Call, *IssueRequest) (*IssueAnswer, error)
	Activate(context.Context, *Call, *ActivateRequest) (*ActivateAnswer, error)
	Revoke(context.Context, *Call, *RevokeRequest) (*StateAnswer, error)
	Suspend(context.Context, *Call, *SuspendRequest) (*StateAnswer, error)
	Resume(context.Context, *Call, *ResumeRequest) (*StateAnswer, error)
	OrderPINReset(context.Context, *Call, *OrderPINResetRequest) (*PlaceOrderAnswer, error)
	SealPINReset(context.Context, *Call, *SealPINResetRequest) (*SealPINResetAnswer, error)
	ReportErase(context.Context, *Call, *ReportEraseRequest) (*ReportEraseAnswer, error)
	GetCertificateStatus(context.Context, *Call, *GetCertificateStatusRequest) (*StateAnswer, error)
}

// Notified is what takes a certificate authority's notifications: an SP-TSM.
type Notified interface {
	HandleCertificateStateChangeNotification(context.Context, *Call, *HandleCertificateStateChangeNotificationRequest) (*Acknowledgement, error)
}

// Service is a set of functions that a party serves.
type Service map[Function]func(context.Context, *Call, Body) (Body, error)

// serve adapts a typed method. The body's type is the definition's.
func serve[Q, A Body](method func(context.Context, *Call, Q) (A, error)) func(context.Context, *Call, Body) (Body, error) {
	return func(ctx context.Context, call *Call, b Body) (Body, error) {
		answer, err := method(ctx, call, b.(Q))
		if err != nil {
			return nil, err
		}
		return answer, nil
	}
}

// CAService serves an authority's functions.
func CAService(ca CA) Service {
	return Service{
		VerifyApplication:    serve(ca.VerifyApplication),
		PlaceOrder:           serve(ca.PlaceOrder),
		Issue:                serve(ca.Issue),
		Activate:             serve(ca.Activate),
		Revoke:               serve(ca.Revoke),
		Suspend:              serve(ca.Suspend),
		Resume:               serve(ca.Resume),
		OrderPINReset:        serve(ca.OrderPINReset),
		SealPINReset:         serve(ca.SealPINReset),
		ReportErase:          serve(ca.ReportErase),
		GetCertificateStatus: serve(ca.GetCertificateStatus),
	}
}

// NotifiedService serves the functions that an authority calls.
func NotifiedService(n Notified) Service {
	return Service{HandleCertificateStateChangeNotification: serve(n.HandleCertificateStateChangeNotification)}
}

// Merge is one service of several. A later one with the same function wins.
func Merge(services ...Service) Service {
	all := Service{}
	for _, s := range services {
		maps.Copy(all, s)
	}
	return all
}
