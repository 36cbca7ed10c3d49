package post

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// outcome is what came of an attempt.
type outcome struct {
	silent bool // there was no signed answer
	moved  bool // the message is out of its place, or another one there
}

// reason is why an attempt came to nothing, in the audit trail.
type reason string

const (
	noAnswer reason = "no signed answer"
	brokeOff reason = "broke off without a signed answer"
	endFails reason = "its end cannot be taken in"
)

// read fills in what a message asked.
func (e *Ended) read() (*tsmp.Request, error) {
	request, body, err := tsmp.ReadSealed(e.Message.Bytes)
	if err == nil {
		e.Function, e.Request = request.Function, body
	}
	return request, err
}

// deliver sends one message and takes in what comes of it.
func (p *Post) deliver(ctx context.Context, m *row.Message) (outcome, error) {
	e := &Ended{Message: *m}
	request, err := e.read()
	if err != nil {
		return outcome{}, err
	}
	if m.Deadline.Before(p.config.Now()) {
		e.GivenUp = true
		return outcome{moved: true}, p.end(ctx, e, nil)
	}
	caller, _ := p.config.Peer(Party(m.Key.Destination))
	signed, err := caller.Exchange(ctx, m.Bytes)
	if err == nil {
		_, e.Answer, err = caller.OpenRead(request, signed)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return outcome{}, ctx.Err()
	case errors.As(err, &e.Failure) && signed != nil:
	default:
		why := noAnswer
		if errors.Is(err, tsmp.ErrBrokenOff) {
			why = brokeOff
		}
		moved, err := p.failed(ctx, m, why)
		return outcome{silent: true, moved: moved}, err
	}
	e.Evidence = signed
	if e.Failure != nil {
		if entry, known := tsmp.LookupCode(e.Failure.Code); known && entry.Retry == tsmp.RetrySame {
			moved, err := p.failed(ctx, m, reason(e.Failure.Code))
			return outcome{moved: moved}, err
		}
	}
	p.answers(Party(m.Key.Destination))
	if e.Failure != nil && e.Failure.Code == tsmp.CodeExpired && m.Workflow == (row.WorkflowID{}) {
		return outcome{moved: true}, p.renew(ctx, caller, m, e)
	}
	return outcome{moved: true}, p.end(ctx, e, nil)
}

const (
	// outage is the number of attempts that a party which answers nobody is charged with.
	outage = 7
	// Tries is the number of attempts after which a message is given up that its party
	// leaves alone while it takes others.
	Tries = 24
	// patience is how long a party may ask for a message again later, when nothing else
	// is known of it.
	patience = 24 * time.Hour
)

// pauseAfter is the pause after so many attempts before.
func pauseAfter(attempts uint32) time.Duration {
	if attempts >= outage {
		return LongestPause
	}
	return min(FirstPause<<attempts, LongestPause)
}

// failed has a message sent again after a pause; with the last try it ends, and has
// moved. Spec: SPEC-POST-003, SPEC-POST-010.
func (p *Post) failed(ctx context.Context, m *row.Message, why reason) (moved bool, err error) {
	fault := p.atFault(m, why)
	if fault && m.Attempts+1 >= Tries {
		return true, p.giveUp(ctx, m, why)
	}
	pause := pauseAfter(m.Attempts)
	return false, p.step(ctx, m, func(tx *store.Tx) error {
		if !fault && m.Attempts >= outage {
			return store.Postpone(tx, m.Key, tx.Now().Add(pause))
		}
		return store.Attempt(tx, m.Key, tx.Now().Add(pause))
	})
}

// atFault tells whether it is the message that does not get through, rather than its
// party: the party has answered another one since the last attempt, or has refused
// this one, or broken off on it, for a day. Spec: SPEC-POST-010, SPEC-POST-014.
func (p *Post) atFault(m *row.Message, why reason) bool {
	if why == endFails {
		return true
	}
	if why != noAnswer && p.config.Now().Sub(m.At) >= patience {
		return true
	}
	since := m.At
	switch {
	case m.Attempts >= outage: // whether counted or not
		since = m.Next.Add(-LongestPause)
	case m.Attempts > 0:
		since = m.Next.Add(-pauseAfter(m.Attempts - 1))
	}
	other, ok := p.lastAnswer(Party(m.Key.Destination))
	return ok && !other.Before(since)
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

// end takes a message out of the outbox and tells its owner, in one step with what
// else there is to do; nil: nothing. Spec: SPEC-POST-004.
func (p *Post) end(ctx context.Context, e *Ended, also func(tx *store.Tx) error) error {
	return p.step(ctx, &e.Message, func(tx *store.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := store.RemoveMessage(tx, e.Message.Key); err != nil {
			return err
		}
		if p.config.Ended != nil {
			if err := p.config.Ended(ctx, tx, e); err != nil {
				return err
			}
		}
		return forget(tx, e.Message.Key.Destination)
	})
}
