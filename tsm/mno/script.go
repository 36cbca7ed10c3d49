package mno

import (
	"bytes"
	"context"
	"errors"

	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// SendScript implements tsmp.MNO: the SP-TSM's own commands or packets, which nobody
// here can read. Spec: SPEC-TSM-PROTOCOL-090, SPEC-MNO-TSM-056.
func (m *Manager) SendScript(ctx context.Context, call *tsmp.Call, b *tsmp.SendScriptRequest) (a *tsmp.ActionAnswer, err error) {
	err = m.serve(ctx, call, "script-ordered", row.Subject{Workflow: row.WorkflowID(b.Conversation)}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		w, c, err := talk(tx, call, b.Conversation)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		s, i, err := mine(tx, call, c.Reference)
		if err != nil {
			return err
		}
		if err := m.admitScript(tx, &w, &c, &s, &i, b); err != nil {
			return err
		}
		a, err = m.sendScript(tx, call, &w, &c, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// admitScript refuses a script that may not be sent; the conversation stays as it is.
func (m *Manager) admitScript(tx *store.Tx, w *row.Workflow, c *conversation, s *row.Service, i *instance, b *tsmp.SendScriptRequest) error {
	if err := current(tx, s, i); err != nil {
		return err
	}
	if !w.State.Live() || !tx.Now().Before(c.Until) {
		return tsmp.Refuse(tsmp.CodeConversationOver, "")
	}
	if c.Script != (row.WorkflowID{}) || b.Script != c.Last+1 {
		return tsmp.Refuse(tsmp.CodeScriptOrder, "")
	}
	if err := idle(s, i); err != nil {
		return err
	}
	if o := m.offer(s.Peer, s.Name); !bytes.Equal(b.AID, i.Domain) && (o == nil || !kind.Has(o.Instances, b.AID)) {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "")
	}
	if err := m.unshared(tx, s, &tsmp.SEOperation{AID: b.AID}); err != nil {
		return err
	}
	d := delivery.Script{Form: b.Form, AID: b.AID, Items: b.Commands}
	if d.Bearer() != c.Bearer {
		return &tsmp.Error{Code: tsmp.CodeMalformed, Path: "body/form", Detail: "want what goes by " + c.Bearer.String()}
	}
	var bad *delivery.ScriptError
	if err := d.Check(); errors.As(err, &bad) {
		return &tsmp.Error{Code: tsmp.CodeMalformed, Path: "body/commands", Detail: bad.Error()}
	}
	return nil
}

func (m *Manager) sendScript(tx *store.Tx, call *tsmp.Call, w *row.Workflow, c *conversation, b *tsmp.SendScriptRequest) (*tsmp.ActionAnswer, error) {
	a := &action{Sender: call.Sender, Call: call.ID, Reference: c.Reference, SE: c.SE, Bearer: c.Bearer, ExpectedBy: m.until(tx, c.Bearer),
		Relay: c.Relay, Conversation: w.ID, Script: b.Script}
	if a.ExpectedBy.After(c.Until) {
		a.ExpectedBy = c.Until
	}
	x := row.Workflow{ID: actionID(call), Kind: kindScript, Subject: row.SubjectID(c.Reference), State: row.WorkflowWaiting, Begun: tx.Now(),
		Next: a.ExpectedBy.Add(slack), Deadline: a.ExpectedBy.Add(slack)}
	if err := put(tx, &x, a); err != nil {
		return nil, err
	}
	c.Script = x.ID
	if err := put(tx, w, c); err != nil {
		return nil, err
	}
	if err := acting(tx, call, c.Reference); err != nil {
		return nil, err
	}
	_, err := m.engine.Start(tx, delivery.Job{ID: w.ID, SE: c.SE, Bearers: []tsmp.Bearer{c.Bearer},
		Script: delivery.Script{Form: b.Form, AID: b.AID, Items: b.Commands}, Deadline: a.ExpectedBy})
	return a.answer(), err
}

// scriptEnded takes what came of an SP-TSM's script.
func (m *Manager) scriptEnded(tx *store.Tx, w *row.Workflow, r *delivery.Result) error {
	var c conversation
	if err := codec.Decode(w.Data, &c); err != nil {
		return err
	}
	if c.Script == (row.WorkflowID{}) {
		return nil
	}
	if err := m.finishScript(tx, &c, r); err != nil {
		return err
	}
	return put(tx, w, &c)
}

// finishScript ends the script under way in a conversation, which the caller writes.
func (m *Manager) finishScript(tx *store.Tx, c *conversation, r *delivery.Result) error {
	w, found, err := store.Workflows.Get(tx, c.Script)
	if err != nil || !found {
		return err
	}
	a, err := actionOf(&w)
	if err != nil {
		return err
	}
	c.Script, c.Last = row.WorkflowID{}, a.Script
	if r.Outcome == tsmp.OutcomeDone || r.Outcome == tsmp.OutcomeRefused || len(r.Responses) > 0 {
		c.Ended++
	}
	x := &result{outcome: r.Outcome, responses: r.Responses, proofs: r.Proofs}
	if x.outcome == tsmp.OutcomeRefused {
		x.sw = lastStatus(r.Responses)
	}
	var state tsmp.ServiceState
	err = store.Services.Change(tx, a.Reference, func(s *row.Service) error {
		if s.Action == a.Call {
			s.Action = tsmp.CallID{}
		}
		s.LastAction, s.Outcome, state = a.Call, r.Outcome, s.State
		return nil
	})
	if err != nil {
		return err
	}
	if err := closed(tx, &w, a, r.Outcome); err != nil {
		return err
	}
	e := store.Event{Event: "script-ended", Actor: string(m.c.Party), Responsible: responsibleProvider + string(a.Sender),
		Subject: row.Subject{Service: a.Reference, SE: a.SE, Workflow: a.Conversation, Call: a.Call}}
	if r.Outcome != tsmp.OutcomeDone {
		e.Refused = r.Outcome.String()
	}
	if err := tx.Audit(e); err != nil {
		return err
	}
	return m.tellDone(tx, kindScript, a, x, state)
}

// lastStatus is the status word of the last response.
func lastStatus(responses [][]byte) iso7816.SW {
	if len(responses) == 0 || len(responses[len(responses)-1]) < 2 {
		return iso7816.NoPreciseDiagnosis
	}
	b := responses[len(responses)-1]
	return iso7816.SW(b[len(b)-2])<<8 | iso7816.SW(b[len(b)-1])
}
