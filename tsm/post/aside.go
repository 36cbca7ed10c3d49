package post

import (
	"context"
	"errors"
	"strings"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Events in the audit trail about letters that nobody took.
const (
	EventGivenUp   = "message-given-up"
	EventSetAside  = "message-set-aside"
	EventReleased  = "message-released"
	EventDiscarded = "message-discarded"
)

// ErrNotAside is an operator's decision about a message that was not set aside.
var ErrNotAside = errors.New("post: the message was not set aside")

// giveUp ends the tries of a letter. The workflow that waits for it is told; what
// nobody waits for is set aside, and is an operator's. Spec: SPEC-POST-010,
// SPEC-POST-011.
func (p *Post) giveUp(ctx context.Context, m *row.Message, why reason) error {
	if m.Workflow != (row.WorkflowID{}) && why != endFails {
		err := p.finish(ctx, m, why)
		if err == nil || ctx.Err() != nil {
			return err
		}
		why = endFails // not even that can be taken in
	}
	return p.step(ctx, m, func(tx *store.Tx) error {
		if err := errors.Join(p.note(tx, EventSetAside, m, why), store.RemoveMessage(tx, m.Key), forget(tx, m.Key.Destination)); err != nil {
			return err
		}
		aside := *m
		aside.Key.Destination += asideMark
		aside.Attempts, aside.Next = m.Attempts+1, row.Never
		return store.Enqueue(tx, &aside)
	})
}

// finish tells the owner that a letter was given up.
func (p *Post) finish(ctx context.Context, m *row.Message, why reason) error {
	e := &Ended{Message: *m, GivenUp: true}
	if _, err := e.read(); err != nil {
		return err
	}
	return p.end(ctx, e, func(tx *store.Tx) error { return p.note(tx, EventGivenUp, m, why) })
}

// note writes an entry about a letter that its party did not take.
func (p *Post) note(tx *store.Tx, event string, m *row.Message, why reason) error {
	e := store.Event{Event: event, Refused: string(why), Actor: string(p.config.Tenant.Name()), Responsible: string(Party(m.Key.Destination)),
		Subject: row.Subject{Call: m.Call, Workflow: m.Workflow}, Evidence: []store.Evidence{{Name: "request", Bytes: m.Bytes}}}
	if why == endFails {
		e.Responsible = e.Actor
	}
	return tx.Audit(e)
}

// Left is a letter that was set aside.
type Left struct {
	Message  row.Message
	To       tsmp.PartyID
	Function tsmp.Function
	// Since and Why are when and why it was set aside, from the audit trail.
	Since time.Time
	Why   string
}

// AllAside walks over the letters that were set aside, by destination.
// Spec: SPEC-POST-013.
func AllAside(r store.Reader, do func(*Left) error) error {
	return store.Messages.Scan(r, func(m *row.Message) error {
		if !Aside(m.Key.Destination) {
			return nil
		}
		e := &Ended{Message: *m}
		if _, err := e.read(); err != nil {
			return err
		}
		l := &Left{Message: *m, To: Party(m.Key.Destination), Function: e.Function}
		err := store.EntriesOf(r, row.SubjectID(m.Call), func(e *row.Entry) error {
			if e.Event == EventSetAside {
				l.Since, l.Why = e.At, e.Refused
			}
			return nil
		})
		if err != nil {
			return err
		}
		return do(l)
	})
}

// Release puts a letter that was set aside at the end of its lane again, on an
// operator's decision. Spec: SPEC-POST-012.
func Release(tx *store.Tx, key row.MessageKey, operator string) error {
	m, err := takeAside(tx, key, EventReleased, operator)
	if err != nil {
		return err
	}
	m.Key.Destination = strings.TrimSuffix(key.Destination, asideMark)
	m.Attempts, m.Next = 0, tx.Now()
	return store.Enqueue(tx, &m)
}

// Discard removes a letter that was set aside, on an operator's decision.
// Spec: SPEC-POST-012.
func Discard(tx *store.Tx, key row.MessageKey, operator string) error {
	_, err := takeAside(tx, key, EventDiscarded, operator)
	return err
}

func takeAside(tx *store.Tx, key row.MessageKey, event, operator string) (m row.Message, err error) {
	m, found, err := store.Messages.Get(tx, key)
	switch {
	case err != nil:
		return m, err
	case !found || !Aside(key.Destination):
		return m, ErrNotAside
	}
	err = tx.Audit(store.Event{Event: event, Actor: operator, Responsible: operator, Subject: row.Subject{Call: m.Call},
		Evidence: []store.Evidence{{Name: "request", Bytes: m.Bytes}}})
	return m, errors.Join(err, store.RemoveMessage(tx, key), forget(tx, key.Destination))
}
