package tsmp

import "context"

// Relay is what an SP-TSM and an MNO-TSM do for UI apps that carry their scripts.
// A ticket belongs to the app that uses it first. Spec: SPEC-TSM-PROTOCOL-104.
type Relay interface {
	FetchScript(context.Context, *Call, *FetchScriptRequest) (*FetchScriptAnswer, error)
	ReturnResponses(context.Context, *Call, *ReturnResponsesRequest) (*ReturnResponsesAnswer, error)
}

// RelayService serves scripts to UI apps.
func RelayService(r Relay) Service {
	return Service{
		FetchScript:     serve(r.FetchScript),
		ReturnResponses: serve(r.ReturnResponses),
	}
}

// RemoteRelay is a service manager behind a UI app's Caller: it implements Relay.
type RemoteRelay struct{ *Caller }

var _ Relay = RemoteRelay{}

// FetchScript implements Relay.
func (r RemoteRelay) FetchScript(ctx context.Context, about *Call, b *FetchScriptRequest) (*FetchScriptAnswer, error) {
	return call[*FetchScriptAnswer](ctx, r.Caller, FetchScript, about, b)
}

// ReturnResponses implements Relay.
func (r RemoteRelay) ReturnResponses(ctx context.Context, about *Call, b *ReturnResponsesRequest) (*ReturnResponsesAnswer, error) {
	return call[*ReturnResponsesAnswer](ctx, r.Caller, ReturnResponses, about, b)
}
