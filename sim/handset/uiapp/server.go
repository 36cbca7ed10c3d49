package uiapp

import (
	"context"
	"fmt"
	"time"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
)

// Server is the service as the app has it: the SP-TSM's side for the UI app. Errors are
// *tsmp.Error where a request is refused, else failures of the way to it. The same
// request may come again, and is answered the same.
type Server interface {
	// Begin opens an application. With it the one-time code gets to this phone.
	Begin(context.Context, *BeginRequest) (*BeginAnswer, error)
	// Submit brings the signed application.
	Submit(context.Context, *SubmitRequest) (*SubmitAnswer, error)
	// Progress tells how far the service is with an application.
	Progress(context.Context, *ProgressRequest) (*ProgressAnswer, error)
	// Report tells the service what happened to the phone.
	Report(context.Context, *ReportRequest) (*ReportAnswer, error)
}

// ID is a nonce, an identifier of a SIM, or a service instance.
type ID = [application.IDLen]byte

// BeginRequest says what is applied for.
type BeginRequest struct {
	Purpose  application.Purpose
	SIM      ID     // that the phone reads: content of EF ICCID, zeros behind
	Device   string // GetDeviceCapabilityProfileId
	Instance ID     // with all purposes but Issue: which one
}

// BeginAnswer is what the application has to have.
type BeginAnswer struct {
	Nonce  ID
	Code   application.Code // of purposes Issue and Transfer; zero else
	Roles  jpki.Role        // of purposes Issue and Transfer
	Origin jpki.Origin      // likewise
	// Order is of purpose PINReset: the order that waits on the card.
	Order application.OrderProof
	// Presence is the card's statement, where the service wants one.
	Presence *application.Presence
	Until    time.Time // the application has to be submitted before
}

// Format prints no code, whatever the verb.
func (a BeginAnswer) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "application %X", a.Nonce[:6]) }

// MarshalText is what Format prints.
func (a BeginAnswer) MarshalText() ([]byte, error) { return fmt.Append(nil, a), nil }

// SubmitRequest is the signed application: CMS SignedData.
type SubmitRequest struct {
	Nonce       ID
	Application []byte
}

// SubmitAnswer says that it was taken, and for which service instance.
type SubmitAnswer struct{ Instance ID }

// Stage is what the service is doing.
type Stage byte

// Stages, in their order; Refused is the end of any.
const (
	Checking Stage = iota + 1
	Preparing
	Loading
	Personalising
	Activating
	Finished
	Refused
)

// ProgressRequest asks about an application.
type ProgressRequest struct{ Nonce ID }

// ProgressAnswer is how far it is.
type ProgressAnswer struct {
	Stage       Stage
	Done, Total int    // parts of the stage; Total 0: not known
	Relay       gp.AID // domain that waits for scripts by the app's relay; zero: none
	Reply       []byte // sealed, once the card is ready; nil: none
	Refusal     *tsmp.Error
}

// Event is what happened to the phone.
type Event byte

// Events.
const (
	PhoneLost Event = iota + 1
	PINSet
	Disposed
)

// ReportRequest tells of an event.
type ReportRequest struct {
	Instance ID
	Event    Event
}

// ReportAnswer says that it was recorded.
type ReportAnswer struct{}
