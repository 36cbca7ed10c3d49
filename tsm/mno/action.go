package mno

import (
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// action is the data of a workflow that reaches a card.
type action struct {
	Sender     tsmp.PartyID // who ordered it; empty: the carrier itself
	Call       tsmp.CallID  // that began it
	Reference  tsmp.ServiceReference
	SE         tsmp.SEID
	Bearer     tsmp.Bearer   // 0: none reaches the SIM
	Bearers    []tsmp.Bearer // that may be used, the preferred one first; none: Bearer alone
	Turns      uint32        // how often it has gone over to another one
	Began      bool          // something may have reached the card by one of before
	ExpectedBy time.Time
	Relay      *tsmp.RelayAccess // nil: none
	Run        []byte            // of tsm/remote; nil: none
	Agreement  span              // of a deployment with an owner: the commands of the key agreement
	// Conversation and Script are those of a script of the SP-TSM's own.
	Conversation row.WorkflowID
	Script       uint64
}

// Format implements codec.Row.
func (*action) Format() string { return "action" }

// Version implements codec.Row.
func (*action) Version() byte { return 3 }

// Fields implements codec.Row.
func (a *action) Fields(f *codec.Fields) {
	codec.Text(f, "sender", &a.Sender)
	f.Raw("call", a.Call[:])
	f.Raw("reference", a.Reference[:])
	f.Raw("SE", a.SE[:])
	codec.Enum(f, "bearer", &a.Bearer, 0, tsmp.BearerRelay)
	codec.List(f, "bearers", &a.Bearers, func(f *codec.Fields, b *tsmp.Bearer) {
		codec.Enum(f, "bearer", b, tsmp.BearerSMS, tsmp.BearerRelay)
	})
	f.Uint32("turns", &a.Turns)
	f.Bool("began", &a.Began)
	f.Time("expected by", &a.ExpectedBy)
	relayFields(f, &a.Relay)
	f.Bytes("run", &a.Run)
	f.Uint32("agreement from", &a.Agreement.From)
	f.Uint32("agreement to", &a.Agreement.To)
	f.Raw("conversation", a.Conversation[:])
	f.Uint64("script", &a.Script)
}

// span is a part of the commands of a run: from the index From to before To.
type span struct{ From, To uint32 }

// none reports whether it is no part at all.
func (p span) none() bool { return p.From == p.To }

// of are the responses to that part, as far as there are any.
func (p span) of(responses [][]byte) [][]byte {
	n := uint32(len(responses))
	return responses[min(p.From, n):min(p.To, n)]
}

// relayFields is access to a relay, which may be absent.
func relayFields(f *codec.Fields, p **tsmp.RelayAccess) {
	there := *p != nil
	f.Bool("relay", &there)
	if !there {
		*p = nil
		return
	}
	if *p == nil {
		*p = new(tsmp.RelayAccess)
	}
	codec.Text(f, "relay party", &(*p).Party)
	f.Raw("relay ticket", (*p).Ticket[:])
	f.Time("relay until", &(*p).Until)
}

// answer is what the call that began the action is answered, each time.
func (a *action) answer() *tsmp.ActionAnswer {
	return &tsmp.ActionAnswer{ExpectedBy: a.ExpectedBy, Relay: a.Relay}
}

// put writes a workflow with its action.
func put(tx *store.Tx, w *row.Workflow, data codec.Row) (err error) {
	if w.Data, err = codec.Append(nil, data); err != nil {
		return err
	}
	w.Changed = tx.Now()
	return store.Workflows.Put(tx, w)
}

// actionOf reads a workflow's action.
func actionOf(w *row.Workflow) (*action, error) {
	a := new(action)
	return a, codec.Borrow(w.Data, a)
}

// whole is a time in whole seconds, as messages have it.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// end makes a workflow one that has ended.
func end(w *row.Workflow, state row.WorkflowState, failure string) {
	w.State, w.Failure, w.Next, w.Deadline = state, failure, time.Time{}, time.Time{}
}
