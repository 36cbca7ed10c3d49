package delivery

import (
	"context"
	"time"

	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// ReturnResponses implements tsmp.Relay. Spec: SPEC-DELIVERY-033, SPEC-DELIVERY-034, SPEC-DELIVERY-036,
// SPEC-DELIVERY-040, SPEC-TSM-PROTOCOL-104, SPEC-TSM-PROTOCOL-107.
func (e *Engine) ReturnResponses(ctx context.Context, call *tsmp.Call, b *tsmp.ReturnResponsesRequest) (*tsmp.ReturnResponsesAnswer, error) {
	var owner row.WorkflowID
	defer func() { e.answer(owner, -1) }()
	a, err := e.take(ctx, call, b, &owner)
	if err != nil || a.Script > 0 || a.End || e.config.Await == nil || !e.config.Await(ctx, owner) {
		return a, err
	}
	if after, err := e.after(ctx, call, b, &owner); err == nil {
		return after, nil
	}
	return a, ctx.Err()
}

// answer notes that one more answer to the app of an owner is being made, or one less:
// a script that is started meanwhile leaves with it.
func (e *Engine) answer(owner row.WorkflowID, more int) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.answering[owner] += more; e.answering[owner] <= 0 {
		delete(e.answering, owner)
	}
}

// take takes responses, unless the script has its own, and gives what comes next. owner
// is set, and noted by answer, once the ticket is known.
func (e *Engine) take(ctx context.Context, call *tsmp.Call, b *tsmp.ReturnResponsesRequest, owner *row.WorkflowID) (a *tsmp.ReturnResponsesAnswer, err error) {
	err = e.step(ctx, func(tx *store.Tx) error {
		w, c, err := e.byTicket(tx, call, b.Ticket)
		if err != nil {
			return err
		}
		if *owner == (row.WorkflowID{}) {
			*owner = c.Owner
			e.answer(c.Owner, 1)
		}
		number := uint64(c.Script)
		switch had := b.Script < number || b.Script == number && c.Given && !c.Active; { // it has its responses, or was given up
		case !had && (b.Script > number || !c.Given):
			return tsmp.Refuse(tsmp.CodeScriptOrder, "")
		case !had:
			if err := e.returned(ctx, tx, call, &w, &c, b); err != nil {
				return err
			}
		}
		a, err = e.next(tx, &w, &c, b.Script)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// after gives what has come since responses were taken: a script that was started
// meanwhile counts as given already, so that nothing is written.
func (e *Engine) after(ctx context.Context, call *tsmp.Call, b *tsmp.ReturnResponsesRequest, owner *row.WorkflowID) (a *tsmp.ReturnResponsesAnswer, err error) {
	given := true
	err = e.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		_, c, err := e.byTicket(s, call, b.Ticket)
		if err != nil {
			return err
		}
		a, given = following(&c, b.Script)
		given = !given || c.Given
		return nil
	})
	if err == nil && !given {
		return e.take(ctx, call, b, owner)
	}
	return a, err
}

// returned ends the job of a script by its responses; the channel is then as its owner
// has left it.
func (e *Engine) returned(ctx context.Context, tx *store.Tx, call *tsmp.Call, w *row.Workflow, c *channel, b *tsmp.ReturnResponsesRequest) error {
	r, err := responses(c, b)
	if err != nil {
		return err
	}
	event := store.Event{Actor: string(call.Sender), Subject: row.Subject{Call: call.ID}}
	if len(call.Evidence) > 0 && len(call.Evidence) <= store.MaxEvidence {
		event.Evidence = []store.Evidence{{Name: "responses", Bytes: call.Evidence}}
	}
	if err := e.endRelay(ctx, tx, w, c, r, event); err != nil {
		return err
	}
	left, found, err := readRow(tx, w.ID, kindChannel, c)
	if !found {
		*c = channel{}
	}
	*w = left
	return err
}

// next gives the script behind one that is done, if it is there, or says that none will
// come. Spec: SPEC-DELIVERY-038, SPEC-DELIVERY-039.
func (e *Engine) next(tx *store.Tx, w *row.Workflow, c *channel, done uint64) (*tsmp.ReturnResponsesAnswer, error) {
	a, there := following(c, done)
	if !there || c.Given {
		return a, nil
	}
	e.give(w, c)
	return a, writeRow(tx, w, c)
}

// following is the answer to responses to a script, and whether it has the next one.
func following(c *channel, done uint64) (a *tsmp.ReturnResponsesAnswer, there bool) {
	a = &tsmp.ReturnResponsesAnswer{End: c.Closed && !c.Active}
	if there = c.Active && done+1 == uint64(c.Script); there {
		a.Script, a.AID, a.Commands = uint64(c.Script), c.AID, c.Commands
	}
	return a, there
}

// give notes that an app has the script, and that it may take the hold with it.
// Spec: SPEC-DELIVERY-037.
func (e *Engine) give(w *row.Workflow, c *channel) {
	c.Given = true
	if c.Hold > 0 {
		c.Deadline = earlier(e.config.Now().Add(time.Duration(c.Hold)), w.Deadline)
		w.Next = c.Deadline
	}
	c.Account.Scripts++
	c.Account.Commands += uint64(len(c.Commands))
	c.Account.Down += size(c.Commands)
}

// responses is how a script ended by what the card answered.
func responses(c *channel, b *tsmp.ReturnResponsesRequest) (Result, error) {
	r := Result{Outcome: tsmp.OutcomeDone, Responses: b.Responses, Interrupted: b.Interrupted}
	n := len(b.Responses)
	good := n > 0 && success(b.Responses[n-1])
	switch {
	case n > len(c.Commands):
		return r, malformed("at most as many as commands")
	case b.Interrupted && n < len(c.Commands):
		r.Outcome, r.Began = tsmp.OutcomeUnreachable, true
	case n == 0 || n < len(c.Commands) && good:
		return r, malformed("responses up to the last command, or to one that failed")
	case !good:
		r.Outcome = tsmp.OutcomeRefused
	}
	c.Account.Responses += uint64(n)
	c.Account.Up += size(b.Responses)
	return r, nil
}

func malformed(detail string) error {
	return &tsmp.Error{Code: tsmp.CodeMalformed, Path: "body/responses", Detail: "want " + detail}
}

// success reports whether the card carried the command out: 9000, 61xx, a warning.
func success(response []byte) bool {
	if len(response) < 2 {
		return false
	}
	sw := iso7816.SW(response[len(response)-2])<<8 | iso7816.SW(response[len(response)-1])
	return sw.Normal() || sw.Warning()
}

// closeRelay ends the job of a channel, which stays open. Spec: SPEC-DELIVERY-035.
func (e *Engine) closeRelay(tx *store.Tx, w *row.Workflow, c *channel, r Result, event store.Event) (Result, error) {
	r.Bearer = tsmp.BearerRelay
	r.Began = r.Began || c.Given && (r.Outcome == tsmp.OutcomeUnreachable || r.Outcome == tsmp.OutcomeCancelled)
	c.Account.count(r.Outcome)
	r.Account = c.Account
	c.Active, c.AID, c.Commands, c.Deadline, c.Account = false, nil, nil, time.Time{}, Account{}
	w.Next = w.Deadline
	if err := writeRow(tx, w, c); err != nil {
		return r, err
	}
	if err := addTotals(tx, r.Account); err != nil {
		return r, err
	}
	event.Subject.SE, event.Subject.Workflow = c.SE, c.Owner
	if event.Actor == "" {
		event.Actor = e.config.Role.String()
	}
	return r, e.audit(tx, event, r)
}

// endRelay is closeRelay with the owner being told.
func (e *Engine) endRelay(ctx context.Context, tx *store.Tx, w *row.Workflow, c *channel, r Result, event store.Event) error {
	r, err := e.closeRelay(tx, w, c, r, event)
	if err != nil {
		return err
	}
	return e.config.Ended(ctx, tx, c.Owner, r)
}

// cancelRelay is Cancel of a job by relay.
func (e *Engine) cancelRelay(tx *store.Tx, id row.WorkflowID) (Result, bool, error) {
	w, c, found, err := channelOf(tx, id)
	if err != nil || !found || !c.Active {
		return Result{}, false, err
	}
	r, err := e.closeRelay(tx, &w, &c, Result{Outcome: tsmp.OutcomeCancelled}, store.Event{})
	return r, true, err
}
