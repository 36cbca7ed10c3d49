package post

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Pauses between attempts: the first, doubled each time up to the longest.
const (
	FirstPause   = 5 * time.Second
	LongestPause = 10 * time.Minute
)

// round is how many messages one Work sends.
const round = 64

// Work sends what is due, the first message of each party, and takes in the
// answers. more: something was ended, so that the next in its queue may be due
// now. A party that does not answer is no error. The error is that of ends that
// could not be taken in: those messages wait as if no answer had come, and keep no
// other party's from being sent. Spec: SPEC-POST-002, SPEC-POST-006.
func (p *Post) Work(ctx context.Context) (more bool, err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	due, err := p.due(ctx)
	if err != nil {
		return false, err
	}
	var failed error
	for i := range due {
		ended, err := p.deliver(ctx, &due[i])
		if ctx.Err() != nil {
			return more, ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, err, p.later(ctx, &due[i]))
		}
		more = more || ended && err == nil
	}
	return more, failed
}

var errRound = errors.New("enough")

func (p *Post) due(ctx context.Context) (due []row.Message, err error) {
	err = p.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueMessages(s, p.config.Now(), func(m *row.Message) error {
			if _, ok := p.config.Peer(tsmp.PartyID(m.Key.Destination)); ok {
				due = append(due, *m)
			}
			if len(due) == round {
				return errRound
			}
			return nil
		})
	})
	if errors.Is(err, errRound) {
		err = nil
	}
	return due, err
}

// deliver sends one message and takes in what comes of it; ended: it is out of the
// outbox.
func (p *Post) deliver(ctx context.Context, m *row.Message) (ended bool, err error) {
	request, body, err := tsmp.ReadSealed(m.Bytes)
	if err != nil {
		return false, err
	}
	e := &Ended{Message: *m, Function: request.Function, Request: body}
	if m.Deadline.Before(p.config.Now()) {
		e.GivenUp = true
		return true, p.end(ctx, e)
	}
	caller, _ := p.config.Peer(tsmp.PartyID(m.Key.Destination))
	signed, err := caller.Exchange(ctx, m.Bytes)
	if err == nil {
		_, e.Answer, err = caller.Open(m.Bytes, signed)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.As(err, &e.Failure) && signed != nil:
	default:
		return false, p.later(ctx, m)
	}
	e.Evidence = signed
	if e.Failure != nil {
		if entry, known := tsmp.LookupCode(e.Failure.Code); known && entry.Retry == tsmp.RetrySame {
			return false, p.later(ctx, m)
		}
		if e.Failure.Code == tsmp.CodeExpired && m.Workflow == (row.WorkflowID{}) {
			return true, p.renew(ctx, caller, m, e)
		}
	}
	return true, p.end(ctx, e)
}

// later has a message sent again after a pause. Spec: SPEC-POST-003.
func (p *Post) later(ctx context.Context, m *row.Message) error {
	pause := LongestPause
	if m.Attempts < 7 {
		pause = min(FirstPause<<m.Attempts, LongestPause)
	}
	return p.step(ctx, m, func(tx *store.Tx) error {
		return store.Attempt(tx, m.Key, tx.Now().Add(pause))
	})
}

// renew seals the same body as a new call in the same place: the call of before was
// never executed, and will not be. Spec: SPEC-POST-005.
func (p *Post) renew(ctx context.Context, c *tsmp.Caller, m *row.Message, e *Ended) error {
	return p.step(ctx, m, func(tx *store.Tx) error {
		id := tsmp.NewCallID(p.config.Entropy)
		sealed, err := seal(c, id, e.Function, e.Request, tx.Now(), m.Deadline)
		if err != nil {
			return err
		}
		return store.Renew(tx, m.Key, id, sealed, tx.Now())
	})
}

// end takes a message out of the outbox and tells its owner, in one step.
// Spec: SPEC-POST-004.
func (p *Post) end(ctx context.Context, e *Ended) error {
	return p.step(ctx, &e.Message, func(tx *store.Tx) error {
		if err := store.RemoveMessage(tx, e.Message.Key); err != nil {
			return err
		}
		if p.config.Ended == nil {
			return nil
		}
		return p.config.Ended(ctx, tx, e)
	})
}

// step does something with a message that is still there: it may have been
// cancelled while it was under way.
func (p *Post) step(ctx context.Context, m *row.Message, do func(tx *store.Tx) error) error {
	return p.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		now, found, err := store.MessagesByCall.First(tx, m.Call)
		if err != nil || !found || now.Key != m.Key {
			return err
		}
		return do(tx)
	})
}
