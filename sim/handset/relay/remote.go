package relay

import (
	"context"
	"crypto/sha256"
	"time"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/tsmp"
)

// Remote is a Server behind the protocol of spec/TSM-PROTOCOL.md: who gave the ticket.
// Responses that are sent again are the same call.
type Remote struct {
	Party   tsmp.Relay
	Ticket  tsmp.Ticket
	Entropy entropy.Source // of call identifiers
	Now     func() time.Time
	// Sent is when responses were sent first: those that are sent again are the same call
	// to the byte. nil: they are another one each second, which is refused.
	Sent map[tsmp.CallID]time.Time
}

var _ Server = Remote{}

// Fetch implements Server.
func (r Remote) Fetch(ctx context.Context, done uint32) (Script, error) {
	call := &tsmp.Call{ID: tsmp.NewCallID(r.Entropy), Function: tsmp.FetchScript, Sent: r.Now().Truncate(time.Second)}
	a, err := r.Party.FetchScript(ctx, call, &tsmp.FetchScriptRequest{Ticket: r.Ticket, Done: uint64(done)})
	if err != nil {
		return Script{}, err
	}
	switch a.State {
	case tsmp.RelayEnd:
		return Script{Last: true}, nil
	case tsmp.RelayWait:
		return Script{Wait: time.Duration(a.Pause) * time.Second}, nil
	}
	aid, err := gp.NewAID(a.AID)
	return Script{Sequence: uint32(a.Script), AID: aid, Commands: a.Commands}, err
}

// Return implements Server.
func (r Remote) Return(ctx context.Context, script uint32, responses [][]byte, interrupted bool) (next Script, err error) {
	body := &tsmp.ReturnResponsesRequest{Ticket: r.Ticket, Script: uint64(script), Responses: responses, Interrupted: interrupted}
	encoded, err := tsmp.EncodeBody(body)
	if err != nil {
		return next, err
	}
	sum := sha256.Sum256(append([]byte("INKAN-RELAY-CALL-1"), encoded...))
	call := &tsmp.Call{ID: tsmp.CallID(sum[:16]), Function: tsmp.ReturnResponses, Sent: r.Now().Truncate(time.Second)}
	if first, again := r.Sent[call.ID]; again {
		call.Sent = first
	} else if r.Sent != nil {
		r.Sent[call.ID] = call.Sent
	}
	a, err := r.Party.ReturnResponses(ctx, call, body)
	if err != nil || a.Script == 0 {
		return Script{Last: err == nil && a.End}, err
	}
	aid, err := gp.NewAID(a.AID)
	return Script{Sequence: uint32(a.Script), AID: aid, Commands: a.Commands}, err
}
