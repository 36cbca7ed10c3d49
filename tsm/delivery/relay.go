package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// MaxTicket is the longest time of a ticket.
const MaxTicket = 24 * time.Hour

var _ tsmp.Relay = (*Engine)(nil)

// Open makes the relay channel of an owner within its step, before it has a script: one
// ticket for all of its jobs until a time, at most MaxTicket from now. Where there is
// one already, its access is returned and nothing changes. Spec: SPEC-DELIVERY-030.
func (e *Engine) Open(tx *store.Tx, id row.WorkflowID, se tsmp.SEID, until time.Time) (*tsmp.RelayAccess, error) {
	w, c, err := e.open(tx, id, se, until)
	if err != nil {
		return nil, err
	}
	return e.access(&w, &c), nil
}

// Access is the access to an owner's channel once more; false: there is none, or its
// time is over.
func (e *Engine) Access(r store.Reader, id row.WorkflowID) (*tsmp.RelayAccess, bool, error) {
	w, c, found, err := channelOf(r, id)
	if err != nil || !found {
		return nil, false, err
	}
	return e.access(&w, &c), true, nil
}

// Close says within the owner's step that nothing more comes by its channel: an app
// that asks hears so until the ticket's time is over. A job under way on it is
// cancelled without a word. Without a channel nothing is done.
func (e *Engine) Close(tx *store.Tx, id row.WorkflowID) error {
	w, c, found, err := channelOf(tx, id)
	if err != nil || !found {
		return err
	}
	if c.Active {
		if _, err := e.closeRelay(tx, &w, &c, Result{Outcome: tsmp.OutcomeCancelled}, store.Event{}); err != nil {
			return err
		}
	}
	c.Closed = true
	return writeRow(tx, &w, &c)
}

func (e *Engine) access(w *row.Workflow, c *channel) *tsmp.RelayAccess {
	return &tsmp.RelayAccess{Party: e.config.Party, Ticket: c.Ticket, Until: w.Deadline}
}

// channelOf is the channel of an owner.
func channelOf(r store.Reader, owner row.WorkflowID) (w row.Workflow, c channel, found bool, err error) {
	if w, found, err = store.WorkflowsOf.First(r, channelSubject(owner)); err != nil || !found {
		return w, c, false, err
	}
	w, found, err = decodeRow(w, kindChannel, &c)
	return w, c, found, err
}

func (e *Engine) open(tx *store.Tx, id row.WorkflowID, se tsmp.SEID, until time.Time) (row.Workflow, channel, error) {
	w, c, found, err := channelOf(tx, id)
	if err != nil || found {
		return w, c, err
	}
	now := tx.Now()
	until = until.UTC().Truncate(time.Second)
	if last := now.Add(MaxTicket).Truncate(time.Second); until.After(last) {
		until = last
	}
	if !until.After(now) {
		return w, c, fmt.Errorf("delivery: want a ticket's end after now, got %v", until)
	}
	c = channel{Owner: id, SE: se}
	e.mutex.Lock()
	e.draw.Fill(c.Ticket[:])
	e.mutex.Unlock()
	w = row.Workflow{ID: channelID(c.Ticket), Kind: kindChannel, Subject: channelSubject(id), State: row.WorkflowWaiting, Begun: now, Next: until, Deadline: until}
	return w, c, writeRow(tx, &w, &c)
}

// startRelay puts a script into the owner's channel. An app that never fetched the
// script before does not hear of it: this one has its number.
func (e *Engine) startRelay(tx *store.Tx, j *Job) (*tsmp.RelayAccess, error) {
	until := j.Deadline
	if j.Ticket > 0 {
		until = tx.Now().Add(j.Ticket)
	}
	w, c, err := e.open(tx, j.ID, j.SE, until)
	switch {
	case err != nil:
		return nil, err
	case c.Active:
		return e.access(&w, &c), ErrRunning
	case c.Closed:
		return nil, errors.New("delivery: the channel is closed")
	case c.SE != j.SE:
		return nil, errors.New("delivery: the channel is another SIM's")
	case !j.Deadline.After(tx.Now()):
		return nil, fmt.Errorf("delivery: want a deadline after now, got %v", j.Deadline)
	}
	if c.Script == 0 || c.Given {
		c.Script++
	}
	c.Active, c.Given, c.AID, c.Commands, c.Account = true, false, j.Script.AID, j.Script.Items, Account{}
	if c.Deadline = j.Deadline; c.Deadline.After(w.Deadline) {
		c.Deadline = w.Deadline
	}
	c.Hold = uint64(max(j.Hold, 0))
	w.Next = c.Deadline
	e.mutex.Lock()
	answered := c.Bound && e.answering[j.ID] > 0
	e.mutex.Unlock()
	if answered {
		e.give(&w, &c)
	}
	return e.access(&w, &c), writeRow(tx, &w, &c)
}

// FetchScript implements tsmp.Relay. Spec: SPEC-DELIVERY-031, SPEC-DELIVERY-032, SPEC-DELIVERY-037,
// SPEC-TSM-PROTOCOL-104, SPEC-TSM-PROTOCOL-107.
func (e *Engine) FetchScript(ctx context.Context, call *tsmp.Call, b *tsmp.FetchScriptRequest) (a *tsmp.FetchScriptAnswer, err error) {
	changed := false
	err = e.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		w, c, err := e.byTicket(s, call, b.Ticket)
		if err == nil {
			a, changed, err = e.fetch(&w, &c, call, b)
		}
		return err
	})
	if err != nil || !changed {
		return a, err
	}
	err = e.step(ctx, func(tx *store.Tx) error {
		w, c, err := e.byTicket(tx, call, b.Ticket)
		if err != nil {
			return err
		}
		if a, changed, err = e.fetch(&w, &c, call, b); err != nil || !changed {
			return err
		}
		return writeRow(tx, &w, &c)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// byTicket is the channel of a ticket that this app may use.
func (e *Engine) byTicket(r store.Reader, call *tsmp.Call, t tsmp.Ticket) (w row.Workflow, c channel, err error) {
	w, found, err := readRow(r, channelID(t), kindChannel, &c)
	switch {
	case err != nil:
		return w, c, err
	case !found, !e.config.Now().Before(w.Deadline), c.Bound && c.App != call.Sender:
		return w, c, tsmp.Refuse(tsmp.CodeUnknownTicket, "")
	}
	return w, c, nil
}

// fetch is the answer to an app, and whether the channel changes by it.
func (e *Engine) fetch(w *row.Workflow, c *channel, call *tsmp.Call, b *tsmp.FetchScriptRequest) (a *tsmp.FetchScriptAnswer, changed bool, err error) {
	before := b.Done+1 == uint64(c.Script)
	if !before && (c.Active || b.Done != uint64(c.Script)) {
		return nil, false, tsmp.Refuse(tsmp.CodeScriptOrder, "")
	}
	changed = !c.Bound
	c.Bound, c.App = true, call.Sender
	switch {
	case c.Active:
		if !c.Given {
			changed = true
			e.give(w, c)
		}
		a = &tsmp.FetchScriptAnswer{State: tsmp.RelayScript, Script: uint64(c.Script), AID: c.AID, Commands: c.Commands}
	case c.Closed:
		a = &tsmp.FetchScriptAnswer{State: tsmp.RelayEnd}
	default:
		a = &tsmp.FetchScriptAnswer{State: tsmp.RelayWait, Pause: uint64(e.config.Policy.Pause / time.Second)}
	}
	return a, changed, nil
}

func size(list [][]byte) (n uint64) {
	for _, b := range list {
		n += uint64(len(b))
	}
	return n
}
