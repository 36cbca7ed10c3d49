package mno

import (
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// conversation is the data of a channel for an SP-TSM's own scripts.
type conversation struct {
	Sender    tsmp.PartyID
	Reference tsmp.ServiceReference
	SE        tsmp.SEID
	Bearer    tsmp.Bearer
	Until     time.Time
	Relay     *tsmp.RelayAccess
	Ended     uint64         // scripts that were executed to some end
	Last      uint64         // number of the last script that ended
	Script    row.WorkflowID // under way; zero: none
	EndedAt   time.Time      // zero: it is open
}

// Format implements codec.Row.
func (*conversation) Format() string { return "conversation" }

// Version implements codec.Row.
func (*conversation) Version() byte { return 1 }

// Fields implements codec.Row.
func (c *conversation) Fields(f *codec.Fields) {
	codec.Text(f, "sender", &c.Sender)
	f.Raw("reference", c.Reference[:])
	f.Raw("SE", c.SE[:])
	codec.Enum(f, "bearer", &c.Bearer, tsmp.BearerSMS, tsmp.BearerRelay)
	f.Time("until", &c.Until)
	relayFields(f, &c.Relay)
	f.Uint64("ended", &c.Ended)
	f.Uint64("last", &c.Last)
	f.Raw("script", c.Script[:])
	f.Time("ended at", &c.EndedAt)
}

// answer is what BeginConversation answers, each time.
func (c *conversation) answer(id row.WorkflowID) *tsmp.BeginConversationAnswer {
	return &tsmp.BeginConversationAnswer{Conversation: tsmp.ConversationID(id), Bearer: c.Bearer, MaxBytes: tsmp.MaxScriptLen, Until: c.Until, Relay: c.Relay}
}

// BeginConversation implements tsmp.MNO. Spec: SPEC-MNO-TSM-055.
func (m *Manager) BeginConversation(ctx context.Context, call *tsmp.Call, b *tsmp.BeginConversationRequest) (a *tsmp.BeginConversationAnswer, err error) {
	err = m.serve(ctx, call, "conversation-begun", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		id := actionID(call)
		var c conversation
		if found, err := kept(tx, id, &c); err != nil || found {
			a = c.answer(id)
			return err
		}
		if err := first(idle(&s, &i), in(&s, tsmp.ServiceDeployed, tsmp.ServiceSuspended), current(tx, &s, &i)); err != nil {
			return err
		}
		sim, _, err := simOf(tx, s.SE)
		if err != nil {
			return err
		}
		c = conversation{Sender: call.Sender, Reference: s.Reference, SE: s.SE, Until: whole(tx.Now().Add(m.c.Policy.Conversation))}
		if c.Bearer, err = m.reach(tx, &sim, b.Bearers); err != nil {
			return err
		}
		if c.Bearer == 0 {
			return tsmp.Refuse(tsmp.CodeNoBearer, "")
		}
		if c.Bearer == tsmp.BearerRelay {
			if c.Relay, err = m.engine.Open(tx, id, s.SE, c.Until); err != nil {
				return err
			}
			c.Until = c.Relay.Until
		}
		a = c.answer(id)
		return m.open(tx, id, &c, i.Conversation)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// open writes a new conversation; one of before ends.
func (m *Manager) open(tx *store.Tx, id row.WorkflowID, c *conversation, before row.WorkflowID) error {
	if before != (row.WorkflowID{}) {
		if _, err := m.endConversation(tx, before, tsmp.OutcomeCancelled); err != nil {
			return err
		}
	}
	w := row.Workflow{ID: id, Kind: kindConversation, Subject: row.SubjectID(c.Reference), State: row.WorkflowWaiting, Begun: tx.Now(), Next: c.Until, Deadline: c.Until}
	if err := put(tx, &w, c); err != nil {
		return err
	}
	return changeService(tx, c.Reference, func(_ *row.Service, i *instance) error {
		i.Conversation = id
		return nil
	})
}

// talk is a conversation of the sender's.
func talk(r store.Reader, call *tsmp.Call, id tsmp.ConversationID) (w row.Workflow, c conversation, err error) {
	w, found, err := store.Workflows.Get(r, row.WorkflowID(id))
	if err != nil {
		return w, c, err
	}
	if !found || w.Kind != kindConversation {
		return w, c, tsmp.Refuse(tsmp.CodeUnknownConversation, "")
	}
	if err := codec.Decode(w.Data, &c); err != nil {
		return w, c, err
	}
	if c.Sender != call.Sender {
		return w, conversation{}, tsmp.Refuse(tsmp.CodeUnknownConversation, "")
	}
	return w, c, nil
}

// EndConversation implements tsmp.MNO. Spec: SPEC-MNO-TSM-057.
func (m *Manager) EndConversation(ctx context.Context, call *tsmp.Call, b *tsmp.EndConversationRequest) (a *tsmp.EndConversationAnswer, err error) {
	err = m.serve(ctx, call, "conversation-ended", row.Subject{Workflow: row.WorkflowID(b.Conversation)}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		w, _, err := talk(tx, call, b.Conversation)
		if err != nil {
			return err
		}
		c, err := m.endConversation(tx, w.ID, tsmp.OutcomeCancelled)
		if err == nil {
			a = &tsmp.EndConversationAnswer{EndedAt: whole(c.EndedAt), Scripts: c.Ended}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// endConversation ends a conversation that is open, and a script under way in it;
// one that has ended stays as it is.
func (m *Manager) endConversation(tx *store.Tx, id row.WorkflowID, outcome tsmp.Outcome) (c conversation, err error) {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil || !found {
		return c, err
	}
	if err := codec.Decode(w.Data, &c); err != nil || !w.State.Live() {
		return c, err
	}
	if c.Script != (row.WorkflowID{}) {
		r, _, err := m.engine.Cancel(tx, id)
		if err != nil {
			return c, err
		}
		r.Outcome = outcome
		if err := m.finishScript(tx, &c, &r); err != nil {
			return c, err
		}
	}
	if err := m.engine.Close(tx, id); err != nil {
		return c, err
	}
	c.EndedAt = tx.Now()
	end(&w, row.WorkflowDone, "")
	if err := put(tx, &w, &c); err != nil {
		return c, err
	}
	return c, changeService(tx, c.Reference, func(_ *row.Service, i *instance) error {
		if i.Conversation == id {
			i.Conversation = row.WorkflowID{}
		}
		return nil
	})
}
